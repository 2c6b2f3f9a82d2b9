package version_test

import (
	"testing"

	"holdfast/shared/version"
)

// The pairs are those of pacman's own test (test/util/vercmptest.sh).
func TestVersionsAreOrderedAsPacmanOrdersThem(t *testing.T) {
	for _, c := range pacmanPairs() {
		if got := sign(version.Pacman(c.a, c.b)); got != c.want {
			t.Errorf("Pacman(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := sign(version.Pacman(c.b, c.a)); got != -c.want {
			t.Errorf("Pacman(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

func pacmanPairs() []pair {
	return []pair{
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

// Antisymmetry is all that can be asked: pacman's own order has circles, as
// in 1, 1a and 1.a.
func FuzzPacman(f *testing.F) {
	for _, c := range pacmanPairs() {
		f.Add(c.a, c.b)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if version.Pacman(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if sign(version.Pacman(a, b)) != -sign(version.Pacman(b, a)) {
			t.Errorf("the order of %q and %q depends on which comes first", a, b)
		}
	})
}
