package settings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/shared/settings"
)

func TestLinesAreReadAsSystemdReadsThem(t *testing.T) {
	found, err := settings.Read(strings.NewReader(`
# a comment
A=plain
  B = spaced
C="in quotes, # and all"
D='it = so'
E=
A=the last one counts
`))
	want := map[string]string{"A": "the last one counts", "B": "spaced", "C": "in quotes, # and all", "D": "it = so", "E": ""}
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("%v, settings differ:\n%s", err, diff)
	}
}

func TestLineThatIsNoSettingIsNamed(t *testing.T) {
	for _, text := range []string{"A=1\nnonsense\n", "A=1\n=2\n"} {
		if _, err := settings.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
