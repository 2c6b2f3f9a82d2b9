package intake_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/fault"
	"holdfast/shared/report"
)

func TestFirstReportFillsTheDevice(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "new", evidence("SN000007"))
		m.report(full(7)...)
		got := map[string]string{}
		for _, name := range []string{"name", "kind", "maker", "model", "serial", "os_name", "os_version", "cpu", "cores", "memory_bytes", "disk_bytes", "free_bytes", "address", "mac", "last_user"} {
			got[name] = m.column(name)
		}
		want := map[string]string{
			"name": "pc-SN000007", "kind": "laptop", "maker": "Dell Inc.", "model": "Latitude 7440", "serial": "SN000007",
			"os_name": "Debian GNU/Linux", "os_version": "12.9", "cpu": "Intel Core i7-1365U", "cores": "10",
			"memory_bytes": "17179869184", "disk_bytes": "549755813888", "free_bytes": "214748364800",
			"address": "10.0.0.7", "mac": "00:1b:21:00:00:07", "last_user": "userSN000007",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the device differs:\n%s", diff)
		}
		if diff := cmp.Diff([]string{"enrolled 1.0", "first_seen"}, m.history()); diff != "" {
			t.Errorf("a first report is one entry of the history:\n%s", diff)
		}
		for query, want := range map[string]string{
			"SELECT count(*) FROM installations":                                                   "300",
			"SELECT count(*) FROM components WHERE removed_at IS NULL":                             "5",
			"SELECT count(*) FROM device_sections":                                                 "11",
			"SELECT facts FROM device_sections WHERE name = 'software'":                            "{}",
			"SELECT count(*) FROM device_keys WHERE kind = 'serial' AND value = 'sn000007'":        "1",
			"SELECT count(*) FROM device_keys WHERE kind = 'name' AND value = 'pc-sn000007'":       "1",
			"SELECT count(*) FROM device_keys WHERE kind = 'name' AND value = 'new'":               "0",
			"SELECT installed_on FROM installations ORDER BY release_id LIMIT 1":                   "20455",
			"SELECT count(*) FROM device_contacts WHERE digest IS NOT NULL AND revoked_at IS NULL": "1",
		} {
			if got := s.text(t, query); got != want {
				t.Errorf("%s: %q, not %q", query, got, want)
			}
		}
		if answer := m.checkin(false); answer.Resend || answer.Want != nil {
			t.Errorf("a check-in after the report answers %+v", answer)
		}
	})
}

func TestReportThatComesTwiceIsStoredOnce(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		message := m.message(part(t, report.OK, titles(3, "1.0")))
		m.send(message)
		m.report(titles(3, "2.0"))
		m.send(message) // late, from a spool
		if got := s.text(t, "SELECT count(*) FROM installations i JOIN releases r ON r.id = i.release_id WHERE r.version = '2.0'"); got != "3" {
			t.Errorf("%s titles are at version 2.0", got)
		}
	})
}

func TestBlankErasesNothing(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(full(1)...)
		m.report(&report.System{Model: "Latitude 7440"},
			&report.Memory{Modules: []report.Module{{Slot: "DIMM A", SizeBytes: 8 << 30}, {Slot: "DIMM B", SizeBytes: 8 << 30}}},
			&report.Network{})
		if got := m.column("serial") + " " + m.column("memory_bytes") + " " + m.column("address"); got != "SN000001 17179869184 10.0.0.1" {
			t.Errorf("after blanks the device has %q", got)
		}
		if got := s.text(t, "SELECT facts FROM device_sections WHERE name = 'system'"); !strings.Contains(got, `"SN000001"`) {
			t.Errorf("the section has lost its serial number: %s", got)
		}
		if got := s.text(t, "SELECT count(*) FROM components WHERE kind = 'memory' AND removed_at IS NULL AND serial LIKE 'SN000001%'"); got != "2" {
			t.Errorf("%s modules are there with their numbers", got)
		}
		if got := m.history()[2:]; len(got) > 0 {
			t.Errorf("blanks are history: %q", got)
		}
	})
}

