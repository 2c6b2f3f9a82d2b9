package hwid_test

import (
	"testing"

	"holdfast/agent/collect/hwid"
	"holdfast/agent/host/hosttest"
)

func TestNamesComeFromUdevElseFromTheList(t *testing.T) {
	machine := hosttest.Machine(t, `
-- /run/udev/data/+pci:0000:00:02.0 --
I:123
E:ID_VENDOR_FROM_DATABASE=Intel Corporation
E:ID_MODEL_FROM_DATABASE=Raptor Lake-P [Iris Xe Graphics]
-- /usr/share/misc/pci.ids --
# comment
102b  Matrox Electronics Systems Ltd.
	0522  MGA G200e [Pilot] ServerEngines (SEP1)
	0538  MGA G200eH
		1590 00e4  iLO
	0536  Integrated Matrox G200eW3 Graphics Controller
10de  NVIDIA Corporation
`)
	for _, c := range []struct{ address, vendor, product, maker, model string }{
		{"0000:00:02.0", "8086", "a7a0", "Intel Corporation", "Raptor Lake-P [Iris Xe Graphics]"},
		{"0000:01:00.1", "102B", "0536", "Matrox Electronics Systems Ltd.", "Integrated Matrox G200eW3 Graphics Controller"},
		{"0000:01:00.1", "102b", "9999", "Matrox Electronics Systems Ltd.", ""},
		{"0000:01:00.1", "10de", "9999", "NVIDIA Corporation", ""},
		{"0000:01:00.1", "ffff", "9999", "", ""},
	} {
		maker, model := hwid.PCI().Names(machine, c.address, c.vendor, c.product)
		if maker != c.maker || model != c.model {
			t.Errorf("%s:%s is %q, %q, want %q, %q", c.vendor, c.product, maker, model, c.maker, c.model)
		}
	}
}
