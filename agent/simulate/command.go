package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Command is the simulate command: its flags, and what it does.
type Command struct {
	Server        string        `help:"Address of the server, such as https://holdfast.example.org." required:"" placeholder:"URL"`
	EnrolmentKey  string        `help:"Enrolment key, as the page Enrolment or \"holdfast enrolment create\" gives it." placeholder:"KEY"`
	Devices       int           `help:"How many devices to make up." default:"1000"`
	Titles        int           `help:"How many titles a device has, on average." default:"300"`
	Seed          uint64        `help:"What the fleet follows from: the same seed gives the same devices." default:"1"`
	Connections   int           `help:"How many requests may be under way at once." default:"32"`
	Rate          float64       `help:"Check-ins a second by all devices together, instead of when the server tells them to." xor:"pace" placeholder:"N"`
	FlatOut       bool          `help:"Check in as fast as the server answers, with nothing new." xor:"pace"`
	Duration      time.Duration `help:"How long to go on after the first reports; without it until Ctrl-C." placeholder:"TIME"`
	ChangesPerDay float64       `help:"How many changes happen to a device in a day, on average." default:"3"`
	State         string        `help:"Keep the fleet in this file, and continue from it." placeholder:"FILE"`
}

// Do enrols the fleet, sends its first reports and lets it check in. It shows
// on out how far it is, and at the end how long the answers took.
func (c *Command) Do(ctx context.Context, version string, out io.Writer) (err error) {
	options := Options{
		Server: c.Server, Key: c.EnrolmentKey, Devices: c.Devices, Titles: c.Titles, Seed: c.Seed,
		Connections: c.Connections, Changes: c.ChangesPerDay, Version: version, Epoch: time.Now(),
	}
	fleet, err := c.fleet(options)
	if err != nil {
		return err
	}
	if c.State != "" {
		defer func() { err = errors.Join(err, fleet.Save(c.State)) }()
	}
	progress := newProgress(out)
	watch := &Watch{}
	steps := []struct {
		what string
		kind Kind
		of   int
		do   func(context.Context) error
	}{
		{"enrolling", Enrolment, fleet.pending(func(d *device) bool { return d.credential == "" }), func(ctx context.Context) error { return fleet.Enrol(ctx, watch) }},
		{"reporting", Delivery, fleet.pending(func(d *device) bool { return d.digest == "" }), func(ctx context.Context) error { return fleet.Report(ctx, watch) }},
		{"checking in", Checkin, 0, func(ctx context.Context) error { return c.goOn(ctx, fleet, watch) }},
	}
	for _, step := range steps {
		if err = progress.during(ctx, step.what, watch, step.kind, step.of, step.do); err != nil || ctx.Err() != nil {
			break
		}
	}
	writeTable(out, watch)
	return err
}

func (c *Command) fleet(options Options) (*Fleet, error) {
	if c.State != "" {
		return Load(c.State, options)
	}
	return New(options)
}

// pending counts the devices of which something is true.
func (f *Fleet) pending(is func(*device) bool) int {
	count := 0
	for i := range f.devices {
		if is(&f.devices[i]) {
			count++
		}
	}
	return count
}

// goOn is what the fleet does after its first reports.
func (c *Command) goOn(ctx context.Context, fleet *Fleet, watch *Watch) error {
	lasting := c.Duration
	if lasting == 0 {
		lasting = 365 * 24 * time.Hour
	}
	if c.FlatOut {
		return fleet.Checkin(ctx, lasting, watch)
	}
	ctx, cancel := context.WithTimeout(ctx, lasting)
	defer cancel()
	return fleet.Run(ctx, c.Rate, watch)
}

// writeTable writes what was seen of each kind of request.
func writeTable(out io.Writer, watch *Watch) {
	fmt.Fprintf(out, "\n%-10s %10s %8s %8s %10s %9s %9s %9s\n", "request", "done", "failed", "later", "a second", "p50 ms", "p95 ms", "p99 ms")
	for _, kind := range Kinds() {
		count := watch.Count(kind)
		if count.Done+count.Failed == 0 {
			continue
		}
		fmt.Fprintf(out, "%-10s %10d %8d %8d %10.1f %9.2f %9.2f %9.2f\n", kind, count.Done, count.Failed, count.Later,
			count.Rate(), ms(count.P50), ms(count.P95), ms(count.P99))
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
