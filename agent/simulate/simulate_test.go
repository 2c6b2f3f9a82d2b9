package simulate

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/shared/report"
)

func epoch() time.Time { return time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC) }

func TestSameSeedGivesTheSameFleet(t *testing.T) {
	one, two := newWorld(7, 300, epoch()), newWorld(7, 300, epoch())
	for _, number := range []int{0, 1, 999, 99_999} {
		if diff := cmp.Diff(one.machine(number, 5).sections(), two.machine(number, 5).sections()); diff != "" {
			t.Errorf("device %d: %s", number, diff)
		}
	}
	if cmp.Equal(one.machine(3, 0).sections(), newWorld(8, 300, epoch()).machine(3, 0).sections()) {
		t.Error("another seed gives the same device")
	}
}

func TestEveryFactKeepsTheSpecification(t *testing.T) {
	w := newWorld(1, 300, epoch())
	for number := range 300 {
		for name, section := range w.machine(number, number%12).sections() {
			facts, err := json.Marshal(section)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, notes := report.Read(name, facts); len(notes) > 0 {
				t.Errorf("device %d, %s: %+v", number, name, notes)
			}
		}
	}
}

func TestDevicesAreToldApart(t *testing.T) {
	w := newWorld(1, 300, epoch())
	seen := map[string]int{}
	for number := range 20_000 {
		m := w.machine(number, 0)
		evidence := m.evidence()
		if evidence.Serial == "" || evidence.UUID == "" || len(evidence.MACs) == 0 {
			t.Fatalf("device %d has too little evidence: %+v", number, evidence)
		}
		for _, mark := range append(evidence.MACs, evidence.Maker+evidence.Serial, evidence.UUID, m.hostname()) {
			if other, taken := seen[mark]; taken {
				t.Fatalf("devices %d and %d share %s", other, number, mark)
			}
			seen[mark] = number
		}
	}
}

func TestTitlesAreAsManyAsAskedForAndUneven(t *testing.T) {
	w := newWorld(1, 300, epoch())
	const devices = 400
	total, on := 0, map[string]int{}
	for number := range devices {
		packages := w.machine(number, 0).software().Packages
		total += len(packages)
		for _, one := range packages {
			on[one.Title]++
		}
	}
	if mean := float64(total) / devices; mean < 290 || mean > 310 {
		t.Errorf("%.0f titles a device, want 300", mean)
	}
	common, rare := 0, 0
	for _, count := range on {
		if count > devices/2 {
			common++
		}
		if count <= devices/20 {
			rare++
		}
	}
	if common < 20 || rare < 1000 {
		t.Errorf("%d titles on half of the devices, %d on few: want some and many", common, rare)
	}
}

func TestEachChangeIsSeenAndLeavesTheIdentity(t *testing.T) {
	w := newWorld(1, 300, epoch())
	f := &Fleet{options: Options{Version: "test"}, world: w, devices: make([]device, 40)}
	for number := range f.devices {
		before := w.machine(number, 0).evidence()
		digests := map[string]bool{}
		for changes := range 20 {
			f.devices[number].changes = changes
			m, parts, err := f.parts(number)
			if err != nil {
				t.Fatal(err)
			}
			digests[report.StateDigest(parts)] = true
			if diff := cmp.Diff(before, m.evidence()); diff != "" {
				t.Fatalf("device %d is another after %d changes: %s", number, changes, diff)
			}
		}
		if len(digests) < 10 {
			t.Errorf("device %d: 19 changes give %d states", number, len(digests))
		}
	}
}
