package browsertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"holdfast/server/identity"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"

	"github.com/google/uuid"
)

// machine is a made-up device that speaks the agent protocol.
type machine struct {
	server     *server
	name       string
	id         string // as the server knows it
	credential string
	sections   []report.Section
	outcomes   map[string]report.Outcome
	agent      report.Agent
}

func known[T any](value T) *T { return &value }

// laptop makes up a laptop; number makes it one of its own.
func laptop(number int) *machine {
	people := []string{"amara.diallo", "jonas.whitlock", "priya.raman", "hannah.brandt", "samuel.osei", "wei-ling.chen", "oluwaseun.adeyemi", "marguerite.bouchard"}
	models := []struct{ maker, model string }{{"Dell Inc.", "Latitude 5440"}, {"LENOVO", "ThinkPad T14 Gen 3"}, {"HP", "EliteBook 840 G8"}}
	model, person := models[number%len(models)], people[number%len(people)]
	serial, now := fmt.Sprintf("7QX%04d", number), time.Now().UTC().Truncate(time.Second)
	return &machine{
		name: fmt.Sprintf("ca-lt-%05d", 4400+number), outcomes: map[string]report.Outcome{},
		agent: report.Agent{Version: "1.4.2", OS: "linux", Arch: "amd64"},
		sections: []report.Section{
			&report.System{
				Maker: model.maker, Model: model.model, Version: "1.0", SKU: "0C1B", Family: "Latitude", Serial: serial, UUID: uuid.NewString(),
				AssetTag: fmt.Sprintf("%d", 20400+number), Chassis: "laptop", Machine: "physical",
				Board: report.Board{Maker: model.maker, Model: "0WNXT2", Version: "A00", Serial: "/" + serial + "/CNFCW0023/"},
				BIOS:  report.BIOS{Maker: model.maker, Version: "1.24.0", Released: "2026-03-11", Mode: "uefi"},
			},
			&report.OS{
				Family: "linux", ID: "debian", Title: "Debian GNU/Linux", Version: "12.9", Codename: "bookworm", Kernel: "6.1.0-29-amd64", Arch: "x86_64",
				Hostname: fmt.Sprintf("ca-lt-%05d", 4400+number), Domain: "coastal.example", InstalledOn: "2025-02-03", BootedAt: now.Add(-50 * time.Hour),
				TimeZone: "America/Montreal", Language: "fr_CA",
			},
			&report.CPU{Sockets: 1, Cores: 10, Threads: 12, Arch: "x86_64", Processors: []report.Processor{{Maker: "Intel", Model: "13th Gen Intel Core i5-1345U", Cores: 10, Threads: 12, MaxMHz: 4700}}},
			&report.Memory{TotalBytes: 16_500_000_000, SwapBytes: 1 << 30, Slots: 2, MaxBytes: 64 << 30, Modules: []report.Module{
				{Slot: "DIMM A", Bank: "BANK 0", SizeBytes: 16 << 30, Type: "DDR5", Form: "SODIMM", SpeedMTs: 4800, Maker: "Samsung", Part: "M425R2GA3BB0", Serial: fmt.Sprintf("40A1%04d", number)},
			}},
			&report.Storage{
				Drives: []report.Drive{{Device: "nvme0n1", Model: "KIOXIA KXG8AZNV256G", Serial: fmt.Sprintf("Z3NF%06d", number), Firmware: "AHA74104", SizeBytes: 256_060_514_304, Bus: "nvme", Media: "ssd", Removable: known(false)}},
				Volumes: []report.Volume{
					{Mount: "/", Device: "/dev/mapper/vg-root", Filesystem: "ext4", SizeBytes: 237 << 30, FreeBytes: known(int64(11+number*7%160) << 30), Encryption: "luks", Drive: "nvme0n1"},
					{Mount: "/boot", Device: "/dev/nvme0n1p2", Filesystem: "ext4", SizeBytes: 1 << 30, FreeBytes: known(int64(700 << 20)), Encryption: "none", Drive: "nvme0n1"},
				},
			},
			&report.Network{
				Interfaces: []report.Interface{
					{Device: "wlp0s20f3", MAC: fmt.Sprintf("3c:2c:30:04:%02x:%02x", number/256, number%256), Kind: "wifi", Up: true, SpeedMbps: 866, MTU: 1500, Driver: "iwlwifi", Addresses: []string{fmt.Sprintf("10.14.4.%d/24", 10+number)}},
					{Device: "docker0", MAC: "02:42:ac:11:00:02", Kind: "bridge", Virtual: true, MTU: 1500, Addresses: []string{"172.17.0.1/16"}},
				},
				Gateways: []string{"10.14.4.1"}, DNS: []string{"10.14.0.53", "10.14.1.53"}, Search: []string{"coastal.example"},
			},
			&report.Graphics{Adapters: []report.Adapter{{Maker: "Intel", Model: "Iris Xe Graphics", PCI: "8086:a7a1", Driver: "i915"}}},
			&report.Monitor{Monitors: []report.Screen{
				{Connector: "eDP-1", Maker: "AU Optronics", Model: "B140HAN", Year: 2023, Builtin: true},
				{Connector: "DP-3", Maker: "Dell", Model: "P2423D", Serial: fmt.Sprintf("CN-0K3W1-%04d", 7400+number), Year: 2024, Week: 12, WidthMM: 527, HeightMM: 296},
			}},
			&report.USB{Devices: []report.USBDevice{{Port: "3-1", VendorID: "413c", ProductID: "b06e", Maker: "Dell", Model: "Dock WD19S", Serial: fmt.Sprintf("6K2P%03d", number), Class: "dock"}, {Port: "3-2", VendorID: "0b0e", ProductID: "24c9", Maker: "Jabra", Model: "Evolve2 65", Class: "audio"}}},
			&report.Printer{Printers: []report.Queue{{Title: "Harbour-4-colour", Model: "HP Color LaserJet M555", URI: "ipp://print.coastal.example/harbour-4", Location: "Harbour House 4", Default: true}}},
			&report.Battery{Batteries: []report.Cell{{Device: "BAT0", Maker: "SMP", Model: "DELL WV3K8", Serial: fmt.Sprintf("%d", 2200+number), Chemistry: "Li-poly", DesignedMWh: 54_000, FullMWh: 47_500, Cycles: 180}}},
			&report.User{Last: report.Account{Login: person, Person: fullName(person), SeenAt: now.Add(-2 * time.Hour)}},
			&report.Software{Packages: titles(number)},
			&report.Security{
				DiskEncryption: "on", Firewall: report.Firewall{Product: "nftables", Active: known(true)}, SecureBoot: known(true),
				TPM: report.TPM{Present: known(true), Version: "2.0"}, MAC: "apparmor",
				Antivirus: []report.Antivirus{{Product: "ClamAV", Version: "1.0.7", Running: known(number%5 != 0), DefinitionsOn: "2026-11-18"}},
			},
			&report.Update{Manager: "apt", CheckedAt: now.Add(-8 * time.Hour), PendingCount: known(number % 4), SecurityCount: known(number % 3), RestartRequired: known(number%6 == 0), RestartFor: []string{"linux-image-amd64"}, Pending: []report.PendingUpdate{{Title: "openssl", From: "3.0.15-1~deb12u1", To: "3.0.16-1~deb12u1", Security: true}}},
		},
	}
}

