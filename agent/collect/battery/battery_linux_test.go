package battery_test

import (
	"testing"

	"holdfast/agent/collect/battery"
	"holdfast/agent/collect/collecttest"
)

func TestBatteryOfCapturedMachines(t *testing.T) { collecttest.Cases(t, battery.New()) }
