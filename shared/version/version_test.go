package version_test

import (
	"testing"

	"holdfast/shared/version"
)

// pair is two versions and their order.
type pair struct {
	a, b string
	want int
}

func sign(n int) int { return max(-1, min(1, n)) }

func TestEachSourceHasItsOwnOrder(t *testing.T) {
	for _, c := range []struct {
		source, a, b string
		want         int
	}{
		{"deb", "1.0~rc1", "1.0", -1},
		{"deb", "1.0-1+b1", "1.0-1", 1},
		{"rpm", "1.0a", "1.0", 1},
		{"pacman", "1.0a", "1.0", -1},
		{"apk", "1.0_rc1", "1.0", -1},
		{"rpm", "1.0_rc1", "1.0", 1},
		{"msi", "10.0.19045.1", "9.99", 1},
		{"snap", "131.0.6778.85", "131.0.6778.108", -1},
		{"", "2024-11-02", "2024-09-30", 1},
		{"flatpak", "", "1.0", -1},
	} {
		if got := sign(version.Compare(c.source, c.a, c.b)); got != c.want {
			t.Errorf("%s: %q and %q: %d, want %d", c.source, c.a, c.b, got, c.want)
		}
	}
}
