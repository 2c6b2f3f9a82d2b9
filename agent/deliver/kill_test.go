package deliver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/deliver"
	"holdfast/shared/report"
)

// TestMain lets the test binary be the agent that TestKillWhileSpooling... kills.
func TestMain(m *testing.M) {
	if folder := os.Getenv("HOLDFAST_TEST_SPOOL"); folder != "" {
		spoolForEver(folder, os.Getenv("HOLDFAST_TEST_ROUND"))
	}
	os.Exit(m.Run())
}

func killed(round string, count int) []report.Part {
	return facts("os", fmt.Sprintf("%s.%d", round, count), "cpu", "2")
}

// spoolForEver spools one change for each line that it reads, as an agent
// without a network does, and says each time that the report is safe.
func spoolForEver(folder, round string) {
	deliverer, err := deliver.Open(folder, deliver.Connection{
		Server: "http://127.0.0.1:1", Log: slog.New(slog.DiscardHandler),
	}, key)
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	offline, cancel := context.WithCancel(context.Background())
	cancel()
	orders := bufio.NewScanner(os.Stdin)
	for count := 0; orders.Scan(); count++ {
		_ = deliverer.Deliver(offline, killed(round, count), taken()) // cannot succeed
		fmt.Println("safe")
	}
	os.Exit(0)
}

func TestKillWhileSpoolingLosesAndDoublesNothing(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	var safe []string           // digests of what the killed agents called safe
	caught := map[string]bool{} // and of what they were at when they were killed
	for round := range 5 {
		name := fmt.Sprint(round)
		count := killOne(t, folder, name)
		for i := range count {
			safe = append(safe, report.StateDigest(killed(name, i)))
		}
		caught[report.StateDigest(killed(name, count))] = true
	}
	last := facts("os", "the end", "cpu", "2")
	safe = append(safe, report.StateDigest(last))
	if err := open(t, folder, server.start(t), nil).Deliver(t.Context(), last, taken()); err != nil {
		t.Fatal(err)
	}
	var arrived []string
	for _, digest := range server.digests() {
		if !caught[digest] {
			arrived = append(arrived, digest)
		}
	}
	if diff := cmp.Diff(safe, arrived); diff != "" {
		t.Errorf("what arrives differs from what was safe:\n%s", diff)
	}
	if extra := len(server.stored) - len(arrived); extra > len(caught) {
		t.Errorf("%d reports arrive beside what was safe, of %d that were being written", extra, len(caught))
	}
	if status, err := deliver.ReadStatus(folder); err != nil || status.Spool.Torn != 0 || status.Spool.Dropped != 0 {
		t.Errorf("status %+v, %v", status.Spool, err)
	}
}

// killOne runs an agent, kills it in the middle of its work, and gives how
// many reports it called safe.
func killOne(t *testing.T, folder, round string) int {
	t.Helper()
	agent := exec.CommandContext(t.Context(), os.Args[0])
	agent.Env = append(os.Environ(), "HOLDFAST_TEST_SPOOL="+folder, "HOLDFAST_TEST_ROUND="+round)
	orders, err := agent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	said, count := bufio.NewScanner(output), 0
	for range 2 + rand.IntN(5) {
		if _, err := io.WriteString(orders, "\n"); err != nil {
			t.Fatal(err)
		}
		if !said.Scan() || said.Text() != "safe" {
			t.Fatalf("the agent says %q, %v", said.Text(), said.Err())
		}
		count++
	}
	if _, err := io.WriteString(orders, "\n"); err != nil {
		t.Fatal(err)
	}
	for range rand.IntN(2000) { // somewhere in the writing
		runtime.Gosched()
	}
	if err := agent.Process.Kill(); err != nil { // as kill -9
		t.Fatal(err)
	}
	for said.Scan() { // what it still said before it died
		count++
	}
	_ = agent.Wait() // there is an error: it was killed
	return count
}
