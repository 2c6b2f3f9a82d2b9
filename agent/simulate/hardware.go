package simulate

import (
	"fmt"
	"math/rand/v2"

	"holdfast/shared/report"
)

func (m *machine) processor() processor {
	random := m.random(m.number, topicModel)
	_ = random.IntN(1000) // the model, see world.machine
	return m.cpus[random.IntN(len(m.cpus))]
}

func (m *machine) cpu() *report.CPU {
	p := m.processor()
	sockets := max(1, p.socket)
	c := &report.CPU{Sockets: sockets, Cores: sockets * p.cores, Threads: sockets * p.threads, Arch: "x86_64"}
	if m.family == darwin {
		c.Arch = "arm64"
	}
	for socket := range sockets {
		c.Processors = append(c.Processors, report.Processor{
			Socket: socket, Maker: p.maker, Model: p.name, Cores: p.cores, Threads: p.threads, MaxMHz: p.mhz,
			Family: p.family, ModelNum: p.number, Stepping: p.stepping,
		})
	}
	return c
}

// hardware is the chance that memory and drives hang on; the first number of
// it is the age of the device, see bought.
func (m *machine) hardware() *rand.Rand {
	random := m.random(m.number, topicHardware)
	_ = random.Float64()
	return random
}

func (m *machine) memory() *report.Memory {
	random := m.hardware()
	gib := m.model.memory[random.IntN(len(m.model.memory))]
	slots := 2
	if m.server() {
		slots = 16
	}
	total := int64(gib) << 30
	s := &report.Memory{TotalBytes: total - 300<<20, SwapBytes: 4 << 30, Slots: slots, MaxBytes: int64(slots) * 32 << 30}
	if m.virtual() {
		s.Slots, s.MaxBytes = 0, 0
		return s
	}
	fitted := 1 + random.IntN(2)
	if m.server() {
		fitted = slots / 2
	}
	form, kind, speed := "DIMM", "DDR4", 3200
	if m.portable() {
		form = "SODIMM"
	}
	if m.bought().After(m.epoch.AddDate(-3, 0, 0)) {
		kind, speed = "DDR5", 4800
	}
	for slot := range fitted {
		s.Modules = append(s.Modules, report.Module{
			Slot: fmt.Sprintf("DIMM %c", 'A'+slot), Bank: fmt.Sprintf("BANK %d", slot), SizeBytes: total / int64(fitted),
			Type: kind, Form: form, SpeedMTs: speed, Maker: pick(random, []string{"Samsung", "SK Hynix", "Micron"}),
			Part: "M4" + code(uint64(random.Uint32()), 9), Serial: fmt.Sprintf("%08X", m.scramble(20+slot)),
		})
	}
	return s
}

func (m *machine) diskBytes() int64 {
	random := m.hardware()
	_ = random.IntN(len(m.model.memory))
	return int64(m.disk[random.IntN(len(m.disk))]) * 1_000_000_000
}

func (m *machine) storage() *report.Storage {
	size := m.diskBytes()
	no := false
	drive := report.Drive{
		Device: "nvme0n1", Model: "SAMSUNG MZVL2512HCJQ-00BD7", Serial: "S7" + code(uint64(m.scramble(30)), 10),
		Firmware: "GXA7602Q", SizeBytes: size, Bus: "nvme", Media: "ssd", Removable: &no,
	}
	switch m.scramble(31) % 3 {
	case 0:
		drive.Model, drive.Firmware = "KIOXIA KXG8AZNV512G", "12103104"
	case 1:
		drive.Model, drive.Firmware = "WD PC SN740 SDDPNQD-512G", "73110012"
	}
	if m.virtual() {
		drive = report.Drive{Device: "sda", Maker: "VMware", Model: "Virtual disk", SizeBytes: size, Bus: "scsi"}
	}
	encryption := m.security().DiskEncryption
	var volume report.Volume
	switch m.family {
	case linux:
		volume = report.Volume{Mount: "/", Device: "/dev/" + drive.Device + "p2", Filesystem: "ext4", Encryption: "luks"}
	case windows:
		drive.Device = "PhysicalDrive0"
		volume = report.Volume{Mount: "C:", Device: "C:", Label: "OSDisk", Filesystem: "ntfs", Encryption: "bitlocker"}
	case darwin:
		drive.Device, drive.Model = "disk0", "APPLE SSD AP0512Z"
		volume = report.Volume{Mount: "/", Device: "/dev/disk3s1s1", Label: "Macintosh HD", Filesystem: "apfs", Encryption: "filevault"}
	}
	if encryption != "on" {
		volume.Encryption = "none"
	}
	volume.SizeBytes, volume.FreeBytes, volume.Drive = size/100*98, &m.state.free, drive.Device
	s := &report.Storage{Drives: []report.Drive{drive}, Volumes: []report.Volume{volume}}
	if m.server() && !m.virtual() {
		for bay := range 4 {
			s.Drives = append(s.Drives, report.Drive{
				Device: fmt.Sprintf("sd%c", 'a'+bay), Maker: "SEAGATE", Model: "ST2400MM0159", Serial: "WBM" + code(uint64(m.scramble(40+bay)), 5),
				WWN: fmt.Sprintf("5000c500%08x", m.scramble(50+bay)), Firmware: "ST5A", SizeBytes: 2_400_476_553_216, Bus: "sas", Media: "hdd", Removable: &no,
			})
		}
	}
	return s
}

func (m *machine) network() *report.Network {
	random := m.random(m.number, topicNetwork)
	site, floor := m.scramble(7)%200, m.scramble(8)%16
	host := 10 + (m.number*7+m.state.address*13)%240
	address := fmt.Sprintf("10.%d.%d.%d", site, floor, host)
	card := report.Interface{
		Device: "eth0", MAC: m.mac(0), Kind: "ethernet", Up: true, SpeedMbps: 1000, MTU: 1500,
		Driver: "e1000e", Addresses: []string{address + "/24"},
	}
	n := &report.Network{
		Interfaces: []report.Interface{card},
		Gateways:   []string{fmt.Sprintf("10.%d.%d.1", site, floor)},
		DNS:        []string{"10.0.0.53", "10.0.1.53"}, Search: []string{"corp.example.org"},
	}
	if m.portable() {
		wifi := report.Interface{Device: "wlan0", MAC: m.mac(1), Kind: "wifi", MTU: 1500, Driver: "iwlwifi"}
		if random.IntN(2) == 0 { // not at the desk: the air carries it
			wifi.Up, wifi.SpeedMbps, wifi.Addresses = true, 866, card.Addresses
			n.Interfaces[0].Up, n.Interfaces[0].SpeedMbps, n.Interfaces[0].Addresses = false, 0, nil
		}
		n.Interfaces = append(n.Interfaces, wifi)
	}
	return n
}

func (m *machine) graphics() *report.Graphics {
	adapter := report.Adapter{Maker: "Intel Corporation", Model: "Iris Xe Graphics", PCI: "8086:a7a1", Driver: "i915"}
	switch {
	case m.family == darwin:
		adapter = report.Adapter{Maker: "Apple", Model: m.processor().name}
	case m.virtual():
		adapter = report.Adapter{Maker: "VMware", Model: "SVGA II Adapter", PCI: "15ad:0405", Driver: "vmwgfx"}
	case m.name == "Precision 3660":
		adapter = report.Adapter{Maker: "NVIDIA Corporation", Model: "RTX A2000", PCI: "10de:2531", Driver: "nvidia", MemoryBytes: 6 << 30}
	}
	return &report.Graphics{Adapters: []report.Adapter{adapter}}
}
