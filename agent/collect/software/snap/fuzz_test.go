package snap

import (
	"strings"
	"testing"
)

func FuzzScalar(f *testing.F) {
	f.Add([]byte("name: a\nversion: '1.0' # x\n"))
	f.Add([]byte("version: \""))
	f.Fuzz(func(t *testing.T, document []byte) {
		if value := scalar(document, "version:"); strings.Contains(value, "\n") {
			t.Errorf("a version of several lines: %q", value)
		}
	})
}
