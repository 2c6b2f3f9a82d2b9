// Command bench measures what Holdfast costs, on this machine, and prints a
// table beside the budgets. Server, database and the simulated fleet share its
// processors. Both databases keep every promise while they are measured: what
// is acknowledged is on the disk.
//
//	go run ./packaging/bench [-devices 5000] [-checkins 20s] [-only agent,month,sqlite,postgres]
//	go run ./packaging/bench -only estate-sqlite,estate-postgres [-estate 100000]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// plan is what to measure.
type plan struct {
	devices     int
	titles      int
	checkins    time.Duration
	connections int
	simulated   int
	estate      int
	programs    string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var p plan
	flags.IntVar(&p.devices, "devices", 5000, "how many devices the fleet has")
	flags.IntVar(&p.titles, "titles", 300, "how many titles a device has, on average")
	flags.DurationVar(&p.checkins, "checkins", 20*time.Second, "how long the fleet checks in")
	flags.IntVar(&p.connections, "connections", 128, "how many requests are under way at once")
	flags.StringVar(&p.programs, "programs", "bin", "folder of the two programs")
	flags.IntVar(&p.simulated, "simulated", 2000, "over how many devices a month of noise passes")
	flags.IntVar(&p.estate, "estate", 100_000, "how many devices the estate has whose pages are measured")
	only := flags.String("only", "agent,month,sqlite,postgres", "what to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	machine, err := describeMachine()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n%d devices with %d titles each, %d requests at once; fleet, server and database on the same processors;\nPostgreSQL with fsync and synchronous_commit on, SQLite with synchronous=FULL\n\n",
		machine, p.devices, p.titles, p.connections)
	fmt.Fprintf(out, row, "", "measured", "budget", "")
	for _, part := range []struct {
		name    string
		measure func(context.Context, plan, *table) error
	}{
		{"agent", measureAgent},
		{"month", measureMonth},
		{"sqlite", measureSQLite},
		{"postgres", measurePostgres},
		{"estate-sqlite", measureEstateSQLite},
		{"estate-postgres", measureEstatePostgres},
	} {
		if !slices.Contains(strings.Split(*only, ","), part.name) {
			continue
		}
		if err := errors.Join(part.measure(ctx, p, &table{out: out, part: part.name}), ctx.Err()); err != nil {
			return fmt.Errorf("measure %s: %w", part.name, err)
		}
	}
	return nil
}

const row = "%-50s %14s  %-16s %s\n"

// table writes a line for each figure as soon as it is known.
type table struct {
	out  io.Writer
	part string
}

// atMost writes a figure that should not pass its budget; 0 means none.
func (t *table) atMost(what string, measured, budget float64, unit string) {
	t.line(what, measured, budget, unit, "at most", measured <= budget)
}

// atLeast writes a figure that should reach its budget.
func (t *table) atLeast(what string, measured, budget float64, unit string) {
	t.line(what, measured, budget, unit, "at least", measured >= budget)
}

// none writes a count that should be 0.
func (t *table) none(what string, count int) {
	verdict := "met"
	if count > 0 {
		verdict = "MISSED"
	}
	fmt.Fprintf(t.out, row, t.part+": "+what, number(float64(count)), "none", verdict)
}

// figure writes a figure without a budget.
func (t *table) figure(what string, measured float64, unit string) {
	t.line(what, measured, 0, unit, "", true)
}

func (t *table) line(what string, measured, budget float64, unit, bound string, met bool) {
	limit, verdict := "", ""
	if budget > 0 {
		limit = bound + " " + number(budget)
		verdict = "met"
		if !met {
			verdict = "MISSED"
		}
	}
	fmt.Fprintf(t.out, row, t.part+": "+what, number(measured)+" "+unit, limit, verdict)
}

func number(value float64) string {
	switch {
	case value >= 100 || value == float64(int64(value)):
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
		return fmt.Sprintf("%.1f", value)
	case value >= 0.1:
		return fmt.Sprintf("%.2f", value)
	}
	return fmt.Sprintf("%.4f", value)
}
