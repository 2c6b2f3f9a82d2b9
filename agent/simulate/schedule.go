package simulate

import (
	"container/heap"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"holdfast/shared/protocol"
)

// turn is when a device is to check in next.
type turn struct {
	at     time.Time
	number int
}

// turns is a heap of turns, the next one first.
type turns []turn

// Len implements heap.Interface.
func (t turns) Len() int { return len(t) }

// Less implements heap.Interface.
func (t turns) Less(a, b int) bool { return t[a].at.Before(t[b].at) }

// Swap implements heap.Interface.
func (t turns) Swap(a, b int) { t[a], t[b] = t[b], t[a] }

// Push implements heap.Interface.
func (t *turns) Push(x any) { *t = append(*t, x.(turn)) } //nolint:forcetypeassert // only turns are pushed

// Pop implements heap.Interface.
func (t *turns) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

// Run lets the devices check in when the server tells them to, or perSecond
// of them together each second if that is not 0, until ctx ends. In between,
// things happen to them.
func (f *Fleet) Run(ctx context.Context, perSecond float64, watch *Watch) error {
	began := time.Now()
	defer watch.since(began, Checkin)
	every := 15 * time.Minute // until the server says otherwise
	if perSecond > 0 {
		every = time.Duration(float64(len(f.devices)) / perSecond * float64(time.Second))
	}
	waiting := make(turns, 0, len(f.devices))
	for number := range f.devices { // in order, so it is a heap already
		waiting = append(waiting, turn{began.Add(every * time.Duration(number) / time.Duration(len(f.devices))), number})
	}
	due := make(chan turn)
	done := make(chan turn, f.options.Connections)
	dispatched := make(chan struct{})
	go func() {
		defer close(dispatched)
		defer close(due)
		dispatch(ctx, waiting, due, done)
	}()
	err := f.pool(ctx, func(ctx context.Context, c *connection, failed *failures) error {
		for now := range due {
			interval, err := f.round(ctx, c, now.number, every, watch)
			if err != nil && ctx.Err() == nil {
				if err := failed.add(err); err != nil {
					return err
				}
			}
			if perSecond > 0 || interval == 0 {
				interval = every
			}
			select {
			case done <- turn{now.at.Add(interval), now.number}:
			case <-ctx.Done():
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		<-dispatched
		return nil
	}
	return errors.Join(err, errors.New("the fleet stopped before its time"))
}

// dispatch hands each device to a worker when its turn comes, and takes it
// back with its next turn.
func dispatch(ctx context.Context, waiting turns, due chan<- turn, done <-chan turn) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var ready chan<- turn // nil while nobody's turn has come
		var next turn
		if len(waiting) > 0 {
			next = waiting[0]
			if wait := time.Until(next.at); wait > 0 {
				timer.Reset(wait)
			} else {
				ready = due
			}
		}
		select {
		case <-ctx.Done():
			return
		case again := <-done:
			heap.Push(&waiting, again)
		case ready <- next:
			heap.Pop(&waiting)
		case <-timer.C:
		}
	}
}

// round is one check-in of a device, with what happened to it since the last.
func (f *Fleet) round(ctx context.Context, c *connection, number int, every time.Duration, watch *Watch) (time.Duration, error) {
	d := &f.devices[number]
	if rand.Float64() < f.options.Changes*every.Hours()/24 {
		d.changes++
		return 0, f.tell(ctx, c, number, watch)
	}
	var answer protocol.CheckedIn
	if err := watch.timed(ctx, c, Checkin, f.checkinRequest(d), &answer); err != nil {
		return 0, failure(number, "check in", err)
	}
	if answer.Resend || len(answer.Want) > 0 {
		return 0, f.tell(ctx, c, number, watch)
	}
	return time.Duration(answer.Next) * time.Second, nil
}
