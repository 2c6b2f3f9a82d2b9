package dpkg

import (
	"cmp"
	"strings"
)

// Compare orders two versions as deb-version(7) has it: negative when a is
// older than b, zero when neither is, positive when a is newer.
func Compare(a, b string) int {
	epochA, upstreamA, revisionA := split(a)
	epochB, upstreamB, revisionB := split(b)
	return cmp.Or(
		compareNumber(epochA, epochB),
		comparePart(upstreamA, upstreamB),
		comparePart(revisionA, revisionB),
	)
}

// split takes a version apart: [epoch:]upstream[-revision]. A missing part
// is as good as 0.
func split(version string) (epoch, upstream, revision string) {
	upstream = version
	if before, after, has := strings.Cut(version, ":"); has {
		epoch, upstream = before, after
	}
	if at := strings.LastIndexByte(upstream, '-'); at >= 0 {
		upstream, revision = upstream[:at], upstream[at+1:]
	}
	return epoch, upstream, revision
}

// comparePart compares, in turns, what is no digit by the order of signs, and
// what is digits by number.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !isDigit(a[0]) || b != "" && !isDigit(b[0]) {
			if difference := order(a) - order(b); difference != 0 {
				return difference
			}
			a, b = a[1:], b[1:]
		}
		digitsA, restA := digits(a)
		digitsB, restB := digits(b)
		if difference := compareNumber(digitsA, digitsB); difference != 0 {
			return difference
		}
		a, b = restA, restB
	}
	return 0
}

// order ranks the first sign of s: a tilde before the end, the end (or a
// digit, which ends this turn) before letters, letters before all else.
func order(s string) int {
	switch {
	case s == "" || isDigit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 'a' && s[0] <= 'z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

func digits(s string) (digits, rest string) {
	end := 0
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	return s[:end], s[end:]
}

// compareNumber compares decimal numbers of any length.
func compareNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
