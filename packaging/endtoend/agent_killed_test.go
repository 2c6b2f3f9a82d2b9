package endtoend_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/agent/durable"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

const (
	spoolerEnv = "HOLDFAST_ENDTOEND_SPOOLER" // folder: the test program is then an agent that only spools
	serverEnv  = "HOLDFAST_ENDTOEND_SERVER"
)

// spoolForEver is an agent whose server is away: each round changes its device
// and goes to the spool. It prints the rounds that are on disk, and goes on
// from the last one when it is started again.
func spoolForEver(folder, server string) int {
	counter := filepath.Join(folder, "round")
	last, err := os.ReadFile(counter) //nolint:gosec // our own folder
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	round, _ := strconv.Atoi(string(last)) //nolint:errcheck // "" is round 0
	d, err := open(filepath.Join(folder, "state"), server, "unused")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for ; ; round++ {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond) // there is no server
		err := d.Deliver(ctx, parts(0, round), time.Now())
		cancel()
		if err == nil {
			fmt.Fprintln(os.Stderr, "delivered to a server that is away")
			return 1
		}
		// Both orders are right: a round that is spooled again changes nothing.
		if err := durable.WriteFile(counter, []byte(strconv.Itoa(round+1))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Fprintln(os.Stdout, round)
	}
}

// The agent is killed again and again while it spools. What it had on disk
// reaches the server, once and in order.
func TestAgentKilledWhileItSpoolsLosesNothing(t *testing.T) {
	const kills, each = 6, 5 // well below what the spool holds
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			s := newServer(t, dialect)
			s.start()
			key := s.key()
			folder := t.TempDir()
			state := filepath.Join(folder, "state")

			// Enrolled and known, then the server goes away.
			d, err := open(state, s.url(), key)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Deliver(t.Context(), parts(0, 0), time.Now()); err != nil {
				t.Fatal(err)
			}
			s.kill()
			last := 0
			for range kills {
				last = spoolUntilKilled(t, folder, s.url(), each)
			}
			if last < kills*(each-1) {
				t.Fatalf("only %d rounds were spooled", last)
			}

			s.start()
			if d, err = open(state, s.url(), key); err != nil {
				t.Fatal(err)
			}
			final := last + 2 // beyond a round that was spooled but not yet printed
			if err := d.Deliver(t.Context(), parts(0, final), time.Now()); err != nil {
				t.Fatal(err)
			}
			expectRounds(t, s.db, last, final)
		})
	}
}

// spoolUntilKilled runs the spooling agent, kills it once it has printed so
// many rounds, and gives the last one.
func spoolUntilKilled(t *testing.T, folder, server string, rounds int) (last int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // ourselves
	child.Env = append(os.Environ(), spoolerEnv+"="+folder, serverEnv+"="+server)
	child.Stderr = os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	for range rounds {
		if !lines.Scan() {
			t.Fatalf("the agent ended by itself: %v", lines.Err())
		}
		last = whole(t, strings.TrimSpace(lines.Text()))
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it had printed before it died
		last = whole(t, strings.TrimSpace(lines.Text()))
	}
	child.Wait() //nolint:errcheck // it was killed
	return last
}

// expectRounds checks that the server knows each round up to last once and in
// order, perhaps the one that was being spooled, and the final one.
func expectRounds(t *testing.T, db *store.DB, last, final int) {
	t.Helper()
	got := history(t, db, 0)
	if len(got) == 0 || got[len(got)-1] != final {
		t.Fatalf("the server knows the rounds %v, the final one is %d", got, final)
	}
	got = got[:len(got)-1]
	if len(got) > 0 && got[len(got)-1] == last+1 {
		got = got[:len(got)-1]
	}
	if want := upTo(last); !slices.Equal(got, want) {
		t.Errorf("the server knows the rounds %v, want each up to %d once", got, last)
	}
}