func TestBadValueIsDroppedAndNotedUntilABetterOneComes(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.raw("memory", report.OK, `{"total_bytes": 17179869184, "slots": 4}`)
		answer := m.raw("memory", report.OK, `{"total_bytes": -5, "slots": 2}`)
		want := []report.Note{{Section: "memory", Path: "total_bytes", Reason: report.Negative, Value: "-5"}}
		if diff := cmp.Diff(want, answer.Notes); diff != "" {
			t.Errorf("notes differ:\n%s", diff)
		}
		if got := m.column("memory_bytes"); got != "17179869184" {
			t.Errorf("a bad value leaves %q", got)
		}
		if got := s.text(t, "SELECT facts FROM device_sections WHERE name = 'memory'"); !strings.Contains(got, "17179869184") || !strings.Contains(got, `"slots":2`) {
			t.Errorf("the section is %s", got)
		}
		if got := s.text(t, "SELECT count(*) FROM device_notes WHERE path = 'total_bytes'"); got != "1" {
			t.Errorf("%s notes on the device", got)
		}
		m.raw("memory", report.OK, `{"total_bytes": 8589934592, "slots": 2}`)
		if got := s.text(t, "SELECT count(*) FROM device_notes"); got != "0" {
			t.Errorf("%s notes remain", got)
		}
	})
}

func TestUnknownSectionsAndFactsAreKept(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.raw("quantum", report.OK, `{"qubits": 12, "deep": {"list": [1, 2.5, "x"]}}`)
		m.raw("memory", report.OK, `{"total_bytes": 1073741824, "colour": "red"}`)
		m.raw("software", report.OK, `{"packages": [{"name": "a", "version": "1", "mood": "fine"}], "more": 1}`)
		got := []string{
			s.text(t, "SELECT facts FROM device_sections WHERE name = 'quantum'"),
			s.text(t, "SELECT facts FROM device_sections WHERE name = 'memory'"),
			s.text(t, "SELECT facts FROM device_sections WHERE name = 'software'"),
			s.text(t, "SELECT extra FROM releases"),
		}
		for i, want := range []string{`{"qubits":12,"deep":{"list":[1,2.5,"x"]}}`, `{"total_bytes":1073741824,"colour":"red"}`, `{"more":1}`, `{"mood":"fine"}`} {
			var a, b any
			if err := json.Unmarshal([]byte(got[i]), &a); err != nil {
				t.Errorf("%s: %v", got[i], err)
			}
			if err := json.Unmarshal([]byte(want), &b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(b, a); diff != "" {
				t.Errorf("kept facts differ:\n%s", diff)
			}
		}
	})
}

func TestDeniedAndFailedKeepWhatWasKnown(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(full(1)...)
		for _, outcome := range []report.Outcome{report.Denied, report.Failed, report.TimedOut, "bewitched"} {
			m.raw("storage", outcome, `{}`)
			m.raw("software", outcome, `{"packages":[{"name":"title-000","version":"1.0","arch":"amd64","source":"deb"}]}`)
		}
		for query, want := range map[string]string{
			"SELECT count(*) FROM components WHERE kind = 'drive' AND removed_at IS NULL":                        "1",
			"SELECT count(*) FROM installations":                                                                 "300",
			"SELECT outcome FROM device_sections WHERE name = 'storage'":                                         "failed",
			"SELECT count(*) FROM device_sections WHERE name = 'storage' AND CAST(facts AS text) LIKE '%PC801%'": "1",
		} {
			if got := s.text(t, query); got != want {
				t.Errorf("%s: %q, not %q", query, got, want)
			}
		}
		if got := m.history()[2:]; len(got) > 0 {
			t.Errorf("what could not be read is history: %q", got)
		}
	})
}

