package pacman_test

import (
	"testing"

	"holdfast/agent/collect/software/pacman"
)

// The pairs are those of pacman's own test (test/util/vercmptest.sh).
func TestVersionsAreOrderedAsPacmanOrdersThem(t *testing.T) {
	for _, c := range versionPairs() {
		if got := sign(pacman.Compare(c.a, c.b)); got != c.want {
			t.Errorf("Compare(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := sign(pacman.Compare(c.b, c.a)); got != -c.want {
			t.Errorf("Compare(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

type versionPair struct {
	a, b string
	want int
}

func versionPairs() []versionPair {
	return []versionPair{
		{"1.5.0", "1.5.0", 0},
		{"1.5.1", "1.5.0", 1},
		{"1.5.1", "1.5", 1},
		{"1.5.0-1", "1.5.0-2", -1},
		{"1.5.0-2", "1.5.1-1", -1},
		{"1.5-2", "1.5.1-1", -1},
		{"1.5", "1.5-1", 0},
		{"1.0-1", "1.1", -1},
		{"1.5b-1", "1.5-1", -1},
		{"1.5b", "1.5.1", -1},
		{"1.0a", "1.0alpha", -1},
		{"1.0alpha", "1.0b", -1},
		{"1.0b", "1.0beta", -1},
		{"1.0beta", "1.0rc", -1},
		{"1.0rc", "1.0", -1},
		{"1.5.a", "1.5", 1},
		{"1.5.b", "1.5.a", 1},
		{"1.5.1", "1.5.b", 1},
		{"1.5.b-1", "1.5.b", 0},
		{"1.5-1", "1.5.b", -1},
		{"2.0", "2_0", 0},
		{"2.0_a", "2_0.a", 0},
		{"2.0a", "2.0.a", -1},
		{"2___a", "2_a", 1},
		{"0:1.0", "0:1.1", -1},
		{"1:1.0", "0:1.1", 1},
		{"1:1.0", "2:1.1", -1},
		{"1:1.0", "1.1", 1},
		{"0:1.0", "1.0", 0},
		{"1.010", "1.10", 0},
		{"99999999999999999999", "100000000000000000000", -1},
	}
}

func TestFolderNameIsSplitIntoNameAndVersion(t *testing.T) {
	for folder, want := range map[string][2]string{
		"bash-5.2.037-1":            {"bash", "5.2.037-1"},
		"gtk-update-icon-cache-1:4": {"gtk-update-icon", "cache-1:4"},
		"xorg-server-1:2.0-3":       {"xorg-server", "1:2.0-3"},
		"ALPM_DB_VERSION":           {"", ""},
		"-1-1":                      {"", ""},
	} {
		if name, version := pacman.Split(folder); name != want[0] || version != want[1] {
			t.Errorf("Split(%q) = %q, %q, want %q", folder, name, version, want)
		}
	}
}

// Antisymmetry is all that can be asked: pacman's own order has circles, as
// in 1, 1a and 1.a.
func FuzzCompare(f *testing.F) {
	for _, c := range versionPairs() {
		f.Add(c.a, c.b)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if pacman.Compare(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if sign(pacman.Compare(a, b)) != -sign(pacman.Compare(b, a)) {
			t.Errorf("the order of %q and %q depends on which comes first", a, b)
		}
	})
}

func sign(n int) int { return max(-1, min(1, n)) }
