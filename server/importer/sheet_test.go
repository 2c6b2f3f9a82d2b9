package importer

import (
	"testing"

	"holdfast/server/fault"
)

func FuzzAnyFileIsReadOrRefused(f *testing.F) {
	for _, seed := range []string{"tag,cost\nA,1", "étiquette;coût\n\"A;1", "\xff\xfet\x00a\x00g\x00", "tag\n\"", "a\tb\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, kind := range Kinds() {
			read, err := readSheet(kind, content)
			if err != nil && fault.Of(err) == nil {
				t.Errorf("%s: %v", kind, err)
			}
			if err == nil && len(read.lines) > MaxRows {
				t.Errorf("%s: %d lines", kind, len(read.lines))
			}
		}
	})
}

func TestDaysAreReadOnlyWhenTheyAreClear(t *testing.T) {
	for cell, want := range map[string]string{
		"2026-03-14": "2026-03-14", "14/03/2026": "2026-03-14", "03/14/2026": "2026-03-14", "14.3.2026": "2026-03-14",
		"2026-03-14 00:00:00": "2026-03-14", "5/5/2026": "2026-05-05", "14 Mar 2026": "2026-03-14",
		"03/04/2026": "", "2026-13-01": "", "yesterday": "", "31/02/2026": "",
	} {
		day, clear := dayNamed(cell)
		if clear != (want != "") || clear && day.Format("2006-01-02") != want {
			t.Errorf("%q is read as %v, %v", cell, day, clear)
		}
	}
}
