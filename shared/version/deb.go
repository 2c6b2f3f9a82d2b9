package version

import (
	"cmp"
	"strings"
)

// Deb orders two versions as deb-version(7) has it.
func Deb(a, b string) int {
	epochA, upstreamA, revisionA := splitDeb(a)
	epochB, upstreamB, revisionB := splitDeb(b)
	return cmp.Or(
		compareNumber(epochA, epochB),
		compareDeb(upstreamA, upstreamB),
		compareDeb(revisionA, revisionB),
	)
}

// splitDeb takes a version apart: [epoch:]upstream[-revision]. A missing part
// is as good as 0.
func splitDeb(version string) (epoch, upstream, revision string) {
	upstream = version
	if before, after, has := strings.Cut(version, ":"); has {
		epoch, upstream = before, after
	}
	if at := strings.LastIndexByte(upstream, '-'); at >= 0 {
		upstream, revision = upstream[:at], upstream[at+1:]
	}
	return epoch, upstream, revision
}

// compareDeb compares, in turns, what is no digit by the order of signs, and
// what is digits by number.
func compareDeb(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !isDigit(a[0]) || b != "" && !isDigit(b[0]) {
			if difference := order(a) - order(b); difference != 0 {
				return difference
			}
			a, b = a[1:], b[1:]
		}
		digitsA, restA := run(a, isDigit)
		digitsB, restB := run(b, isDigit)
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
	case isLetter(s[0]):
		return int(s[0])
	}
	return int(s[0]) + 256
}
