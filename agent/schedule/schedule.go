// Package schedule says when the agent works: at once when it starts, and
// then at the interval that the server names, scattered so that a fleet that
// was switched on at eight does not come all at once at a quarter past.
package schedule

import (
	"context"
	"math/rand/v2"
	"time"
)

// Work collects and delivers once. It should end by the time it is given,
// when the next round is due, and returns the interval to the round after.
type Work func(ctx context.Context, due time.Time) (interval time.Duration)

// Loop does work at once and again at each interval, until ctx ends. Intervals
// run from start to start. The context of work ends when the next round is
// due, so that an agent without a server still looks at its device.
func Loop(ctx context.Context, interval time.Duration, work Work) {
	for ctx.Err() == nil {
		began := time.Now()
		due := began.Add(Scatter(interval))
		round, cancel := context.WithDeadline(ctx, due)
		if named := work(round, due); named != interval {
			interval = named
			due = began.Add(Scatter(interval))
		}
		cancel()
		pause := time.NewTimer(time.Until(due))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
	}
}

// Scatter gives an interval that differs from the given one by up to a tenth.
func Scatter(interval time.Duration) time.Duration {
	tenth := int64(interval / 10)
	return interval + time.Duration(rand.Int64N(2*tenth+1)-tenth)
}
