package rpm

import (
	"cmp"
	"strings"
)

// Compare orders two versions, [epoch:]version[-release], as rpm does
// (rpm-version(7)): negative when a is older than b, zero when neither is,
// positive when a is newer. A missing epoch is 0.
func Compare(a, b string) int {
	epochA, versionA, releaseA := parts(a)
	epochB, versionB, releaseB := parts(b)
	return cmp.Or(comparePart(epochA, epochB), comparePart(versionA, versionB), comparePart(releaseA, releaseB))
}

func parts(s string) (epoch, version, release string) {
	epoch, version = "0", s
	if before, after, has := strings.Cut(s, ":"); has {
		epoch, version = before, after
	}
	if at := strings.LastIndexByte(version, '-'); at >= 0 {
		version, release = version[:at], version[at+1:]
	}
	return epoch, version, release
}

// comparePart compares runs of digits and runs of letters in turn, whatever
// lies between them. A tilde is older than the end, and a caret newer than
// the end but older than anything else.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		a, b = strings.TrimLeftFunc(a, isSeparator), strings.TrimLeftFunc(b, isSeparator)
		if order, both := sign(a, b, '~', -1); order != 0 {
			return order
		} else if both {
			a, b = a[1:], b[1:]
			continue
		}
		// The end is older than a caret, and all else is newer.
		caret := 1
		if a != "" && b != "" {
			caret = -1
		}
		if order, both := sign(a, b, '^', caret); order != 0 {
			return order
		} else if both {
			a, b = a[1:], b[1:]
			continue
		}
		if a == "" || b == "" {
			break
		}
		kind := isLetter
		if isDigit(rune(a[0])) {
			kind = isDigit
		}
		restA, restB := strings.TrimLeftFunc(a, kind), strings.TrimLeftFunc(b, kind)
		segmentA, segmentB := a[:len(a)-len(restA)], b[:len(b)-len(restB)]
		if segmentB == "" { // one is a number and the other is not
			if isDigit(rune(a[0])) {
				return 1
			}
			return -1
		}
		if isDigit(rune(a[0])) {
			segmentA, segmentB = strings.TrimLeft(segmentA, "0"), strings.TrimLeft(segmentB, "0")
			if order := cmp.Compare(len(segmentA), len(segmentB)); order != 0 {
				return order
			}
		}
		if order := strings.Compare(segmentA, segmentB); order != 0 {
			return order
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

// sign compares by whether a and b start with a sign; having it is worth.
func sign(a, b string, sign byte, worth int) (order int, both bool) {
	hasA, hasB := a != "" && a[0] == sign, b != "" && b[0] == sign
	switch {
	case hasA && hasB:
		return 0, true
	case hasA:
		return worth, false
	case hasB:
		return -worth, false
	}
	return 0, false
}

func isDigit(r rune) bool  { return r >= '0' && r <= '9' }
func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isSeparator(r rune) bool { return !isDigit(r) && !isLetter(r) && r != '~' && r != '^' }
