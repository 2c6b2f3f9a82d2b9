package opsys_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/opsys"
)

func TestOSOfCapturedMachines(t *testing.T) { collecttest.Cases(t, opsys.New()) }
