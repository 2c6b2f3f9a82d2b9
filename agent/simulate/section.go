package simulate

import (
	"fmt"
	"time"

	"holdfast/shared/report"
)

// sections gives the report of the machine. A section that the machine has
// nothing of is nil.
func (m *machine) sections() map[string]report.Section {
	sections := map[string]report.Section{
		"system": m.system(), "os": m.os(), "cpu": m.cpu(), "memory": m.memory(), "storage": m.storage(),
		"network": m.network(), "graphics": m.graphics(), "software": m.software(), "security": m.security(),
		"update": m.update(),
	}
	if !m.server() {
		sections["monitor"], sections["usb"], sections["printer"] = m.monitor(), m.usb(), m.printer()
		sections["user"] = m.user()
	}
	if m.portable() {
		sections["battery"] = m.battery()
	}
	return sections
}

func (m *machine) system() *report.System {
	s := &report.System{
		Maker: m.maker, Model: m.name, Version: m.version, Serial: m.serial(), UUID: m.uuid(),
		Chassis: m.chassis, Machine: "physical",
		Board: report.Board{Maker: m.maker, Model: code(uint64(len(m.name))*7919, 6), Serial: "/" + m.serial() + "/CN" + code(uint64(m.scramble(6)), 9) + "/"},
		BIOS:  report.BIOS{Maker: m.maker, Version: m.bios, Released: report.DateOf(m.epoch.AddDate(0, -3, 0)), Mode: "uefi"},
	}
	if m.virtual() {
		s.Machine, s.Hypervisor, s.Board = "virtual", "vmware", report.Board{}
	} else if m.number%4 == 0 {
		s.AssetTag = fmt.Sprintf("A%06d", 100000+m.number)
	}
	return s
}

func (m *machine) os() *report.OS {
	random := m.random(m.number, topicSystem)
	o := &report.OS{
		Family: m.family.String(), Hostname: m.hostname(), Domain: "corp.example.org", Arch: "x86_64",
		InstalledOn: report.DateOf(m.bought().AddDate(0, 0, random.IntN(40))), BootedAt: m.state.booted,
		TimeZone: "America/Toronto", Language: "en_CA",
	}
	if random.IntN(3) == 0 {
		o.TimeZone, o.Language = "America/Montreal", "fr_CA"
	}
	switch {
	case m.family == windows && m.server():
		o.ID, o.Title, o.Version, o.Edition, o.Build, o.Kernel = "windows", "Microsoft Windows Server", "2022", "Standard", "20348.2762", "10.0.20348"
		if random.IntN(3) == 0 {
			o.Version, o.Edition, o.Build, o.Kernel = "2019", "Datacenter", "17763.6414", "10.0.17763"
		}
	case m.family == windows:
		o.ID, o.Title, o.Version, o.Edition, o.Build, o.Kernel = "windows", "Microsoft Windows 11", "24H2", "Enterprise", "26100.2033", "10.0.26100"
		switch random.IntN(10) {
		case 0, 1:
			o.Title, o.Version, o.Build, o.Kernel = "Microsoft Windows 10", "22H2", "19045.5011", "10.0.19045"
		case 2, 3, 4, 5:
			o.Version, o.Build, o.Kernel = "23H2", "22631.4317", "10.0.22631"
		}
	case m.family == linux:
		o.ID, o.Title, o.Version, o.Codename, o.Kernel = "ubuntu", "Ubuntu", "24.04", "noble", "6.8.0-48-generic"
		switch random.IntN(5) {
		case 0, 1:
			o.Version, o.Codename, o.Kernel = "22.04", "jammy", "5.15.0-124-generic"
		case 2:
			o.ID, o.Title, o.Version, o.Codename, o.Kernel = "debian", "Debian GNU/Linux", "12.7", "bookworm", "6.1.0-26-amd64"
		}
	default:
		o.ID, o.Title, o.Version, o.Codename, o.Build, o.Kernel, o.Arch = "macos", "macOS", "15.1", "Sequoia", "24B83", "24.1.0", "arm64"
		if random.IntN(3) == 0 {
			o.Version, o.Codename, o.Build, o.Kernel = "14.7.1", "Sonoma", "23H222", "23.6.0"
		}
	}
	return o
}

// software gives what is installed.
func (m *machine) software() *report.Software {
	packages := m.titles.packages(m.state.software, m.family, report.DateOf(m.bought().AddDate(0, 0, 30)))
	for i, one := range m.state.software {
		if day, changed := m.state.changed[one.title]; changed {
			packages[i].InstalledOn = day
		}
	}
	return &report.Software{Packages: packages}
}

func (m *machine) security() *report.Security {
	random := m.random(m.number, topicSystem)
	yes, no := true, false
	s := &report.Security{
		DiskEncryption: "on", SecureBoot: &yes, TPM: report.TPM{Present: &yes, Version: "2.0"},
		Firewall: report.Firewall{Product: "Windows Defender Firewall", Active: &yes},
	}
	if random.IntN(12) == 0 || m.server() {
		s.DiskEncryption = "off"
	}
	if random.IntN(25) == 0 {
		s.Firewall.Active = &no
	}
	day := report.DateOf(m.epoch.AddDate(0, 0, -random.IntN(3)))
	switch m.family {
	case windows:
		s.Antivirus = []report.Antivirus{{Product: "Microsoft Defender Antivirus", Version: "4.18.24090.11", Running: &yes, DefinitionsOn: day}}
	case linux:
		s.Firewall.Product, s.MAC = "ufw", "apparmor"
	default:
		s.Firewall.Product, s.TPM = "Application Firewall", report.TPM{}
	}
	return s
}

func (m *machine) update() *report.Update {
	manager := map[family]string{windows: "Windows Update", linux: "apt", darwin: "softwareupdate"}[m.family]
	restart := m.state.pending > 8
	u := &report.Update{
		Manager: manager, CheckedAt: m.epoch.Truncate(24 * time.Hour), PendingCount: &m.state.pending,
		SecurityCount: &m.state.security, RestartRequired: &restart,
	}
	for i, one := range m.state.software {
		versions := m.titles[m.family][one.title].versions
		if last := len(versions) - 1; one.version < last && len(u.Pending) < m.state.pending {
			u.Pending = append(u.Pending, report.PendingUpdate{
				Title: m.titles[m.family][one.title].name, From: versions[one.version], To: versions[last],
				Security: i < m.state.security,
			})
		}
	}
	return u
}

func (m *machine) user() *report.User {
	random := m.random(m.number, topicUser)
	_ = random.IntN(len(departments())) // the department, see there
	account := func() report.Account {
		first, last := pick(random, firstNames()), pick(random, lastNames())
		return report.Account{
			Login: login(first, last, random.IntN(40)), Person: first + " " + last,
			SeenAt: m.epoch.Add(-time.Duration(random.IntN(5*24)) * time.Hour).Truncate(24 * time.Hour),
		}
	}
	u := &report.User{Last: account()}
	u.Accounts = append(u.Accounts, u.Last)
	for range random.IntN(3) {
		u.Accounts = append(u.Accounts, account())
	}
	return u
}
