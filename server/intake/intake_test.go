package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/intake"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/id"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// intakeTest is an intake that runs, with one unit and one enrolment key.
type intakeTest struct {
	*intake.Service
	db   *store.DB
	unit identity.UnitID
}

const goodKey = identity.Secret("hfe_good")

func each(t *testing.T, test func(t *testing.T, s intakeTest)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, start(t, db, intake.Options{})) })
}

func start(t testing.TB, db *store.DB, options intake.Options) intakeTest {
	t.Helper()
	unit := id.New[identity.Unit]()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.Exec("INSERT INTO units (id, name, path, created_at) VALUES (?, 'All', ?, ?)", unit, "/"+unit.String()+"/", tx.Now).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	admit := func(_ *store.Tx, key identity.Secret) (identity.UnitID, string, error) {
		if key != goodKey {
			return identity.UnitID{}, "", fault.NewSignedOut()
		}
		return unit, "", nil
	}
	s := intakeTest{intake.New(db, admit, software.NewInterner(db, 10_000), nil, options), db, unit}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return s
}

// machine is a device that speaks the protocol.
type machine struct {
	test     testing.TB
	s        intakeTest
	agent    intake.Agent
	id       string
	sections map[string]report.Part
}

func (s intakeTest) enrol(t testing.TB, hostname string, evidence identify.Evidence) *machine {
	t.Helper()
	answer, err := s.Enrol(t.Context(), "192.0.2.1", protocol.Enrol{
		Protocol: 1, Key: string(goodKey), Hostname: hostname, Evidence: evidence, Agent: report.Agent{Version: "1.0"},
	})
	if err != nil {
		t.Fatalf("enrol %s: %v", hostname, err)
	}
	actor, err := s.Authenticate(t.Context(), answer.Credential)
	if err != nil {
		t.Fatalf("authenticate %s: %v", hostname, err)
	}
	return &machine{
		test: t, s: s, id: answer.Device, sections: map[string]report.Part{},
		agent: intake.Agent{Device: int32(actor.DeviceID), Credential: identity.Secret(answer.Credential)},
	}
}

// part makes a section of a report.
func part(t testing.TB, outcome report.Outcome, section report.Section) report.Part {
	t.Helper()
	facts, err := json.Marshal(section)
	if err != nil {
		t.Fatal(err)
	}
	return report.Part{Name: section.Name(), Outcome: outcome, Hash: report.Hash(outcome, section), Facts: facts}
}

func (m *machine) message(parts ...report.Part) report.Report {
	m.test.Helper()
	for _, one := range parts {
		m.sections[one.Name] = one
	}
	return report.Report{
		ID: uuid.Must(uuid.NewV7()).String(), TakenAt: time.Now().UTC(), Agent: report.Agent{Version: "1.0", OS: "linux", Arch: "amd64"},
		Digest: m.digest(), Sections: parts,
	}
}

func (m *machine) digest() string {
	var all []report.Part
	for _, one := range m.sections {
		all = append(all, one)
	}
	return report.StateDigest(all)
}

func (m *machine) send(message report.Report) protocol.Reported {
	m.test.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		m.test.Fatal(err)
	}
	answer, err := m.s.Report(m.test.Context(), m.agent, "", body)
	if err != nil {
		m.test.Fatalf("report: %v", err)
	}
	return answer
}

// report sends sections that were read in full.
func (m *machine) report(sections ...report.Section) protocol.Reported {
	m.test.Helper()
	var parts []report.Part
	for _, one := range sections {
		parts = append(parts, part(m.test, report.OK, one))
	}
	return m.send(m.message(parts...))
}

// raw sends one section as it stands.
func (m *machine) raw(name string, outcome report.Outcome, facts string) protocol.Reported {
	m.test.Helper()
	return m.send(m.message(report.Part{Name: name, Outcome: outcome, Hash: uuid.NewString()[:11], Facts: json.RawMessage(facts)}))
}

func (m *machine) checkin(sections bool) protocol.CheckedIn {
	m.test.Helper()
	message := protocol.Checkin{Digest: m.digest()}
	if sections {
		message.Sections = map[string]string{}
		for name, one := range m.sections {
			message.Sections[name] = one.Hash
		}
	}
	answer, err := m.s.Checkin(m.test.Context(), m.agent, message)
	if err != nil {
		m.test.Fatalf("check in: %v", err)
	}
	return answer
}

