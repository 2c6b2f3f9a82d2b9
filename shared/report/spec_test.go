package report_test

import (
	"slices"
	"strings"
	"testing"

	"holdfast/shared/report"
)

func TestEveryFactIsSpecified(t *testing.T) {
	names := map[string]bool{}
	for _, spec := range report.Specs() {
		if names[spec.Name] {
			t.Errorf("section %q stands twice", spec.Name)
		}
		names[spec.Name] = true
		if !strings.HasSuffix(spec.Doc, ".") {
			t.Errorf("section %s has no sentence: %q", spec.Name, spec.Doc)
		}
		paths := map[string]bool{}
		for _, field := range spec.Fields {
			if !strings.HasSuffix(field.Doc, ".") {
				t.Errorf("%s.%s has no sentence: %q", spec.Name, field.Path, field.Doc)
			}
			if paths[field.Path] || field.Path == "" || strings.HasSuffix(field.Path, ".") {
				t.Errorf("%s.%q is no path of its own", spec.Name, field.Path)
			}
			paths[field.Path] = true
			if strings.HasSuffix(field.Path, "_bytes") != (field.Unit == "B") && field.Path != "interfaces[].mtu" {
				t.Errorf("%s.%s: sizes are named _bytes and have the unit B", spec.Name, field.Path)
			}
			for _, system := range field.On {
				if !slices.Contains([]string{"linux", "windows", "darwin"}, system) {
					t.Errorf("%s.%s: no system is called %q", spec.Name, field.Path, system)
				}
			}
		}
	}
	if len(names) != len(report.All()) {
		t.Errorf("%d sections are specified, want %d", len(names), len(report.All()))
	}
}

func TestSpecTellsTypesUnitsAndPersonalFacts(t *testing.T) {
	found := map[string]report.Field{}
	for _, spec := range report.Specs() {
		for _, field := range spec.Fields {
			found[spec.Name+"."+field.Path] = field
		}
	}
	if f := found["memory.modules[].size_bytes"]; f.Type != "number" || f.Unit != "B" {
		t.Errorf("size of a module is specified as %+v", f)
	}
	if f := found["network.dns"]; f.Type != "list of ip" {
		t.Errorf("name servers are specified as %+v", f)
	}
	if f := found["user.last.login"]; !f.Personal {
		t.Errorf("the last user's login is specified as %+v", f)
	}
	if f := found["storage.volumes[].free_bytes"]; f.Step != "1073741824" {
		t.Errorf("free space is specified as %+v", f)
	}
	if f := found["system.bios.mode"]; !slices.Equal(f.OneOf, []string{"uefi", "bios"}) {
		t.Errorf("the firmware's mode is specified as %+v", f)
	}
	if _, there := found["software.packages[].Extra"]; there {
		t.Error("what is not on the wire stands in the specification")
	}
}

func TestReferenceNamesEveryFactThroughItsKey(t *testing.T) {
	keys := map[string]string{}
	var page strings.Builder
	err := report.Reference(&page, func(key, english string) string {
		keys[key] = english
		return english
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range report.Specs() {
		for _, field := range spec.Fields {
			if keys["fact."+spec.Name+"."+field.Path] != field.Doc {
				t.Errorf("%s.%s has no key of its own", spec.Name, field.Path)
			}
			if !strings.Contains(page.String(), "| `"+field.Path+"` |") {
				t.Errorf("the reference leaves out %s.%s", spec.Name, field.Path)
			}
		}
	}
}
