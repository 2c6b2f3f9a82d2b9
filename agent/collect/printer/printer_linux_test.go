package printer_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/printer"
)

func TestPrinterOfCapturedMachines(t *testing.T) { collecttest.Cases(t, printer.New()) }
