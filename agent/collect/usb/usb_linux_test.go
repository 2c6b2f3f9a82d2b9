package usb_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/usb"
)

func TestUSBOfCapturedMachines(t *testing.T) { collecttest.Cases(t, usb.New()) }
