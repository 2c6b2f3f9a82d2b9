package recognition

import (
	"cmp"
	"strings"
)

// compareVersions orders versions as people do: numbers by their value, parts
// one by one, and what is longer after what it begins with. A Debian epoch
// ("5:24.0") does not count, since a rule means the version of the program.
func compareVersions(a, b string) int {
	a, b = withoutEpoch(a), withoutEpoch(b)
	for a != "" && b != "" {
		var x, y string
		x, a = part(a)
		y, b = part(b)
		if order := comparePart(x, y); order != 0 {
			return order
		}
	}
	return cmp.Compare(len(a), len(b))
}

func withoutEpoch(version string) string {
	epoch, rest, found := strings.Cut(version, ":")
	if !found || epoch == "" || strings.Trim(epoch, "0123456789") != "" {
		return version
	}
	return rest
}

// part takes the next run of digits or of letters from a version, and drops
// the signs in front of it.
func part(version string) (next, rest string) {
	version = strings.TrimLeftFunc(version, func(letter rune) bool { return kindOf(letter) == 0 })
	for i, letter := range version {
		first := kindOf(rune(version[0]))
		if kindOf(letter) != first {
			return version[:i], version[i:]
		}
	}
	return version, ""
}

func kindOf(letter rune) int {
	switch {
	case letter >= '0' && letter <= '9':
		return 1
	case letter >= 'a' && letter <= 'z', letter >= 'A' && letter <= 'Z', letter > 127:
		return 2
	}
	return 0
}

// comparePart orders two runs; numbers come after letters, so that a release
// comes after its candidates ("1.0rc1" before "1.0.1").
func comparePart(x, y string) int {
	xNumber, yNumber := x != "" && kindOf(rune(x[0])) == 1, y != "" && kindOf(rune(y[0])) == 1
	switch {
	case xNumber && yNumber:
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	case xNumber != yNumber && xNumber:
		return 1
	case xNumber != yNumber:
		return -1
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}
