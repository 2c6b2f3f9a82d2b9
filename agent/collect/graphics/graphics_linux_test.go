package graphics_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/graphics"
)

func TestGraphicsOfCapturedMachines(t *testing.T) { collecttest.Cases(t, graphics.New()) }
