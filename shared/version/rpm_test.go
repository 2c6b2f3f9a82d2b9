package version_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"holdfast/shared/version"
)

// The real peer: rpm's own interpreter compares.
func TestVersionsAreOrderedAsRpmOrdersThem(t *testing.T) {
	parts := []string{
		"1", "1.0", "1.00", "1.1", "1.10", "1.9", "1a", "1.a", "a", "b", "1.0a", "1.0.a", "1.0~rc1", "1.0~rc2", "1.0~~",
		"1.0^", "1.0^git1", "1.0^git2", "1.0^git1~x", "1.0~rc1^git1", "1.0.1", "2", "10", "010", "1_0", "1..0", "1.0.",
		"xyz10", "xyz10.1", "xyz.4", "5.5p1", "5.5p10", "99999999999999999999999", "1^a", "1.1^", "0~", "0^",
	}
	var script strings.Builder
	for _, a := range parts {
		for _, b := range parts {
			fmt.Fprintf(&script, "print(rpm.vercmp(%q,%q), ' ')", a, b)
		}
	}
	output, err := exec.Command("rpm", "--eval", "%{lua:"+script.String()+"}").Output()
	if err != nil {
		t.Fatalf("this test needs rpm (Debian: apt-get install rpm): %v", err)
	}
	want := strings.Fields(string(output))
	if len(want) != len(parts)*len(parts) {
		t.Fatalf("rpm compared %d pairs of %d", len(want), len(parts)*len(parts))
	}
	for i, a := range parts {
		for j, b := range parts {
			if got := fmt.Sprint(version.RPM(a, b)); got != want[i*len(parts)+j] {
				t.Errorf("%q and %q: %s, rpm says %s", a, b, got, want[i*len(parts)+j])
			}
		}
	}
}

func TestEpochCountsFirstAndReleaseLast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1:0.1-1", "9.9-9", 1},
		{"0:1.0-1", "1.0-1", 0},
		{"1.0-2", "1.0-10", -1},
		{"1.0-2", "1.1-1", -1},
		{"1.0", "1.0-1", -1},
	} {
		if got := version.RPM(c.a, c.b); got != c.want {
			t.Errorf("RPM(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func FuzzRPM(f *testing.F) {
	f.Add("1:1.0~rc1-1.fc40", "1.0^git-1")
	f.Fuzz(func(t *testing.T, a, b string) {
		if version.RPM(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if version.RPM(a, b) != -version.RPM(b, a) {
			t.Errorf("the order of %q and %q depends on which comes first", a, b)
		}
	})
}
