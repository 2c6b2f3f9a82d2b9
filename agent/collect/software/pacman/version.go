package pacman

import (
	"cmp"
	"strings"
)

// Split takes the name of a package's folder apart: name-version-release.
// Both are empty when it is not one.
func Split(folder string) (name, version string) {
	release := strings.LastIndexByte(folder, '-')
	if release <= 0 {
		return "", ""
	}
	at := strings.LastIndexByte(folder[:release], '-')
	if at <= 0 {
		return "", ""
	}
	return folder[:at], folder[at+1:]
}

// Compare orders two versions as pacman does (vercmp(8)): negative when a is
// older than b, zero when neither is, positive when a is newer. The releases
// count only when both have one.
func Compare(a, b string) int {
	epochA, versionA, releaseA := parts(a)
	epochB, versionB, releaseB := parts(b)
	order := cmp.Or(comparePart(epochA, epochB), comparePart(versionA, versionB))
	if order == 0 && releaseA != "" && releaseB != "" {
		order = comparePart(releaseA, releaseB)
	}
	return order
}

// parts takes a version apart: [epoch:]version[-release].
func parts(s string) (epoch, version, release string) {
	epoch, version = "0", s
	if before, after, has := strings.Cut(s, ":"); has && strings.Trim(before, "0123456789") == "" {
		epoch, version = before, after
	}
	if at := strings.LastIndexByte(version, '-'); at >= 0 {
		version, release = version[:at], version[at+1:]
	}
	return epoch, version, release
}

// comparePart compares runs of digits and runs of letters in turn. Numbers
// are newer than letters; more separators are newer than fewer; and where one
// ends first, it is older, unless letters follow at once in the other: 1.0 is
// newer than 1.0rc, and older than 1.0.rc.
func comparePart(a, b string) int {
	for a != "" && b != "" {
		separatorsA, restA := run(a, isSeparator)
		separatorsB, restB := run(b, isSeparator)
		a, b = restA, restB
		if a == "" || b == "" {
			break
		}
		if len(separatorsA) != len(separatorsB) {
			return cmp.Compare(len(separatorsA), len(separatorsB))
		}
		kind := isLetter
		if isDigit(a[0]) {
			kind = isDigit
		}
		segmentA, restA := run(a, kind)
		segmentB, restB := run(b, kind)
		if segmentB == "" { // one is a number and the other is not
			if isDigit(a[0]) {
				return 1
			}
			return -1
		}
		order := strings.Compare(segmentA, segmentB)
		if isDigit(a[0]) {
			segmentA, segmentB = strings.TrimLeft(segmentA, "0"), strings.TrimLeft(segmentB, "0")
			order = cmp.Or(cmp.Compare(len(segmentA), len(segmentB)), strings.Compare(segmentA, segmentB))
		}
		if order != 0 {
			return order
		}
		a, b = restA, restB
	}
	switch {
	case a == "" && b == "":
		return 0
	case a != "" && isLetter(a[0]), b != "" && !isLetter(b[0]):
		return -1
	}
	return 1
}

// run splits s after its leading bytes of a kind.
func run(s string, kind func(byte) bool) (leading, rest string) {
	end := 0
	for end < len(s) && kind(s[end]) {
		end++
	}
	return s[:end], s[end:]
}

func isDigit(b byte) bool     { return b >= '0' && b <= '9' }
func isLetter(b byte) bool    { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
func isSeparator(b byte) bool { return !isDigit(b) && !isLetter(b) }
