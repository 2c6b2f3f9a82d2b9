package software_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/software"
	"holdfast/agent/host"
)

func TestMachines(t *testing.T) { collecttest.Cases(t, software.New()) }

// What this costs on the machine at hand is a good part of an inventory.
func BenchmarkCollectThisMachine(b *testing.B) {
	h := host.New()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := software.New().Collect(b.Context(), h); err != nil {
			b.Fatal(err)
		}
	}
}
