package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/server/store"
)

func TestFilesAreTriedAndBroughtIn(t *testing.T) {
	each(t, func(t *testing.T, o operation, db *store.DB) {
		write := func(lines ...string) string {
			file := filepath.Join(t.TempDir(), "list.csv")
			if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}
		count := func(table string) (rows int) {
			if err := db.Read(t.Context()).Raw("SELECT COUNT(*) FROM " + table).Scan(&rows).Error; err != nil {
				t.Fatal(err)
			}
			return rows
		}
		units := write("Unit", "Finance/Payroll")
		if out := o.must("import", "units", units, "--dry-run", "--language", "en"); !strings.Contains(out, "New: 1") || count("units") > 1 {
			t.Errorf("the dry run says %q and leaves %d units", out, count("units"))
		}
		o.must("import", "units", units)
		o.must("import", "people", write("Nom;Identifiant;Unité", "Zoé Tremblay;ztremblay;Finance/Payroll"))
		o.must("import", "places", write("Place", "Main building/214"))
		assets := write("Tag,Kind,Custodian,Place,Colour", "HF-1,laptop,ztremblay,Main building/214,red", "HF-2,toaster,,,blue", "HF-3,monitor,,,green")
		code, out, problems := o.run("", "import", "assets", assets, "--language", "en")
		if code != 1 || count("assets") != 2 || !strings.Contains(out, "Line 2: HF-1: New") || !strings.Contains(out, "Wrong, left out: 1") {
			t.Errorf("status %d, %d assets: %s", code, count("assets"), out)
		}
		for _, want := range []string{"Colour", "Line 3: HF-2: Kind toaster: "} {
			if !strings.Contains(problems, want) {
				t.Errorf("the problems lack %q: %s", want, problems)
			}
		}
		code, out, _ = o.run("tag,kind\nHF-1,laptop\n", "import", "assets", "-", "--language", "fr")
		if code != 0 || !strings.Contains(out, "Inchangé: 1") {
			t.Errorf("status %d: %s", code, out)
		}
	})
}
