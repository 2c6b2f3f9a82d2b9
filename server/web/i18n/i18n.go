// Package i18n gives every text of Holdfast in English and in French, and
// writes numbers, sizes, dates and times in the manner of each language.
//
// A text is named by a key and stands in en.json and fr.json: a plain string,
// or an object of plural forms when it counts something. The tests see to it
// that both have the same keys, that every key in use exists, and that every
// key that exists is in use.
package i18n

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"holdfast/server/fault"
)

//go:embed en.json fr.json derived.fr.json
var catalogues embed.FS

// Language is a language that Holdfast speaks.
type Language string

// The languages.
const (
	English Language = "en"
	French  Language = "fr"
)

// Languages lists all languages.
func Languages() []Language { return []Language{English, French} }

// Args are the values that a text names. Whole numbers are written in the
// manner of the language; Count also chooses the plural form.
type Args = fault.Args

// catalogue is one language, ready for use.
type catalogue struct {
	plain     map[string]string // texts without values
	counting  map[string]bool   // texts with plural forms
	localizer *goi18n.Localizer
	printer   *message.Printer
	months    []string
}

var loaded = mustLoad() //nolint:gochecknoglobals // embedded constants, parsed once

func mustLoad() map[Language]*catalogue {
	all := map[Language]*catalogue{}
	for _, lang := range Languages() {
		read, err := load(lang)
		if err != nil {
			panic(err) // the catalogues are part of the program; a test loads them
		}
		all[lang] = read
	}
	return all
}

func load(lang Language) (*catalogue, error) {
	content, err := catalogues.ReadFile(string(lang) + ".json")
	if err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal(content, &texts); err != nil {
		return nil, fmt.Errorf("read catalogue %s: %w", lang, err)
	}
	if err := addDerived(lang, texts); err != nil {
		return nil, err
	}
	if err := addDomains(lang, texts); err != nil {
		return nil, err
	}
	tag := language.Make(string(lang))
	bundle := goi18n.NewBundle(tag)
	read := &catalogue{
		plain: map[string]string{}, counting: map[string]bool{},
		localizer: goi18n.NewLocalizer(bundle, string(lang)),
		printer:   message.NewPrinter(tag),
	}
	for key, text := range texts {
		entry := goi18n.Message{ID: key}
		if text[0] == '{' {
			var forms struct{ One, Other string }
			if err := json.Unmarshal(text, &forms); err != nil {
				return nil, fmt.Errorf("read catalogue %s, %s: %w", lang, key, err)
			}
			read.counting[key] = true
			entry.One, entry.Many, entry.Other = forms.One, forms.Other, forms.Other
		} else if err := json.Unmarshal(text, &entry.Other); err != nil {
			return nil, fmt.Errorf("read catalogue %s, %s: %w", lang, key, err)
		} else if !strings.Contains(entry.Other, "{{") {
			read.plain[key] = entry.Other
			continue
		}
		if err := bundle.AddMessages(tag, &entry); err != nil {
			return nil, fmt.Errorf("read catalogue %s, %s: %w", lang, key, err)
		}
	}
	read.months = strings.Split(read.plain["date.months"], " ")
	return read, nil
}

// addDerived adds the texts whose English stands in the program.
func addDerived(lang Language, texts map[string]json.RawMessage) error {
	if lang == English {
		return nil
	}
	content, err := catalogues.ReadFile("derived." + string(lang) + ".json")
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	if err := json.Unmarshal(content, &texts); err != nil {
		return fmt.Errorf("read derived catalogue %s: %w", lang, err)
	}
	return nil
}

// Has reports whether there is a text of this key.
func Has(key string) bool {
	en := loaded[English]
	if _, found := en.plain[key]; found {
		return true
	}
	_, err := en.localizer.Localize(&goi18n.LocalizeConfig{MessageID: key, PluralCount: pluralOf(en, key, 1)})
	return err == nil
}

func pluralOf(read *catalogue, key string, count any) any {
	if read.counting[key] {
		return count
	}
	return nil
}

// Translate gives the text of key in a language such as "fr" or "fr-CA";
// English stands in for languages that Holdfast does not speak, and the key
// for a text that does not exist.
func Translate(lang, key string, args Args) string {
	return translate(Parse(lang), key, args)
}

func translate(lang Language, key string, args Args) string {
	read := loaded[lang]
	if text, found := read.plain[key]; found {
		return text
	}
	config := &goi18n.LocalizeConfig{MessageID: key, PluralCount: pluralOf(read, key, args["Count"])}
	if len(args) > 0 {
		data := make(map[string]any, len(args))
		for name, value := range args {
			data[name] = written(read, value)
		}
		config.TemplateData = data
	}
	text, err := read.localizer.Localize(config)
	if err != nil {
		return key
	}
	return text
}

func written(read *catalogue, value any) any {
	switch number := value.(type) {
	case int, int32, int64:
		return group(read, number)
	default:
		return value
	}
}

// Parse gives the language that a tag such as "fr-CA" stands for, English
// when Holdfast does not speak it.
func Parse(tag string) Language {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if base == string(French) {
		return French
	}
	return English
}

// Accepted picks a language from an Accept-Language header (RFC 9110, 12.5.4).
func Accepted(header string) Language {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return English
	}
	matcher := language.NewMatcher([]language.Tag{language.English, language.French})
	_, index, _ := matcher.Match(tags...)
	return Languages()[index]
}

// Locale is how one reader reads: the language, the time zone, and the time
// at which the page is made, which "3 min ago" counts from.
type Locale struct {
	Language Language
	Zone     *time.Location
	Now      time.Time
}

type contextKey struct{}

// WithLocale gives a context whose texts are for this reader.
func WithLocale(ctx context.Context, locale Locale) context.Context {
	if locale.Zone == nil {
		locale.Zone = time.UTC
	}
	return context.WithValue(ctx, contextKey{}, locale)
}

// LocaleOf gives the reader of ctx, by default English and UTC.
func LocaleOf(ctx context.Context) Locale {
	locale, found := ctx.Value(contextKey{}).(Locale)
	if !found {
		return Locale{Language: English, Zone: time.UTC, Now: time.Now()}
	}
	return locale
}

// T gives the text of key for the reader of ctx.
func T(ctx context.Context, key string, args ...Args) string {
	var given Args
	if len(args) > 0 {
		given = args[0]
	}
	return translate(LocaleOf(ctx).Language, key, given)
}

// Count gives a text that counts: T with Count among the values.
func Count(ctx context.Context, key string, count int) string {
	return T(ctx, key, Args{"Count": count})
}
