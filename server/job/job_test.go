package job_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"holdfast/server/job"
)

func TestJobRunsAtStartAndThenAtItsTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Hour)
		defer cancel()
		var runs atomic.Int32
		var first time.Duration
		begun := time.Now()
		job.Run(ctx, slog.New(slog.DiscardHandler), nil, job.Job{Name: "count", Every: time.Hour, Run: func(context.Context) error {
			if runs.Add(1) == 1 {
				first = time.Since(begun)
			}
			return nil
		}})
		if first != 0 {
			t.Errorf("the first run came after %s", first)
		}
		if got := runs.Load(); got < 10 || got > 12 {
			t.Errorf("%d runs in ten hours", got)
		}
	})
}

func TestFailureAndPanicDoNotEndAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var outcomes []job.Outcome
		runs := 0
		job.Run(ctx, slog.New(slog.DiscardHandler), func(o job.Outcome) { outcomes = append(outcomes, o) },
			job.Job{Name: "rough", Every: time.Minute, Run: func(context.Context) error {
				runs++
				switch runs {
				case 1:
					return errors.New("no")
				case 2:
					panic("worse")
				case 4:
					cancel()
				}
				return nil
			}})
		if len(outcomes) != 3 || outcomes[0].Err == nil || outcomes[1].Err == nil || outcomes[2].Err != nil {
			t.Errorf("outcomes are %+v", outcomes)
		}
	})
}

func TestRunWaitsForTheJobThatIsAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		ended := false
		job.Run(ctx, slog.New(slog.DiscardHandler), nil, job.Job{Name: "slow", Every: time.Hour, Run: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Second) //nolint:forbidigo // in the bubble of synctest no time passes
			ended = true
			return ctx.Err()
		}})
		if !ended {
			t.Error("Run did not wait")
		}
	})
}
