// Package job runs the periodic work of the server: each job once at start and
// then again and again, with some jitter so that several servers do not work
// in step. Run owns the goroutines and waits for them.
//
// A job must be safe to run on several servers at once and to be cut short by
// its context. It is for housekeeping that may be late; work that must happen
// goes through an outbox.
package job

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// Job is one piece of periodic work.
type Job struct {
	Name  string
	Every time.Duration // from the end of one run to the start of the next, give or take a tenth
	Run   func(context.Context) error
}

// Outcome is how one run of a job went.
type Outcome struct {
	Name string
	Took time.Duration
	Err  error
}

// Run runs the jobs until ctx ends, and returns when all have stopped. A job
// that fails is logged and tried again at its next time; observe, which may be
// nil, learns of every run.
func Run(ctx context.Context, log *slog.Logger, observe func(Outcome), jobs ...Job) {
	var running sync.WaitGroup
	for _, each := range jobs {
		running.Go(func() { each.repeat(ctx, log, observe) })
	}
	running.Wait()
}

func (j Job) repeat(ctx context.Context, log *slog.Logger, observe func(Outcome)) {
	for ctx.Err() == nil {
		begun := time.Now()
		err := j.once(ctx)
		took := time.Since(begun)
		switch {
		case ctx.Err() != nil:
			return // cut short by the stop, which is no failure
		case err != nil:
			log.ErrorContext(ctx, "job failed", "job", j.Name, "took", took, "error", err)
		default:
			log.DebugContext(ctx, "job done", "job", j.Name, "took", took)
		}
		if observe != nil {
			observe(Outcome{j.Name, took, err})
		}
		select {
		case <-ctx.Done():
		case <-time.After(jitter(j.Every)):
		}
	}
}

// once makes a panic an error, so that no job ends the server.
func (j Job) once(ctx context.Context) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v\n%s", reason, debug.Stack())
		}
	}()
	return j.Run(ctx)
}

func jitter(every time.Duration) time.Duration {
	return time.Duration(float64(every) * (0.9 + 0.2*rand.Float64()))
}
