package list_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"holdfast/server/list"
)

// Much of what is listed comes from devices that anyone may have named.
func TestNoTextOfAnExportIsRunByASpreadsheet(t *testing.T) {
	names := map[string]string{
		`=1+1`: `'=1+1`, "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "＝1+1": "'＝1+1", "＠x": "'＠x",
		"a=b": "a=b", "é": "é",
	}
	for name, want := range names {
		var text bytes.Buffer
		one := func(yield func(thing, error) bool) { yield(thing{Name: name}, nil) }
		if err := list.CSV(&text, things(), parse(t, "columns=name"), one, list.Texts{}); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&text).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := records[1][0]; got != want {
			t.Errorf("%q is written as %q, want %q", name, got, want)
		}
	}
}
