package version_test

import (
	"os/exec"
	"testing"

	"holdfast/shared/version"
)

func TestVersionsAreOrderedAsDpkgOrdersThem(t *testing.T) {
	for _, c := range debPairs() {
		if got := sign(version.Deb(c.a, c.b)); got != c.want {
			t.Errorf("Deb(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := sign(version.Deb(c.b, c.a)); got != -c.want {
			t.Errorf("Deb(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
		operator := map[int]string{-1: "lt", 0: "eq", 1: "gt"}[c.want]
		if err := exec.Command("dpkg", "--compare-versions", c.a, operator, c.b).Run(); err != nil {
			t.Errorf("dpkg itself says that %q is not %s %q: %v", c.a, operator, c.b, err)
		}
	}
}

func debPairs() []pair {
	return []pair{
		{"1.0", "1.0", 0},
		{"1.0", "1.00", 0},
		{"1.0", "1.0-0", 0},
		{"0:1.0", "1.0", 0},
		{"1:0.1", "9.9", 1},
		{"1.2", "1.10", -1},
		{"1.0~rc1", "1.0", -1},
		{"1.0~~", "1.0~", -1},
		{"1.0~", "1.0", -1},
		{"1.0a", "1.0", 1},
		{"1.0a", "1.0+", -1},
		{"1.0-1", "1.0-1+b1", -1},
		{"1.0-1+deb12u1", "1.0-1+deb12u10", -1},
		{"2.36-9+deb12u9", "2.36-9+deb12u14", -1},
		{"5.15.0-1ubuntu1~22.04.1", "5.15.0-1ubuntu1", -1},
		{"1.0-1-1", "1.0-1", 1},
		{"20240203", "9", 1},
		{"00000000000000000000000001", "1", 0},
		{"99999999999999999999999999", "100000000000000000000000000", -1},
		{"1.0.", "1.0", 1},
		{"1.", "1a", 1},
		{"1.0-a", "1.0-1", 1},
	}
}

func FuzzDeb(f *testing.F) {
	for _, c := range debPairs() {
		f.Add(c.a, c.b, c.b)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if version.Deb(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if sign(version.Deb(a, b)) != -sign(version.Deb(b, a)) {
			t.Errorf("the order of %q and %q depends on which comes first", a, b)
		}
		if version.Deb(a, b) <= 0 && version.Deb(b, c) <= 0 && version.Deb(a, c) > 0 {
			t.Errorf("%q <= %q <= %q, but the first is newer than the last", a, b, c)
		}
	})
}
