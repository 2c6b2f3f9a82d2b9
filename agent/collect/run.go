package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// atOnce is how many collectors run beside one another: enough to hide the
// waits of one behind the work of another, few enough that the person at the
// machine does not notice.
const atOnce = 2

// Run runs the collectors on h, each for at most deadline, and gives their
// parts of the report in the same order. It never fails: how each collector
// ended stands in its part.
//
// A collector that ignores its deadline, because a read hangs in the kernel,
// is left behind: its part says timed out and nothing waits for it.
func Run(ctx context.Context, h host.Host, collectors []Collector, deadline time.Duration) []report.Part {
	parts := make([]report.Part, len(collectors))
	slots := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i, collector := range collectors {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			parts[i] = part(ctx, h, collector, deadline)
		})
	}
	running.Wait()
	return parts
}

// result is what a collector gave.
type result struct {
	section report.Section
	err     error
}

// part runs one collector and writes down how it ended.
func part(ctx context.Context, h host.Host, collector Collector, deadline time.Duration) report.Part {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	began := time.Now()
	results := make(chan result, 1)
	go func() { results <- guarded(ctx, h, collector) }()
	var got result
	select {
	case got = <-results:
	case <-ctx.Done():
		got.err = ctx.Err()
	}
	part := written(collector.Section(), got)
	part.TookMS = time.Since(began).Milliseconds()
	return part
}

// guarded runs one collector and turns its panic into an error.
func guarded(ctx context.Context, h host.Host, collector Collector) (got result) {
	defer func() {
		if reason := recover(); reason != nil {
			got = result{err: fmt.Errorf("the collector broke down: %v", reason)}
		}
	}()
	section, err := collector.Collect(ctx, h)
	return result{section, err}
}

func written(name string, got result) report.Part {
	part := report.Part{Name: name}
	part.Outcome, part.Detail = outcome(got.err)
	if part.Outcome == report.Absent {
		got.section = nil
	}
	if got.section != nil {
		facts, err := json.Marshal(got.section)
		if err != nil {
			part.Outcome, part.Detail = report.Failed, fmt.Sprintf("the facts cannot be written: %v", err)
			got.section = nil
		} else {
			part.Facts = facts
		}
	}
	part.Hash = report.Hash(part.Outcome, got.section)
	return part
}

// outcome says how a collection ended, with the reason for a person.
func outcome(err error) (report.Outcome, string) {
	switch {
	case err == nil:
		return report.OK, ""
	case errors.Is(err, ErrAbsent):
		return report.Absent, ""
	case errors.Is(err, context.DeadlineExceeded):
		return report.TimedOut, "took longer than allowed"
	case errors.Is(err, fs.ErrPermission):
		return report.Denied, err.Error()
	}
	return report.Failed, err.Error()
}
