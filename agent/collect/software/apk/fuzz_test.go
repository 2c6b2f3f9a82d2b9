package apk

import (
	"os"
	"strings"
	"testing"

	"holdfast/agent/collect/software/text"
)

func FuzzParse(f *testing.F) {
	machine, err := os.ReadFile("../testdata/alpine.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(string(machine), "\n\n") {
		f.Add([]byte(paragraph))
	}
	f.Fuzz(func(t *testing.T, paragraph []byte) {
		if p := parse(paragraph, text.Interned{}); p.SizeBytes < 0 || strings.Contains(p.Title+p.Version, "\n") {
			t.Errorf("read %+v", p)
		}
	})
}