func TestPartsThatVanishEndAndReturn(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(full(1)...)
		m.report(&report.Memory{Modules: []report.Module{{Slot: "DIMM A", SizeBytes: 8 << 30, Serial: "SN000001A"}}})
		m.raw("monitor", report.Absent, "")
		if got := s.text(t, "SELECT count(*) FROM components WHERE removed_at IS NOT NULL AND ident IN ('sn000001b', 'dell/u2722d/sn000001m')"); got != "2" {
			t.Errorf("%s parts have ended", got)
		}
		m.report(&report.Monitor{Monitors: []report.Screen{{Connector: "DP-1", Maker: "Dell", Model: "U2722D", Serial: "SN000001M"}}})
		if got := s.text(t, "SELECT count(*) FROM components WHERE kind = 'monitor' AND removed_at IS NULL"); got != "1" {
			t.Errorf("%s monitors are there", got)
		}
		want := []string{
			"memory removed DIMM B modules[] SN000001B",
			"monitor removed U2722D monitors[] SN000001M",
			"monitor added U2722D monitors[] SN000001M",
		}
		if diff := cmp.Diff(want, m.history()[2:]); diff != "" {
			t.Errorf("history differs:\n%s", diff)
		}
	})
}

func TestHistoryTellsWhatPeopleWouldTell(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(full(1)...)
		sections := full(1)
		sections[1].(*report.OS).Hostname = "pc-renamed"
		sections[1].(*report.OS).Kernel = "6.1.0-29-amd64"
		sections[1].(*report.OS).BootedAt = sections[1].(*report.OS).BootedAt.AddDate(0, 0, 1) // noise
		*sections[4].(*report.Storage).Volumes[0].FreeBytes -= 5 << 30                         // noise
		sections[5].(*report.Network).Interfaces[0].Addresses = []string{"10.9.9.9/16"}
		sections[5].(*report.Network).Interfaces[0].Up = false // noise
		list := sections[10].(*report.Software)
		list.Packages[5].Version = "1.1"
		list.Packages[4].Version = "1.0~rc1"
		list.Packages[6].Title = "brand-new"
		list.Packages = slices.Delete(list.Packages, 7, 8)
		m.report(sections...)
		want := []string{
			"os changed kernel 6.1.0-28-amd64 6.1.0-29-amd64",
			"os changed hostname pc-SN000001 pc-renamed",
			"network changed wlan0 interfaces[].addresses 10.0.0.1/16 10.9.9.9/16",
			"software installed brand-new 1.0",
			"software downgraded title-004 1.0 1.0~rc1",
			"software upgraded title-005 1.0 1.1",
			"software uninstalled title-006 1.0",
			"software uninstalled title-007 1.0",
		}
		if diff := cmp.Diff(want, m.history()[2:]); diff != "" {
			t.Errorf("history differs:\n%s", diff)
		}
	})
}

func TestMalformedReportsAreRefusedWithThePlace(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		good := string(encode(t, m.message(part(t, report.OK, titles(1, "1")))))
		for body, want := range map[string]string{
			``:        "",
			`{"id": `: "id",
			`[]`:      "",
			strings.Replace(good, `"outcome":"ok"`, `"outcome":7`, 1):                    "sections[0].outcome",
			strings.Replace(good, `"name":"software"`, `"name":"soft ware"`, 1):          "sections[0].name",
			strings.Replace(good, `"hash":"`, `"hash":"\u0000`, 1):                       "sections[0].hash",
			strings.Replace(good, `"id":"`, `"id":"x`, 1):                                "id",
			strings.Replace(good, `"digest":"`, `"digest":"`+strings.Repeat("x", 99), 1): "digest",
		} {
			_, err := s.Report(t.Context(), m.agent, "", []byte(body))
			found := fault.Of(err)
			if found == nil || found.Kind != fault.Invalid || found.Fields[0].Name != want {
				t.Errorf("%.80s: %v, not at %q", body, err, want)
			}
		}
	})
}
