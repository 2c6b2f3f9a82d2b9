package version

import "cmp"

// RPM orders two versions, [epoch:]version[-release], as rpm does
// (rpm-version(7)). A missing epoch is 0.
func RPM(a, b string) int {
	epochA, versionA, releaseA := parts(a)
	epochB, versionB, releaseB := parts(b)
	return cmp.Or(compareRPM(epochA, epochB), compareRPM(versionA, versionB), compareRPM(releaseA, releaseB))
}

// compareRPM compares runs of digits and runs of letters in turn, whatever
// lies between them. A tilde is older than the end, and a caret newer than
// the end but older than anything else.
func compareRPM(a, b string) int {
	for a != "" || b != "" {
		_, a = run(a, isSeparatorOfRPM)
		_, b = run(b, isSeparatorOfRPM)
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
		var order int
		if order, a, b = compareStart(a, b); order != 0 {
			return order
		}
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

func isSeparatorOfRPM(b byte) bool { return !isDigit(b) && !isLetter(b) && b != '~' && b != '^' }
