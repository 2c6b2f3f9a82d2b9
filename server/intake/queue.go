package intake

import (
	"context"
	"sync/atomic"

	"holdfast/server/fault"
)

// queue gathers what waits into batches.
type queue[T waiter] struct {
	waiting chan T
	most    int // in one batch
}

// waiter is a request that waits for its batch.
type waiter interface {
	device() int32
	left() bool // the caller does not wait any more
}

func newQueue[T waiter](room, most int) *queue[T] {
	return &queue[T]{waiting: make(chan T, room), most: most}
}

// put adds a request. Fault: Unavailable when the queue is full.
func (q *queue[T]) put(one T) error {
	select {
	case q.waiting <- one:
		return nil
	default:
		return fault.NewUnavailable(retryAfter)
	}
}

// serve hands batches to work until ctx ends, and then the rest to refuse. A
// batch holds at most one request of each device; a second one waits for the
// next. Nobody waits for a batch to fill: it is what came during the last one.
func (q *queue[T]) serve(ctx context.Context, work func(ctx context.Context, batch []T), refuse func(T)) {
	var batch, later []T
	devices := map[int32]bool{}
	add := func(one T) {
		switch {
		case one.left():
		case devices[one.device()] || len(batch) == q.most:
			later = append(later, one)
		default:
			devices[one.device()] = true
			batch = append(batch, one)
		}
	}
	for {
		batch = batch[:0]
		clear(devices)
		held := later
		later = nil
		for _, one := range held {
			add(one)
		}
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
				q.drain(refuse)
				return
			case one := <-q.waiting:
				add(one)
			}
		}
		for more := true; more && len(batch)+len(later) < q.most; {
			select {
			case one := <-q.waiting:
				add(one)
			default:
				more = false
			}
		}
		if len(batch) > 0 {
			work(context.WithoutCancel(ctx), batch)
		}
	}
}

func (q *queue[T]) drain(refuse func(T)) {
	for {
		select {
		case one := <-q.waiting:
			refuse(one)
		default:
			return
		}
	}
}

// wait is the part of a request that waits for its batch.
type wait struct {
	done chan struct{}
	err  error
	gone atomic.Bool
}

func newWait() wait { return wait{done: make(chan struct{})} }

func (w *wait) left() bool { return w.gone.Load() }

// finish answers the request. The batch that holds it calls it once.
func (w *wait) finish(err error) {
	w.err = err
	close(w.done)
}

// until waits for the answer, for the caller to go away, or for the server to
// stop. Fault: Unavailable when it stops.
func (w *wait) until(ctx context.Context, stopped <-chan struct{}) error {
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		w.gone.Store(true)
		return ctx.Err()
	case <-stopped: // nobody answers any more, but the last batch may just have
		select {
		case <-w.done:
			return w.err
		default:
			return fault.NewUnavailable(retryAfter)
		}
	}
}
