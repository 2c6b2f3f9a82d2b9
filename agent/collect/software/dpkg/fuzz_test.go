package dpkg

import (
	"os"
	"strings"
	"testing"

	"holdfast/agent/collect/software/text"
)

func FuzzParse(f *testing.F) {
	machine, err := os.ReadFile("../testdata/debian.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(string(machine), "\n\n") {
		f.Add([]byte(paragraph))
	}
	f.Fuzz(func(t *testing.T, paragraph []byte) {
		e, is := parse(paragraph, text.Interned{})
		if is && e.Name == "" || e.SizeKiB < 0 || e.SizeKiB<<10 < 0 {
			t.Errorf("read %+v", e)
		}
		if strings.ContainsAny(e.Name+e.Version+e.Arch+e.Maintainer, "\n") {
			t.Errorf("a value of several lines: %+v", e)
		}
	})
}
