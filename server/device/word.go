package device

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// withWords adds what names, users and models are found by besides their
// start: each of them from its second, third … word on, so that "04417" finds
// CA-LT-04417, "diallo" Amara Diallo and "5440" a Latitude 5440 by the index
// that finds the start of anything.
func withWords(keys []key) []key {
	for _, one := range slices.Clone(keys) {
		switch {
		case one.kind == KeyName && strings.Contains(one.value, "."): // the domain of all devices tells nothing
		case one.kind == KeyName, one.kind == KeyUser, one.kind == KeyModel:
			for _, rest := range fromWords(one.value) {
				if added := (key{one.kind, rest}); !slices.Contains(keys, added) {
					keys = append(keys, added)
				}
			}
		}
	}
	return keys
}

// fromWords gives a text from each of its words on, but for the first, as far
// as they are worth an entry of an index.
func fromWords(text string) (rests []string) {
	const least, most = 3, 4 // characters of a rest, rests
	apart := false
	for i, letter := range text {
		if !unicode.IsLetter(letter) && !unicode.IsDigit(letter) {
			apart = i > 0
			continue
		}
		if apart && utf8.RuneCountInString(text[i:]) >= least && len(rests) < most {
			rests = append(rests, strings.TrimSpace(text[i:]))
		}
		apart = false
	}
	return rests
}
