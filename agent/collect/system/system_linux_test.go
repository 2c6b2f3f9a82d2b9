package system_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/system"
)

func TestSystemOfCapturedMachines(t *testing.T) { collecttest.Cases(t, system.New()) }
