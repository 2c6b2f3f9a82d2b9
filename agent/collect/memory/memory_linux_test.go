package memory_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/memory"
)

func TestMemoryOfCapturedMachines(t *testing.T) { collecttest.Cases(t, memory.New()) }
