package version

import "cmp"

// Pacman orders two versions, [epoch:]version[-release], as pacman does
// (vercmp(8)). The releases count only when both have one.
func Pacman(a, b string) int {
	epochA, versionA, releaseA := parts(a)
	epochB, versionB, releaseB := parts(b)
	order := cmp.Or(comparePacman(epochA, epochB), comparePacman(versionA, versionB))
	if order == 0 && releaseA != "" && releaseB != "" {
		order = comparePacman(releaseA, releaseB)
	}
	return order
}

// comparePacman compares runs of digits and runs of letters in turn. Numbers
// are newer than letters; more separators are newer than fewer; and where one
// ends first, it is older, unless letters follow at once in the other: 1.0 is
// newer than 1.0rc, and older than 1.0.rc.
func comparePacman(a, b string) int {
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
		var order int
		if order, a, b = compareStart(a, b); order != 0 {
			return order
		}
	}
	switch {
	case a == "" && b == "":
		return 0
	case a != "" && isLetter(a[0]), b != "" && !isLetter(b[0]):
		return -1
	}
	return 1
}

func isSeparator(b byte) bool { return !isDigit(b) && !isLetter(b) }
