package simulate

import (
	"context"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// mostFailures is how many devices may fail before the fleet gives up: some
// do when a server is stopped and started under load, and that is no reason
// to stop a pilot; all of them do when the address is wrong.
const mostFailures = 100

// failures collects what went wrong with single devices.
type failures struct {
	mutex sync.Mutex
	first error
	count int
}

// add gives the first error once there are too many.
func (f *failures) add(err error) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.first == nil {
		f.first = err
	}
	if f.count++; f.count > mostFailures {
		return f.first
	}
	return nil
}

// each does work for the given devices, over all connections.
func (f *Fleet) each(ctx context.Context, numbers []int, work func(context.Context, *connection, int) error) error {
	var next atomic.Int64
	return f.pool(ctx, func(ctx context.Context, c *connection, failed *failures) error {
		for ctx.Err() == nil {
			at := int(next.Add(1)) - 1
			if at >= len(numbers) {
				return nil
			}
			if err := work(ctx, c, numbers[at]); err != nil && ctx.Err() == nil {
				if err := failed.add(err); err != nil {
					return err
				}
			}
		}
		return ctx.Err()
	})
}

// endless does work for all devices in turn until ctx ends.
func (f *Fleet) endless(ctx context.Context, work func(context.Context, *connection, int) error) error {
	var next atomic.Int64
	return f.pool(ctx, func(ctx context.Context, c *connection, failed *failures) error {
		for ctx.Err() == nil {
			number := int((next.Add(1) - 1) % int64(len(f.devices)))
			if err := work(ctx, c, number); err != nil && ctx.Err() == nil {
				if err := failed.add(err); err != nil {
					return err
				}
			}
		}
		return ctx.Err()
	})
}

// pool runs one worker for each connection. What single devices could not do
// is an error at the end.
func (f *Fleet) pool(ctx context.Context, worker func(context.Context, *connection, *failures) error) error {
	var failed failures
	workers, ctx := errgroup.WithContext(ctx)
	for range min(f.options.Connections, len(f.devices)) {
		workers.Go(func() error {
			c := &connection{target: &f.target}
			defer c.close()
			return worker(ctx, c, &failed)
		})
	}
	if err := workers.Wait(); err != nil {
		return err
	}
	return failed.first
}
