// Package simulate is a fleet of made-up devices that speaks to a server as
// real agents do: for pilots, so that the pages show a body of a size that
// people know, and for load tests. What a device has follows from a seed and
// its number alone, so that two runs show the same fleet, and changes in the
// course of time as real devices do.
//
// It uses the real messages of the protocol and nothing beside them. The
// requests are written before the clock starts and sent over a few connections
// that stay open, because in a load test the fleet runs on the processors that
// the server needs.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Options say what fleet to simulate.
type Options struct {
	Server      string    // address of the server, such as https://holdfast.example.org
	Key         string    // enrolment key
	Devices     int       // how many devices
	Titles      int       // how many titles a device has, on average
	Seed        uint64    // what all chance follows from
	Connections int       // how many requests may be under way at once
	Changes     float64   // how many changes happen to a device in a day, on average
	Version     string    // version of the agent that the devices claim to run
	Epoch       time.Time // the present of the fleet
}

// device is what the fleet keeps of one device; the rest is made when wanted.
type device struct {
	credential string
	digest     string // of the state that the server has acknowledged
	changes    int
}

// Fleet is a simulated fleet. Its methods must not be called at the same time.
type Fleet struct {
	options Options
	world   *world
	target  target
	devices []device
}

// New makes a fleet that has yet to enrol.
func New(options Options) (*Fleet, error) {
	if options.Devices < 1 || options.Connections < 1 || options.Titles < 1 {
		return nil, errors.New("simulate: devices, connections and titles must be at least 1")
	}
	target, err := parseTarget(options.Server, options.Version)
	if err != nil {
		return nil, err
	}
	return &Fleet{
		options: options, target: target,
		world:   newWorld(options.Seed, options.Titles, options.Epoch),
		devices: make([]device, options.Devices),
	}, nil
}

// Devices is how many devices the fleet has.
func (f *Fleet) Devices() int { return len(f.devices) }

// Enrol enrols the devices that have no credential yet.
func (f *Fleet) Enrol(ctx context.Context, watch *Watch) error {
	var fresh []int
	for i := range f.devices {
		if f.devices[i].credential == "" {
			fresh = append(fresh, i)
		}
	}
	defer watch.since(time.Now(), Enrolment)
	return f.each(ctx, fresh, func(ctx context.Context, c *connection, number int) error {
		return f.enrol(ctx, c, number, watch)
	})
}

// batch is how many reports are written before they are sent: enough that
// the writing does not show in the sending, little enough to hold in memory.
const batch = 10_000

// Report sends the first full report of each device that has sent none.
func (f *Fleet) Report(ctx context.Context, watch *Watch) error {
	var fresh []int
	for i := range f.devices {
		if f.devices[i].digest == "" {
			fresh = append(fresh, i)
		}
	}
	for len(fresh) > 0 {
		numbers := fresh[:min(batch, len(fresh))]
		fresh = fresh[len(numbers):]
		written, err := f.write(ctx, numbers)
		if err != nil {
			return err
		}
		began := time.Now()
		err = f.each(ctx, numbers, func(ctx context.Context, c *connection, number int) error {
			return f.deliver(ctx, c, number, written[number], watch)
		})
		watch.since(began, Announcement, Delivery)
		if err != nil {
			return err
		}
	}
	return nil
}

// Checkin lets the devices check in one after another, as fast as the server
// answers, until the time is over.
func (f *Fleet) Checkin(ctx context.Context, lasting time.Duration, watch *Watch) error {
	requests := make([][]byte, len(f.devices))
	for i := range f.devices {
		requests[i] = f.checkinRequest(&f.devices[i])
	}
	ctx, cancel := context.WithTimeout(ctx, lasting)
	defer cancel()
	defer watch.since(time.Now(), Checkin)
	err := f.endless(ctx, func(ctx context.Context, c *connection, number int) error {
		return f.checkin(ctx, c, number, requests[number], watch)
	})
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil
	}
	return err
}

// failure says which device could not do what.
func failure(number int, what string, err error) error {
	return fmt.Errorf("device %d: %s: %w", number, what, err)
}