// fullName writes a login such as amara.diallo as a name.
func fullName(login string) string {
	words := strings.FieldsFunc(login, func(char rune) bool { return char == '.' || char == '-' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}

// rackServer makes up a server.
func rackServer(number int) *machine {
	made := laptop(500 + number)
	made.name = fmt.Sprintf("hq-sql-%02d", number)
	for _, section := range made.sections {
		switch facts := section.(type) {
		case *report.System:
			facts.Maker, facts.Model, facts.Chassis = "Dell Inc.", "PowerEdge R750", "server"
		case *report.OS:
			facts.Hostname, facts.ID, facts.Title, facts.Version = made.name, "ubuntu", "Ubuntu", "22.04"
		case *report.Battery:
			facts.Batteries = nil
		}
	}
	return made
}

// titles makes up a list of installed software that several devices share.
func titles(number int) []report.Package {
	base := []struct{ name, version, publisher string }{
		{"libreoffice", "4:7.4.7-1+deb12u5", "Debian LibreOffice Maintainers"}, {"firefox-esr", "128.6.0esr-1~deb12u1", "Debian Mozilla Team"},
		{"openssl", "3.0.15-1~deb12u1", "Debian OpenSSL Team"}, {"qgis", "3.28.3+dfsg-1", "Debian GIS Project"}, {"postgresql-client-15", "15.10-0+deb12u1", "Debian PostgreSQL Team"},
		{"bash", "5.2.15-2+b7", "Matthias Klose"}, {"curl", "7.88.1-10+deb12u8", "Debian Curl Maintainers"}, {"git", "1:2.39.5-0+deb12u1", "Debian Git Maintainers"},
	}
	var found []report.Package
	for i, each := range base {
		if (number+i)%4 != 3 || i < 3 {
			found = append(found, report.Package{Title: each.name, Version: each.version, Arch: "amd64", Publisher: each.publisher, Source: "deb", InstalledOn: "2026-09-14", SizeBytes: int64(i+1) << 22})
		}
	}
	for i := range 40 {
		found = append(found, report.Package{Title: fmt.Sprintf("lib%c%c-perl", 'a'+i%26, 'a'+(i*7)%26), Version: fmt.Sprintf("1.%d-%d", i, 1+(number+i)%3), Arch: "all", Publisher: "Debian Perl Group", Source: "deb", SizeBytes: 1 << 16})
	}
	return found
}

// enrol lets the machine in.
func (m *machine) enrol(s *server, key identity.Secret) {
	s.t.Helper()
	m.server = s
	system, _ := m.sections[0].(*report.System)
	network, _ := m.sections[5].(*report.Network)
	var answer protocol.Enrolled
	s.post(protocol.EnrolPath, "", protocol.Enrol{
		Protocol: protocol.Version, Key: string(key), Agent: m.agent, Hostname: m.name,
		Evidence: identify.Evidence{Serial: system.Serial, UUID: system.UUID, MACs: []string{network.Interfaces[0].MAC}},
	}, &answer)
	m.id, m.credential = answer.Device, answer.Credential
}

// report sends all sections of the machine as they are now.
func (m *machine) report() {
	m.server.t.Helper()
	var parts []report.Part
	for _, section := range m.sections {
		facts, err := json.Marshal(section)
		if err != nil {
			m.server.t.Fatal(err)
		}
		outcome := report.OK
		if other, found := m.outcomes[section.Name()]; found {
			outcome = other
		}
		parts = append(parts, report.Part{Name: section.Name(), Outcome: outcome, TookMS: 12, Hash: report.Hash(outcome, section), Facts: facts})
	}
	var answer protocol.Reported
	m.server.post(protocol.ReportPath, m.credential, report.Report{
		ID: uuid.Must(uuid.NewV7()).String(), TakenAt: time.Now().UTC(), Agent: m.agent, Digest: report.StateDigest(parts), Sections: parts,
	}, &answer)
}
