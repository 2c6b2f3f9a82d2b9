// Package system reports the machine itself: who made it, which one it is,
// and whether it is real, a virtual machine or a container.
package system

import (
	"time"

	"holdfast/agent/collect/smbios"
	"holdfast/shared/report"
)

// System collects the system section.
type System struct{}

// New returns the collector.
func New() System { return System{} }

// Section implements collect.Collector.
func (System) Section() string { return "system" }

// fromTable reads the SMBIOS structures (DSP0134) of BIOS, system, board and
// chassis.
func fromTable(table smbios.Table, facts *report.System) {
	bios, system, board, chassis := table.First(0), table.First(1), table.First(2), table.First(3)
	facts.BIOS.Maker = bios.Fact(0x04)
	facts.BIOS.Version = bios.Fact(0x05)
	facts.BIOS.Released = released(bios.Fact(0x08))
	facts.Maker = system.Fact(0x04)
	facts.Model = system.Fact(0x05)
	facts.Version = system.Fact(0x06)
	facts.Serial = system.Fact(0x07)
	facts.UUID = system.UUID(0x08)
	facts.SKU = system.Fact(0x19)
	facts.Family = system.Fact(0x1a)
	facts.Board = report.Board{
		Maker: board.Fact(0x04), Model: board.Fact(0x05), Version: board.Fact(0x06), Serial: board.Fact(0x07),
	}
	facts.Chassis = chassisKind(chassis.Byte(0x05))
	facts.ChassisSerial = chassis.Fact(0x07)
	facts.AssetTag = chassis.Fact(0x08)
}

// chassisKind turns the standard's kinds of case (7.4.1) into ours. The upper
// bit tells of a lock.
func chassisKind(code byte) string {
	switch code & 0x7f {
	case 3, 4, 5, 6, 7, 15, 16, 24:
		return "desktop"
	case 8, 9, 10, 14:
		return "laptop"
	case 11:
		return "handheld"
	case 13:
		return "all-in-one"
	case 17, 22, 23, 25:
		return "server"
	case 28, 29:
		return "blade"
	case 30:
		return "tablet"
	case 31, 32:
		return "convertible"
	case 34, 35, 36:
		return "mini"
	case 12, 18, 19, 20, 21, 26, 27, 33:
		return "other"
	}
	return "" // other, unknown, or not told
}

// released reads a date as firmware writes it: month, day, year.
func released(text string) report.Date {
	for _, form := range []string{"01/02/2006", "01/02/06"} {
		if day, err := time.Parse(form, text); err == nil {
			return report.DateOf(day)
		}
	}
	return ""
}
