package system

import (
	"context"
	"strconv"
	"strings"

	"holdfast/agent/collect/container"
	"holdfast/agent/collect/smbios"
	"holdfast/agent/host"
	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// Collect reads the firmware's description of the machine: the SMBIOS table
// of a PC, what the kernel copied out of it where the table cannot be read, or
// the device tree of an ARM board.
//
// A container sees the firmware of the machine that it runs on. Serial number
// and UUID there are those of another device, and two containers would claim
// the same, so a container tells nothing but that it is one.
func (System) Collect(_ context.Context, h host.Host) (report.Section, error) {
	if runtime := container.Runtime(h); runtime != "" {
		return &report.System{Machine: "container", Hypervisor: runtime}, nil
	}
	facts := &report.System{}
	table, err := smbios.Read(h)
	fromTable(table, facts)
	fromKernel(h, facts)
	fromDeviceTree(h, facts)
	if facts.Serial == "" {
		facts.Serial = facts.ChassisSerial // some makers put the machine's number there alone
	}
	facts.BIOS.Mode = mode(h, facts)
	facts.Machine, facts.Hypervisor = machine(h, facts)
	if facts.Machine == "virtual" {
		facts.Chassis = "" // it has no case, whatever its firmware makes up
	}
	return facts, err
}

// fromKernel fills in what is still missing from the files in which the
// kernel keeps the table's values, most of which everyone may read.
func fromKernel(h host.Host, facts *report.System) {
	fill := func(fact *string, file string) {
		if value := h.Text("/sys/class/dmi/id/" + file); *fact == "" && !identify.Placeholder(value) {
			*fact = value
		}
	}
	fill(&facts.Maker, "sys_vendor")
	fill(&facts.Model, "product_name")
	fill(&facts.Version, "product_version")
	fill(&facts.SKU, "product_sku")
	fill(&facts.Family, "product_family")
	fill(&facts.Serial, "product_serial")
	fill(&facts.AssetTag, "chassis_asset_tag")
	fill(&facts.ChassisSerial, "chassis_serial")
	fill(&facts.Board.Maker, "board_vendor")
	fill(&facts.Board.Model, "board_name")
	fill(&facts.Board.Version, "board_version")
	fill(&facts.Board.Serial, "board_serial")
	fill(&facts.BIOS.Maker, "bios_vendor")
	fill(&facts.BIOS.Version, "bios_version")
	if facts.BIOS.Released == "" {
		facts.BIOS.Released = released(h.Text("/sys/class/dmi/id/bios_date"))
	}
	if code, err := strconv.ParseUint(h.Text("/sys/class/dmi/id/chassis_type"), 10, 8); err == nil && facts.Chassis == "" {
		facts.Chassis = chassisKind(byte(code))
	}
	// Firmware older than SMBIOS 2.6 stores the UUID straight. The kernel
	// knows which it is, so its word goes first.
	if uuid := h.Text("/sys/class/dmi/id/product_uuid"); !identify.Placeholder(uuid) {
		facts.UUID = strings.ToLower(uuid)
	}
}

// fromDeviceTree reads what an ARM board says of itself.
func fromDeviceTree(h host.Host, facts *report.System) {
	tree := func(name string) string {
		text, _, _ := strings.Cut(h.Text("/proc/device-tree/"+name), "\x00")
		return text
	}
	if facts.Model == "" {
		facts.Model = tree("model")
	}
	if serial := tree("serial-number"); facts.Serial == "" && !identify.Placeholder(serial) {
		facts.Serial = serial
	}
	if prefix, _, is := strings.Cut(tree("compatible"), ","); is && facts.Maker == "" {
		facts.Maker = prefix
		if prefix == "raspberrypi" {
			facts.Maker = "Raspberry Pi"
		}
	}
}

// mode tells how the system was started. A machine without firmware of either
// kind, such as a board or a small virtual machine, was started by neither.
func mode(h host.Host, facts *report.System) string {
	switch {
	case h.Exists("/sys/firmware/efi"):
		return "uefi"
	case facts.BIOS.Maker != "" || facts.BIOS.Version != "":
		return "bios"
	}
	return ""
}
