// Package version orders the versions of software. Each package manager has an
// order of its own, and the differences show: 1.0~rc1 is older than 1.0 to
// dpkg and rpm, and 1.0a is newer than 1.0 to rpm and older to pacman. So each
// is written out as its manual has it, and tested against the program itself.
//
// All functions give a negative number when a is older than b, zero when
// neither is, and a positive one when a is newer. Nothing is refused: what is
// no version is ordered somehow.
package version

import (
	"cmp"
	"strings"
)

// Compare orders two versions of one title as the package manager does that
// installed it, named as in report.Package.Source. Where no manager has an
// order, that of rpm serves: parts one by one, numbers by their value.
func Compare(source, a, b string) int {
	switch source {
	case "deb":
		return Deb(a, b)
	case "apk":
		return APK(a, b)
	case "pacman":
		return Pacman(a, b)
	}
	return RPM(a, b)
}

// parts takes a version apart: [epoch:]version[-release].
func parts(s string) (epoch, version, release string) {
	epoch, version = "0", s
	if before, after, has := strings.Cut(s, ":"); has && strings.Trim(before, "0123456789") == "" {
		epoch, version = cmp.Or(before, "0"), after
	}
	if at := strings.LastIndexByte(version, '-'); at >= 0 {
		version, release = version[:at], version[at+1:]
	}
	return epoch, version, release
}

// compareRun compares two runs of digits, or two of letters.
func compareRun(a, b string) int {
	if isDigit(a[0]) {
		return compareNumber(a, b)
	}
	return strings.Compare(a, b)
}

// compareNumber compares decimal numbers of any length.
func compareNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// run splits s after its leading bytes of a kind.
func run(s string, kind func(byte) bool) (leading, rest string) {
	end := 0
	for end < len(s) && kind(s[end]) {
		end++
	}
	return s[:end], s[end:]
}

func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
