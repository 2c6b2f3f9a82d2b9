package i18n

import "context"

// Derived gives a text whose English stands in the program itself, such as the
// sentence about a fact or a setting; the other languages have theirs in
// derived.LANGUAGE.json.
func Derived(ctx context.Context, key, english string) string {
	lang := LocaleOf(ctx).Language
	if lang == English {
		return english
	}
	if text, found := loaded[lang].plain[key]; found {
		return text
	}
	return english
}