// text reads one value as text; "" for NULL and for no row.
func (s intakeTest) text(t testing.TB, query string, args ...any) string {
	t.Helper()
	var value *string
	if err := s.db.Read(t.Context()).Raw("SELECT CAST(("+query+") AS text)", args...).Scan(&value).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if value == nil {
		return ""
	}
	return *value
}

// column reads one column of device, such as "serial".
func (m *machine) column(name string) string {
	m.test.Helper()
	return m.s.text(m.test, "SELECT "+name+" FROM devices WHERE id = ?", m.agent.Device)
}

// history lists the changes of the device, oldest first, as one line each.
func (m *machine) history() []string {
	m.test.Helper()
	var lines []struct {
		Section, Action, Subject string
		Field, Before, After     *string
	}
	err := m.s.db.Read(m.test.Context()).Raw(
		"SELECT section, action, subject, field, before, after FROM device_changes WHERE device_id = ? ORDER BY at, seq", m.agent.Device).Scan(&lines).Error
	if err != nil {
		m.test.Fatal(err)
	}
	var history []string
	for _, line := range lines {
		var words []string
		for _, word := range []*string{&line.Section, &line.Action, &line.Subject, line.Field, line.Before, line.After} {
			if word != nil && *word != "" {
				words = append(words, *word)
			}
		}
		history = append(history, strings.Join(words, " "))
	}
	return history
}

func evidence(serial string) identify.Evidence {
	return identify.Evidence{Maker: "Dell Inc.", Serial: serial}
}

func titles(count int, version string) *report.Software {
	list := &report.Software{}
	for i := range count {
		list.Packages = append(list.Packages, report.Package{
			Title: fmt.Sprintf("title-%03d", i), Version: version, Arch: "amd64", Source: "deb", InstalledOn: "2026-01-02", SizeBytes: 1000,
		})
	}
	return list
}

// full is everything that an ordinary laptop reports.
func full(number int) []report.Section {
	serial := fmt.Sprintf("SN%06d", number)
	no := false
	return []report.Section{
		&report.System{Maker: "Dell Inc.", Model: "Latitude 7440", Serial: serial, UUID: uuid.NewSHA1(uuid.Nil, []byte(serial)).String(), Chassis: "laptop", Machine: "physical"},
		&report.OS{Family: "linux", Title: "Debian GNU/Linux", Version: "12.9", Kernel: "6.1.0-28-amd64", Arch: "x86_64", Hostname: "pc-" + serial, BootedAt: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)},
		&report.CPU{Cores: 10, Threads: 12, Processors: []report.Processor{{Model: "Intel Core i7-1365U", Cores: 10}}},
		&report.Memory{TotalBytes: 16 << 30, Modules: []report.Module{{Slot: "DIMM A", SizeBytes: 8 << 30, Serial: serial + "A"}, {Slot: "DIMM B", SizeBytes: 8 << 30, Serial: serial + "B"}}},
		&report.Storage{
			Drives:  []report.Drive{{Device: "nvme0n1", Model: "PC801", Serial: serial + "D", SizeBytes: 512 << 30, Media: "ssd", Removable: &no}},
			Volumes: []report.Volume{{Mount: "/", Device: "/dev/nvme0n1p2", Filesystem: "ext4", SizeBytes: 500 << 30, FreeBytes: new(int64(200 << 30))}},
		},
		&report.Network{Interfaces: []report.Interface{{Device: "wlan0", MAC: fmt.Sprintf("00:1b:21:%02x:%02x:%02x", number>>16&255, number>>8&255, number&255), Up: true, Addresses: []string{fmt.Sprintf("10.%d.%d.%d/16", number>>16&255, number>>8&255, number&255)}}}},
		&report.Monitor{Monitors: []report.Screen{{Connector: "DP-1", Maker: "Dell", Model: "U2722D", Serial: serial + "M"}}},
		&report.Battery{Batteries: []report.Cell{{Device: "BAT0", Serial: serial + "Z", DesignedMWh: 57000, FullMWh: 51000}}},
		&report.User{Last: report.Account{Login: "user" + serial, Person: "Person " + serial}},
		&report.Security{DiskEncryption: "on"},
		titles(300, "1.0"),
	}
}

func encode(t testing.TB, message report.Report) []byte {
	t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(body)
}
