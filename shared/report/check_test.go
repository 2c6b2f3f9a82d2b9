package report_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/shared/report"
)

func TestReadKeepsAGoodSectionAsItIs(t *testing.T) {
	for _, section := range report.All() {
		facts, err := json.Marshal(sane(section))
		if err != nil {
			t.Fatal(err)
		}
		read, kept, notes := report.Read(section.Name(), facts)
		if diff := cmp.Diff(section, read); diff != "" {
			t.Errorf("%s is read differently:\n%s", section.Name(), diff)
		}
		if len(notes) != 0 || string(kept) != string(facts) {
			t.Errorf("%s is not kept as it is, notes %+v", section.Name(), notes)
		}
	}
}

// sane fills a section with facts that keep the specification.
func sane(section report.Section) report.Section {
	fill(section.Name(), reflect.ValueOf(section).Elem(), rand.New(rand.NewPCG(5, 6)))
	tidy(reflect.ValueOf(section).Elem(), "")
	return section
}

func tidy(value reflect.Value, tag reflect.StructTag) {
	switch value.Kind() {
	case reflect.Struct:
		if _, isTime := value.Interface().(time.Time); isTime {
			value.Set(reflect.ValueOf(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)))
			return
		}
		for i := range value.NumField() {
			tidy(value.Field(i), value.Type().Field(i).Tag)
		}
	case reflect.Slice:
		for i := range value.Len() {
			tidy(value.Index(i), tag)
		}
	case reflect.Pointer:
		tidy(value.Elem(), tag)
	case reflect.Int, reflect.Int64:
		value.SetInt(1 + value.Int()%1000)
	case reflect.String:
		if oneOf := strings.Fields(tag.Get("oneof")); len(oneOf) > 0 {
			value.SetString(oneOf[0])
		}
		switch tag.Get("kind") {
		case "mac":
			value.SetString("00:1b:21:aa:bb:cc")
		case "ip":
			value.SetString("2001:db8::1")
		case "prefix":
			value.SetString("192.0.2.7/24")
		case "uuid":
			value.SetString("4c4c4544-0042-3510-8052-b4c04f4a4d32")
		}
	default:
	}
}

