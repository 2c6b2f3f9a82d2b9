package roster_test

import (
	"syscall"
	"testing"
	"time"

	"holdfast/agent/collect"
	"holdfast/agent/host"
	"holdfast/agent/roster"
	"holdfast/shared/report"
)

// used is what this process, or its ended children, have used so far.
func used(t *testing.T, who int) (cpu time.Duration, faults int64) {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(who, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), usage.Minflt
}

func TestInventoryStaysInItsBudget(t *testing.T) {
	const budget = 200 * time.Millisecond
	_, before := used(t, syscall.RUSAGE_CHILDREN)
	best := time.Hour
	for range 3 { // the best of three, because the machine has other work
		start, _ := used(t, syscall.RUSAGE_SELF)
		collect.Run(t.Context(), host.New(), roster.All(roster.Options{}), collect.Deadline)
		end, _ := used(t, syscall.RUSAGE_SELF)
		best = min(best, end-start)
	}
	if best > budget {
		t.Errorf("a full inventory takes %s of CPU, the budget is %s", best, budget)
	}
	// No program starts without faulting in its pages.
	if _, after := used(t, syscall.RUSAGE_CHILDREN); after != before {
		t.Error("a full inventory starts a program")
	}
}

func TestEverySectionIsCollectedAndFitsItsSpecification(t *testing.T) {
	collectors := roster.All(roster.Options{})
	if want := len(report.All()); len(collectors) != want {
		t.Errorf("%d collectors of %d sections", len(collectors), want)
	}
	for _, part := range collect.Run(t.Context(), host.New(), collectors, collect.Deadline) {
		if part.Outcome == report.Failed || part.Outcome == report.TimedOut {
			t.Errorf("section %s is %s: %s", part.Name, part.Outcome, part.Detail)
		}
		if part.Facts == nil {
			continue
		}
		if _, _, notes := report.Read(part.Name, part.Facts); len(notes) > 0 {
			t.Errorf("the server would not store all of section %s: %v", part.Name, notes)
		}
	}
}
