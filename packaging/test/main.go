// Command test runs every test of the repository as "make test" does: with one
// PostgreSQL for all packages, and with a count at the end that says how much
// was tried. A test that skips counts as failed, because it shows nothing.
//
//	go run ./packaging/test [-check COMMAND]... [-fuzz 2s] [-fuzz-only] [package...]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"holdfast/server/store/storetest"
	"holdfast/server/store/storetest/cluster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "test:", err)
		os.Exit(1)
	}
}

var errFailed = errors.New("there were failures")

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	fuzz := flags.Duration("fuzz", 0, "time to spend on each fuzz target after the tests")
	only := flags.Bool("fuzz-only", false, "run the fuzz targets and no tests")
	var checks []string
	flags.Func("check", "a command that must succeed as well, such as \"make lint\"; may be repeated", func(command string) error {
		checks = append(checks, command)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	packages := flags.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}

	start := time.Now()
	total := newTally(out)
	for _, command := range checks {
		if err := check(ctx, command, total); err != nil {
			return err
		}
	}
	if !*only {
		if err := test(ctx, packages, total); err != nil {
			return err
		}
	}
	if *fuzz > 0 {
		if err := fuzzAll(ctx, packages, *fuzz, total); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\n%s in %s\n", total.summary(), time.Since(start).Round(time.Second))
	if !total.good() {
		return errFailed
	}
	return nil
}

// check runs a command and counts it as one test.
func check(ctx context.Context, command string, total *tally) error {
	began := time.Now()
	words := strings.Fields(command)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	output, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		fmt.Fprintf(total.out, "%s\n", output)
		total.fail(command, err.Error())
		return nil
	}
	total.passed++
	fmt.Fprintf(total.out, "ok   %-50s %18.1f s\n", command, time.Since(began).Seconds())
	return nil
}

// test runs go test on the packages, with a PostgreSQL that all of them share.
func test(ctx context.Context, packages []string, total *tally) (err error) {
	server, err := cluster.Start(ctx, cluster.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	// Two packages at a time: more only compete for the PostgreSQL and the
	// browser, and make tests with real programs slow enough to time out.
	args := append([]string{"test", "-json", "-p", "2", "-timeout", "30m"}, packages...)
	return goTest(ctx, args, []string{storetest.ServerVariable + "=" + server.URL("postgres")}, total)
}

// goTest runs the go command and counts what it reports.
func goTest(ctx context.Context, args, environment []string, total *tally) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run go test: %w", err)
	}
	if err := errors.Join(total.read(output), ctx.Err()); err != nil {
		return errors.Join(err, cmd.Wait())
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("run go test: %w", err)
	}
	if exit != nil && total.good() {
		total.fail("go test", "ended with "+exit.String())
	}
	return nil
}
