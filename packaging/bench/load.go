package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"holdfast/agent/simulate"
	"holdfast/server/store/storetest/cluster"
)

// budget is what one kind of database should reach.
type budget struct{ reports, checkins, kilobytes float64 }

// database is what the measurement needs to know of a database.
type database struct {
	url    string
	pids   []int // of the processes that work for it, with their children
	budget budget
}

// address is where the database of a server is.
func (d database) address(s *server) string {
	if d.url == "" {
		return "sqlite:" + filepath.Join(s.data, "holdfast.db")
	}
	return d.url
}

func measureSQLite(ctx context.Context, p plan, t *table) error {
	return measure(ctx, p, t, database{budget: budget{reports: 400, checkins: 5000}})
}

func measurePostgres(ctx context.Context, p plan, t *table) (err error) {
	server, err := cluster.Start(ctx, cluster.Options{Durable: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	pid, err := server.PID()
	if err != nil {
		return err
	}
	return measure(ctx, p, t, database{
		url: server.URL("postgres"), pids: []int{pid}, budget: budget{reports: 600, checkins: 10_000, kilobytes: 50},
	})
}

// measure lets a fleet report to a new server on an empty database.
func measure(ctx context.Context, p plan, t *table, d database) (err error) {
	s, err := startServer(ctx, p, d.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	d.pids = append(d.pids, s.cmd.Process.Pid)
	key, err := s.command(ctx, "enrolment", "create", "--name", "bench")
	if err != nil {
		return err
	}
	fleet, err := simulate.New(simulate.Options{
		Server: s.url(), Key: key, Devices: p.devices, Titles: p.titles, Seed: 1, Connections: p.connections,
		Version: "bench", Epoch: time.Now(),
	})
	if err != nil {
		return err
	}
	var watch simulate.Watch
	err = load(ctx, t, d, &watch, []step{
		{"enrolments", simulate.Enrolment, 0, 0, func() error { return fleet.Enrol(ctx, &watch) }},
		{"first full reports", simulate.Delivery, d.budget.reports, 3, func() error { return fleet.Report(ctx, &watch) }},
	})
	if err != nil {
		return err
	}
	if err := measureSize(ctx, p, t, s, d); err != nil {
		return err
	}
	err = load(ctx, t, d, &watch, []step{
		{"unchanged check-ins", simulate.Checkin, d.budget.checkins, 0, func() error { return fleet.Checkin(ctx, p.checkins, &watch) }},
	})
	if err != nil {
		return err
	}
	if err := measurePages(ctx, t, s); err != nil {
		return err
	}
	if err := measureWire(ctx, p, t, s, key); err != nil {
		return err
	}
	if err := measureThread(ctx, t, s, key, d); err != nil {
		return err
	}
	now, peak, err := memoryOf(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	t.figure("server, resident memory after all this", now, "MiB")
	t.figure("server, peak memory", peak, "MiB")
	return nil
}

// step is something that the whole fleet does.
type step struct {
	what   string
	kind   simulate.Kind
	budget float64 // least a second
	each   float64 // most processor time of one, in ms
	do     func() error
}

// load lets the fleet do one step after another.
func load(ctx context.Context, t *table, d database, watch *simulate.Watch, steps []step) error {
	for _, step := range steps {
		before, err := d.processorTime()
		if err != nil {
			return err
		}
		if err := step.do(); err != nil {
			return err
		}
		after, err := d.processorTime()
		if err != nil {
			return err
		}
		count := watch.Count(step.kind)
		if count.Failed > 0 || count.Later > 0 {
			return fmt.Errorf("%s: %d failed, %d were told to come later", step.what, count.Failed, count.Later)
		}
		t.atLeast(step.what, count.Rate(), step.budget, "/s")
		t.atMost(step.what+", server and database CPU", (after-before).Seconds()*1000/float64(count.Done), step.each, "ms")
		t.figure(step.what+", answer p50", ms(count.P50), "ms")
		t.figure(step.what+", answer p95", ms(count.P95), "ms")
		t.figure(step.what+", answer p99", ms(count.P99), "ms")
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (d database) processorTime() (time.Duration, error) {
	var total time.Duration
	for _, pid := range d.pids {
		used, err := processorTime(pid)
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}
