package pacman

import (
	"os"
	"strings"
	"testing"
	"time"
)

func FuzzParse(f *testing.F) {
	machine, err := os.ReadFile("../testdata/arch.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for description := range strings.SplitSeq(string(machine), "-- ") {
		f.Add(description)
	}
	f.Fuzz(func(t *testing.T, description string) {
		p := parse(description, time.UTC)
		if p.SizeBytes < 0 || p.InstalledOn != "" && p.InstalledOn.Check() != nil {
			t.Errorf("read %+v", p)
		}
	})
}
