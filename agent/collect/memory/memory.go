// Package memory reports the working memory: how much the system has, and
// each module in its slot.
package memory

import (
	"holdfast/agent/collect/smbios"
	"holdfast/shared/report"
)

// Memory collects the memory section.
type Memory struct{}

// New returns the collector.
func New() Memory { return Memory{} }

// Section implements collect.Collector.
func (Memory) Section() string { return "memory" }

// SMBIOS structure types (DSP0134).
const (
	typeArray  = 16 // a board's slots together
	typeDevice = 17 // one slot
)

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
)

// slots reads the slots and the modules in them from the firmware's table.
func slots(table smbios.Table, facts *report.Memory) {
	for _, one := range table {
		switch one.Type {
		case typeArray:
			const systemMemory = 3
			if one.Byte(0x05) == systemMemory {
				facts.Slots += int(one.Word(0x0d))
				facts.MaxBytes += capacity(one)
			}
		case typeDevice:
			if module, fitted := module(one); fitted {
				facts.Modules = append(facts.Modules, module)
			}
		}
	}
}

func capacity(array smbios.Structure) int64 {
	const seeExtended = 0x80000000
	if kilobytes := array.Double(0x07); kilobytes != seeExtended {
		return int64(kilobytes) * kilobyte
	}
	return int64(min(array.Quad(0x0f), 1<<60))
}

// module reads one slot; fitted is false when nothing is in it.
func module(device smbios.Structure) (_ report.Module, fitted bool) {
	size := moduleSize(device)
	if size == 0 {
		return report.Module{}, false
	}
	return report.Module{
		Slot:      device.Text(0x10), // a slot may well be called "1",
		Bank:      device.Text(0x11),
		SizeBytes: size,
		Type:      kinds()[device.Byte(0x12)],
		Form:      forms()[device.Byte(0x0e)],
		SpeedMTs:  speed(device),
		Maker:     device.Fact(0x17),
		Part:      device.Fact(0x1a),
		Serial:    device.Fact(0x18),
	}, true
}

func moduleSize(device smbios.Structure) int64 {
	const (
		unknown      = 0xffff
		seeExtended  = 0x7fff
		inKilobytes  = 0x8000
		extendedMask = 0x7fffffff
	)
	switch size := device.Word(0x0c); {
	case size == unknown:
		return 0
	case size == seeExtended:
		return int64(device.Double(0x1c)&extendedMask) * megabyte
	case size&inKilobytes != 0:
		return int64(size&^inKilobytes) * kilobyte
	default:
		return int64(size) * megabyte
	}
}

// speed gives the speed at which the module runs, else the one that it is
// made for, which is all that firmware before SMBIOS 2.7 tells.
func speed(device smbios.Structure) int {
	const seeExtended = 0xffff
	for _, at := range []struct{ word, extended int }{{0x20, 0x58}, {0x15, 0x54}} {
		switch speed := device.Word(at.word); speed {
		case 0:
		case seeExtended:
			return int(device.Double(at.extended) & 0x7fffffff)
		default:
			return int(speed)
		}
	}
	return 0
}

// kinds names the memory types of DSP0134 7.18.2 that are in use.
func kinds() map[byte]string {
	return map[byte]string{
		0x03: "DRAM", 0x07: "RAM", 0x0f: "SDRAM", 0x12: "DDR", 0x13: "DDR2", 0x14: "DDR2 FB-DIMM", 0x18: "DDR3",
		0x1a: "DDR4", 0x1b: "LPDDR", 0x1c: "LPDDR2", 0x1d: "LPDDR3", 0x1e: "LPDDR4", 0x1f: "NVDIMM",
		0x20: "HBM", 0x21: "HBM2", 0x22: "DDR5", 0x23: "LPDDR5", 0x24: "HBM3",
	}
}

// forms names the form factors of DSP0134 7.18.1 that are in use.
func forms() map[byte]string {
	return map[byte]string{
		0x03: "SIMM", 0x05: "Chip", 0x09: "DIMM", 0x0b: "Row of chips", 0x0c: "RIMM", 0x0d: "SODIMM", 0x0f: "FB-DIMM",
		0x10: "Die", 0x11: "CAMM",
	}
}
