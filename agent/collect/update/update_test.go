package update_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/update"
	"holdfast/agent/host"
	"holdfast/agent/host/hosttest"
	"holdfast/shared/report"
)

func TestMachines(t *testing.T) { collecttest.Cases(t, update.New()) }

// The real peer: what apt on this machine says that it would upgrade.
func TestPendingUpdatesAreThoseThatAptLists(t *testing.T) {
	command := exec.Command("apt", "list", "--upgradable")
	command.Env = append(os.Environ(), "LC_ALL=C")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("this test needs apt: %v", err)
	}
	want := map[string]string{}
	security := 0
	line := regexp.MustCompile(`(?m)^([^/\s]+)/(\S+) (\S+) \S+ \[upgradable from: (\S+)\]`)
	for _, found := range line.FindAllStringSubmatch(string(output), -1) {
		want[found[1]] = found[4] + " -> " + found[3]
		if strings.Contains(found[2], "-security") {
			security++
		}
	}
	section, err := update.New().Collect(t.Context(), host.New())
	if err != nil {
		t.Fatal(err)
	}
	facts := section.(*report.Update)
	got := map[string]string{}
	for _, one := range facts.Pending {
		got[one.Title] = one.From + " -> " + one.To
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("updates differ (-apt +ours):\n%s", diff)
	}
	// apt names only the archives of the version that it would install.
	if facts.SecurityCount != nil && *facts.SecurityCount < security {
		t.Errorf("%d updates for security, apt knows of %d", *facts.SecurityCount, security)
	}
}

func TestAnswerIsKeptUntilAFileChanges(t *testing.T) {
	h := hosttest.Open(t, "testdata/debian.txtar")
	collector := update.New()
	first, err := collector.Collect(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	second, err := collector.Collect(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the second answer differs (-first +second):\n%s", diff)
	}
	const status = "/var/lib/dpkg/status"
	upgraded, err := h.ReadFile(status)
	if err != nil {
		t.Fatal(err)
	}
	upgraded = []byte(strings.Replace(string(upgraded), "Version: 3.0.14-1~deb12u1", "Version: 3.0.15-1~deb12u1", 1))
	if err := os.WriteFile(h.Path(status), upgraded, 0o644); err != nil {
		t.Fatal(err)
	}
	third, err := collector.Collect(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if before, after := *first.(*report.Update).PendingCount, *third.(*report.Update).PendingCount; after != before-1 {
		t.Errorf("%d updates wait after one was installed, %d before", after, before)
	}
}

func BenchmarkCollectThisMachine(b *testing.B) {
	h := host.New()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := update.New().Collect(b.Context(), h); err != nil {
			b.Fatal(err)
		}
	}
}
