package cpu_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/cpu"
)

func TestCPUOfCapturedMachines(t *testing.T) { collecttest.Cases(t, cpu.New()) }
