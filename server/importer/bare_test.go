package importer

import "testing"

// What package list marks for spreadsheets comes back as it was.
func TestMarkOfAnExportIsTakenOff(t *testing.T) {
	for cell, want := range map[string]string{
		"'=1+1": "=1+1", "'-": "-", "'＝1": "＝1", "'＠x": "＠x", " '@a ": "@a", "'tis": "'tis", "'": "'", "": "", "é": "é",
	} {
		if got := bare(cell); got != want {
			t.Errorf("%q is read as %q, want %q", cell, got, want)
		}
	}
}
