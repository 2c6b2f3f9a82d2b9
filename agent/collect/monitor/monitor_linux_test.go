package monitor_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/monitor"
)

func TestMonitorOfCapturedMachines(t *testing.T) { collecttest.Cases(t, monitor.New()) }
