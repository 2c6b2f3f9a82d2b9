package version_test

import (
	"testing"

	"holdfast/shared/version"
)

// Most pairs are from the tests of apk-tools itself (test/version.data).
func TestVersionsAreOrderedAsApkOrdersThem(t *testing.T) {
	for _, c := range apkPairs() {
		if got := sign(version.APK(c.a, c.b)); got != c.want {
			t.Errorf("APK(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := sign(version.APK(c.b, c.a)); got != -c.want {
			t.Errorf("APK(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

func apkPairs() []pair {
	return []pair{
		{"2.34", "0.1.0_alpha", 1},
		{"0.1.0_alpha", "0.1.0_alpha", 0},
		{"0.1.0_alpha", "0.1.3_alpha", -1},
		{"0.1.0_alpha2", "0.1.0_alpha", 1},
		{"0.1.0_alpha_pre2", "0.1.0_alpha", -1},
		{"1.0_p10-r0", "1.0_p9-r0", 1},
		{"0.1.0_alpha", "0.1.0_beta", -1},
		{"0.1.0_rc1", "0.1.0", -1},
		{"0.1.0", "0.1.0_p1", -1},
		{"2.1.7_p2-r0", "2.1.7_p2-r3", -1},
		{"1.0-r0", "1.0", 1},
		{"3.0.0_p1", "3.0.0", 1},
		{"1.2.0a", "1.2.0", 1},
		{"1.2b", "1.2a", 1},
		{"0.12.1", "0.1.2", 1},
		{"8.2.0", "8.2.001", 1},
		{"1.01", "1.1", -1},
		{"1.36.1-r29", "1.36.1-r9", 1},
		{"20240705", "20230506", 1},
		{"9999999999999999999999", "10000000000000000000000", -1},
		{"1.0_git20240101", "1.0", 1},
	}
}

func FuzzAPK(f *testing.F) {
	for _, c := range apkPairs() {
		f.Add(c.a, c.b, c.b)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if version.APK(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if sign(version.APK(a, b)) != -sign(version.APK(b, a)) {
			t.Errorf("the order of %q and %q depends on which comes first", a, b)
		}
		if version.APK(a, b) <= 0 && version.APK(b, c) <= 0 && version.APK(a, c) > 0 {
			t.Errorf("%q <= %q <= %q, but the first is newer than the last", a, b, c)
		}
	})
}
