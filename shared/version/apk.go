package version

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// apkForm is what a version looks like (apk-package(5)): numbers, a letter,
// suffixes, the hash of a commit, and the revision of the package.
var apkForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)*)([a-z]?)((?:_[a-z]+[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?`)

// APK orders two versions as apk does. Of a version that is not of the form,
// what is counts.
func APK(a, b string) int {
	partsA, partsB := apkForm.FindStringSubmatch(a), apkForm.FindStringSubmatch(b)
	if partsA == nil || partsB == nil {
		return cmp.Compare(len(partsA), len(partsB))
	}
	return cmp.Or(
		compareNumbers(partsA[1], partsB[1]),
		strings.Compare(partsA[2], partsB[2]),
		compareSuffixes(partsA[3], partsB[3]),
		compareRevisions(partsA[4], partsB[4]),
	)
}

// compareNumbers compares numbers with dots between them. All but the first
// are fractions when they start with a zero: 1.01 is older than 1.1.
func compareNumbers(a, b string) int {
	numbersA, numbersB := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(numbersA), len(numbersB)) {
		one, other := numbersA[i], numbersB[i]
		if i > 0 {
			if order := cmp.Compare(zeros(other), zeros(one)); order != 0 {
				return order
			}
		}
		if order := compareNumber(one, other); order != 0 {
			return order
		}
	}
	return cmp.Compare(len(numbersA), len(numbersB))
}

func zeros(number string) int { return len(number) - len(strings.TrimLeft(number, "0")) }

// compareSuffixes compares suffixes such as _rc1 or _p2_git20240101.
func compareSuffixes(a, b string) int {
	suffixesA, suffixesB := strings.Split(a, "_")[1:], strings.Split(b, "_")[1:]
	for i := range max(len(suffixesA), len(suffixesB)) {
		nameA, numberA := suffix(suffixesA, i)
		nameB, numberB := suffix(suffixesB, i)
		if order := cmp.Or(cmp.Compare(nameA, nameB), compareNumber(numberA, numberB)); order != 0 {
			return order
		}
	}
	return 0
}

// suffix ranks the suffix at i, where there is one: those of a time before
// the version lie below none, those after it above.
func suffix(all []string, i int) (rank int, number string) {
	const none = 4
	if i >= len(all) {
		return none, ""
	}
	name := strings.TrimRight(all[i], "0123456789")
	order := []string{"alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"}
	if rank = slices.Index(order, name); rank < 0 {
		rank = len(order)
	}
	return rank, all[i][len(name):]
}

// compareRevisions compares revisions; none is older than -r0.
func compareRevisions(a, b string) int {
	return cmp.Or(cmp.Compare(min(1, len(a)), min(1, len(b))), compareNumber(a, b))
}
