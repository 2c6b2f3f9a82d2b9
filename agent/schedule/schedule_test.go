package schedule_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"holdfast/agent/schedule"
)

func TestFirstRoundIsAtOnceAndTheNextFollowTheServersInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var starts []time.Time
		began := time.Now()
		schedule.Loop(ctx, 15*time.Minute, func(context.Context, time.Time) time.Duration {
			starts = append(starts, time.Now())
			if len(starts) == 4 {
				cancel()
			}
			return time.Hour // the server slows us down in its first answer
		})
		if !starts[0].Equal(began) {
			t.Errorf("the first round is %v after the start", starts[0].Sub(began))
		}
		for i := 1; i < len(starts); i++ {
			if gap := starts[i].Sub(starts[i-1]); gap < 54*time.Minute || gap > 66*time.Minute {
				t.Errorf("round %d comes after %v, want an hour within a tenth", i, gap)
			}
		}
	})
}

func TestARoundEndsWhenTheNextIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		rounds := 0
		began := time.Now()
		schedule.Loop(ctx, 10*time.Minute, func(round context.Context, due time.Time) time.Duration {
			if rounds++; rounds == 3 {
				cancel()
			}
			<-round.Done() // a server that never answers
			if rounds < 3 && !time.Now().Equal(due) {
				t.Errorf("the round ends at %v, want %v", time.Now(), due)
			}
			return 10 * time.Minute
		})
		if took := time.Since(began); took < 18*time.Minute || took > 22*time.Minute {
			t.Errorf("two rounds took %v", took)
		}
	})
}

func TestLoopStopsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(time.Minute, cancel)
		schedule.Loop(ctx, time.Hour, func(context.Context, time.Time) time.Duration { return time.Hour })
		if took := time.Since(began); took != time.Minute {
			t.Errorf("the loop ends %v after the start, want a minute", took)
		}
	})
}

func TestScatterStaysWithinATenth(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 1000 {
		got := schedule.Scatter(time.Hour)
		if got < 54*time.Minute || got > 66*time.Minute {
			t.Fatalf("an hour becomes %v", got)
		}
		seen[got] = true
	}
	if len(seen) < 900 {
		t.Errorf("a thousand devices share %d times", len(seen))
	}
	if got := schedule.Scatter(0); got != 0 {
		t.Errorf("nothing becomes %v", got)
	}
}