func TestOneBadValueCostsThatValueOnly(t *testing.T) {
	long := strings.Repeat("é", 1001)
	tests := []struct {
		name, section, facts string
		kept                 string
		path                 string
		reason               report.Reason
	}{
		{"number as text", "memory", `{"total_bytes":"8 GB","slots":2}`, `{"slots":2}`, "total_bytes", report.WrongType},
		{"text as number", "os", `{"name":7,"version":"12"}`, `{"version":"12"}`, "name", report.WrongType},
		{"list as object", "memory", `{"modules":{},"slots":2}`, `{"slots":2}`, "modules", report.WrongType},
		{"object as text", "system", `{"board":"X1","maker":"Dell"}`, `{"maker":"Dell"}`, "board", report.WrongType},
		{"null in a list", "memory", `{"modules":[null,{"slot":"A"}]}`, `{"modules":[{"slot":"A"}]}`, "modules[0]", report.WrongType},
		{"fraction", "cpu", `{"cores":1.5,"sockets":1}`, `{"sockets":1}`, "cores", report.WrongType},
		{"negative size", "memory", `{"modules":[{"slot":"A","size_bytes":-1}]}`, `{"modules":[{"slot":"A"}]}`, "modules[0].size_bytes", report.Negative},
		{"speed of a driver that does not know", "network", `{"interfaces":[{"device":"eth0","speed_mbps":4294967295}]}`, `{"interfaces":[{"device":"eth0"}]}`, "interfaces[0].speed_mbps", report.TooLarge},
		{"number beyond all", "memory", `{"total_bytes":99999999999999999999,"slots":2}`, `{"slots":2}`, "total_bytes", report.TooLarge},
		{"number below all", "memory", `{"total_bytes":-99999999999999999999,"slots":2}`, `{"slots":2}`, "total_bytes", report.Negative},
		{"not one of", "system", `{"chassis":"toaster","maker":"Dell"}`, `{"maker":"Dell"}`, "chassis", report.NotOneOf},
		{"hardware address", "network", `{"interfaces":[{"device":"eth0","mac":"00:1b:21"}]}`, `{"interfaces":[{"device":"eth0"}]}`, "interfaces[0].mac", report.BadMAC},
		{"empty hardware address", "network", `{"interfaces":[{"device":"eth0","mac":"00:00:00:00:00:00"}]}`, `{"interfaces":[{"device":"eth0"}]}`, "interfaces[0].mac", report.BadMAC},
		{"address", "network", `{"dns":["192.0.2.1","192.0.2.300"]}`, `{"dns":["192.0.2.1"]}`, "dns[1]", report.BadIP},
		{"address without length", "network", `{"interfaces":[{"device":"eth0","addresses":["192.0.2.1","192.0.2.1/24"]}]}`, `{"interfaces":[{"device":"eth0","addresses":["192.0.2.1/24"]}]}`, "interfaces[0].addresses[0]", report.BadPrefix},
		{"number of the machine", "system", `{"uuid":"4c4c4544","maker":"Dell"}`, `{"maker":"Dell"}`, "uuid", report.BadUUID},
		{"day that does not exist", "os", `{"installed_on":"1970-00-01","version":"12"}`, `{"version":"12"}`, "installed_on", report.BadDate},
		{"30 February", "os", `{"installed_on":"2024-02-30","version":"12"}`, `{"version":"12"}`, "installed_on", report.BadDate},
		{"time before computers", "os", `{"booted_at":"1970-01-01T00:00:00Z","version":"12"}`, `{"version":"12"}`, "booted_at", report.BadTime},
		{"time far away", "os", `{"booted_at":"9999-01-01T00:00:00Z","version":"12"}`, `{"version":"12"}`, "booted_at", report.BadTime},
		{"time that is none", "os", `{"booted_at":"yesterday","version":"12"}`, `{"version":"12"}`, "booted_at", report.BadTime},
		{"NUL", "os", `{"name":"Deb\u0000ian","version":"12"}`, `{"version":"12"}`, "name", report.Control},
		{"bell", "os", `{"name":"Deb\u0007ian","version":"12"}`, `{"version":"12"}`, "name", report.Control},
		{"not UTF-8", "os", "{\"name\":\"Deb\xffian\",\"version\":\"12\"}", `{"version":"12"}`, "name", report.BadEncoding},
		{"half a character", "os", `{"name":"Deb\ud800ian","version":"12"}`, `{"version":"12"}`, "name", report.BadEncoding},
		{"long text is cut", "os", `{"name":"` + long + `"}`, `{"name":"` + long[:2000] + `"}`, "name", report.Long},
		{"twice", "os", `{"version":"12","version":"13"}`, `{"version":"12"}`, "version", report.Twice},
		{"title without name", "software", `{"packages":[{"version":"1"},{"name":"vim"}]}`, `{"packages":[{"name":"vim"}]}`, "packages[0].name", report.Incomplete},
		{"empty entry", "memory", `{"modules":[{},{"slot":"A"}]}`, `{"modules":[{"slot":"A"}]}`, "modules[0]", report.Incomplete},
		{"NUL in what is not known", "os", `{"colour":{"of":["a","b\u0000"]},"version":"12"}`, `{"colour":{"of":["a"]},"version":"12"}`, "colour.of[1]", report.Control},
		{"NUL in a name", "os", `{"a\u0000":1,"version":"12"}`, `{"version":"12"}`, "a\uFFFD", report.Control},
		{"number that no database holds", "os", `{"colour":1e999999,"version":"12"}`, `{"version":"12"}`, "colour", report.TooLarge},
		{"NUL in an unknown section", "aquarium", `{"fish":["\u0000","eel"]}`, `{"fish":["eel"]}`, "fish[0]", report.Control},
		{"no object", "os", `[1]`, `{}`, "", report.WrongType},
		{"no JSON", "os", `{"name":`, `{}`, "", report.Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			section, kept, notes := report.Read(test.section, json.RawMessage(test.facts))
			if string(kept) != test.kept {
				t.Errorf("kept %s, want %s", kept, test.kept)
			}
			if len(notes) != 1 || notes[0].Path != test.path || notes[0].Reason != test.reason || notes[0].Section != test.section {
				t.Errorf("notes %+v, want one on %q for %s", notes, test.path, test.reason)
			}
			if (section == nil) != (test.section == "aquarium") {
				t.Errorf("section is %v", section)
			}
			if _, _, again := report.Read(test.section, kept); len(again) != 0 {
				t.Errorf("what was kept is noted again: %+v", again)
			}
		})
	}
}

func TestReadPutsValuesIntoTheirOneForm(t *testing.T) {
	section, kept, notes := report.Read("network", json.RawMessage(
		`{"interfaces":[{"device":"eth0","mac":"00-1B-21-AA-BB-CC","kind":"Ethernet","addresses":["2001:DB8:0::7/64"]}],"gateways":["fe80::1%eth0",""]}`))
	want := &report.Network{
		Interfaces: []report.Interface{{
			Device: "eth0", MAC: "00:1b:21:aa:bb:cc", Kind: "ethernet", Addresses: []string{"2001:db8::7/64"},
		}},
		Gateways: []string{"fe80::1"},
	}
	if diff := cmp.Diff(report.Section(want), section); diff != "" || len(notes) != 0 {
		t.Errorf("notes %+v, section differs:\n%s", notes, diff)
	}
	if strings.Contains(string(kept), "1B") {
		t.Errorf("kept %s", kept)
	}
}

