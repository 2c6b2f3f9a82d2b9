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

// compareStart compares the runs of digits or of letters that a and b start
// with, and gives what follows them. A number is newer than letters.
func compareStart(a, b string) (order int, restA, restB string) {
	number, otherNumber := isDigit(a[0]), isDigit(b[0])
	kind, compare := isLetter, strings.Compare
	switch {
	case number && !otherNumber:
		return 1, a, b
	case otherNumber && !number:
		return -1, a, b
	case number:
		kind, compare = isDigit, compareNumber
	}
	startA, restA := run(a, kind)
	startB, restB := run(b, kind)
	return compare(startA, startB), restA, restB
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
