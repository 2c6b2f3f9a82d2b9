package flatpak

import (
	"os"
	"strings"
	"testing"

	"holdfast/shared/report"
)

func FuzzDescribe(f *testing.F) {
	machine, err := os.ReadFile("../testdata/flatpak.txtar")
	if err != nil {
		f.Fatal(err)
	}
	_, description, _ := strings.Cut(string(machine), "<?xml")
	description, _, _ = strings.Cut(description, "\n-- ")
	f.Add("<?xml" + description)
	f.Add(`<component><name>A</name><name xml:lang="fr">B</name></component>`)
	f.Fuzz(func(_ *testing.T, description string) {
		var p report.Package
		_ = describe(strings.NewReader(description), &p) // must not panic or hang
	})
}