func TestReadKeepsWhatItDoesNotKnow(t *testing.T) {
	facts := `{"packages":[{"name":"vim","licence":"Vim","depends":{"on":[1,2.5,null,true]}},{"name":"ed"}],"channel":"stable"}`
	section, kept, notes := report.Read("software", json.RawMessage(facts))
	if string(kept) != facts || len(notes) != 0 {
		t.Errorf("kept %s, notes %+v", kept, notes)
	}
	want := &report.Software{Packages: []report.Package{
		{Title: "vim", Extra: json.RawMessage(`{"licence":"Vim","depends":{"on":[1,2.5,null,true]}}`)},
		{Title: "ed"},
	}}
	if diff := cmp.Diff(report.Section(want), section); diff != "" {
		t.Errorf("section differs:\n%s", diff)
	}
	section, kept, notes = report.Read("aquarium", json.RawMessage(`{"fish": 3}`))
	if section != nil || string(kept) != `{"fish":3}` || len(notes) != 0 {
		t.Errorf("an unknown section is read as %v, %s, %+v", section, kept, notes)
	}
}

func TestNoFactsAreAnEmptySection(t *testing.T) {
	for _, facts := range []string{"", "null", " {} "} {
		section, kept, notes := report.Read("battery", json.RawMessage(facts))
		if diff := cmp.Diff(report.Section(&report.Battery{}), section); diff != "" || string(kept) != "{}" || len(notes) != 0 {
			t.Errorf("%q is read as %+v, %s, %+v", facts, section, kept, notes)
		}
	}
}

func TestEndlessListsAndNotesAreBounded(t *testing.T) {
	many := `{"packages":[` + strings.Repeat(`{"name":"a"},`, 20_000) + `{"name":"a"}]}`
	section, _, notes := report.Read("software", json.RawMessage(many))
	software, _ := section.(*report.Software)
	if len(software.Packages) != 20_000 || len(notes) != 1 || notes[0].Reason != report.Many || notes[0].Value != "20001" {
		t.Errorf("%d titles, notes %+v", len(software.Packages), notes)
	}
	bad := `{"packages":[` + strings.Repeat(`1,`, 500) + `{"name":"vim"}]}`
	section, _, notes = report.Read("software", json.RawMessage(bad))
	software, _ = section.(*report.Software)
	if len(software.Packages) != 1 || len(notes) != 101 || notes[100].Reason != report.FurtherNotes {
		t.Errorf("%d titles, %d notes", len(software.Packages), len(notes))
	}
	deep := `{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`
	if _, kept, notes := report.Read("os", json.RawMessage(deep)); len(kept) > 200 || len(notes) != 1 || notes[0].Reason != report.TooDeep {
		t.Errorf("kept %d bytes, notes %+v", len(kept), notes)
	}
}

func FuzzRead(f *testing.F) {
	for _, section := range report.All() {
		facts, err := json.Marshal(sane(section))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(section.Name(), facts)
	}
	f.Add("aquarium", []byte(`{"a":{"a":1e5,"b":[null,"\u0000",-0,0.10]},"a":2}`))
	f.Add("os", []byte("{\"name\":\"\xff\",\"booted_at\":\"2026-11-21T08:00:00+05:00\",\"installed_on\":null}"))
	f.Fuzz(func(t *testing.T, name string, facts []byte) {
		section, kept, _ := report.Read(name, facts)
		if !json.Valid(kept) {
			t.Fatalf("kept is no JSON: %q", kept)
		}
		again, same, notes := report.Read(name, kept)
		if len(notes) != 0 {
			t.Fatalf("what was kept is noted: %+v\n%s", notes, kept)
		}
		if string(same) != string(kept) {
			t.Fatalf("what was kept changes from %q to %q", kept, same)
		}
		if diff := cmp.Diff(section, again); diff != "" {
			t.Fatalf("what was kept says something else:\n%s", diff)
		}
	})
}

// titles is a software section as an ordinary PC has it.
func titles(count int) json.RawMessage {
	software := &report.Software{}
	for i := range count {
		software.Packages = append(software.Packages, report.Package{
			Title: fmt.Sprintf("lib-something-%d", i), Version: fmt.Sprintf("1:%d.4.2-3+deb12u%d", i, i%7), Arch: "amd64",
			Publisher: "Debian Maintainers", Source: "deb", InstalledOn: "2026-03-04", SizeBytes: int64(i) * 51_200,
		})
	}
	facts, err := json.Marshal(software)
	if err != nil {
		panic(err)
	}
	return facts
}

func BenchmarkRead(b *testing.B) {
	good := titles(300)
	unknown := json.RawMessage(strings.Replace(string(good), `"name":"lib-something-7"`, `"name":"lib-something-7","x":1`, 1))
	for name, facts := range map[string]json.RawMessage{"good": good, "unknown": unknown} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(facts)))
			b.ReportAllocs()
			for b.Loop() {
				report.Read("software", facts)
			}
		})
	}
}

func BenchmarkHash(b *testing.B) {
	section, _, _ := report.Read("software", titles(1000))
	b.ReportAllocs()
	for b.Loop() {
		report.Hash(report.OK, section)
	}
}
