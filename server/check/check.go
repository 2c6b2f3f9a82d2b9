// Package check tidies and judges what people type into a form, an import or
// the API, and gathers everything that is wrong with it, so that they hear of
// it all at once.
package check

import (
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"holdfast/server/fault"
)

// Fields gathers what is wrong. The zero value is ready.
type Fields struct{ wrong []fault.Field }

// Add says that a field breaks a rule.
func (f *Fields) Add(name, key string, args fault.Args) {
	f.wrong = append(f.wrong, fault.Field{Name: name, Key: key, Args: args})
}

// Text gives a text of one line, without surrounding and doubled space, that
// must not be longer than limit characters.
func (f *Fields) Text(name, value string, limit int) string {
	value = strings.Join(strings.Fields(value), " ")
	f.limit(name, value, limit)
	return value
}

// Name is Text for what must not be empty.
func (f *Fields) Name(name, value string, limit int) string {
	value = f.Text(name, value, limit)
	if value == "" {
		f.Add(name, "fault.field.required", nil)
	}
	return value
}

// Note gives a text of several lines that must not be longer than limit
// characters.
func (f *Fields) Note(name, value string, limit int) string {
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	f.limit(name, value, limit)
	return value
}

// Email gives an address in lower case; empty is fine.
func (f *Fields) Email(name, value string) string {
	const most = 254 // RFC 5321
	value = strings.ToLower(f.Text(name, value, most))
	if value == "" {
		return ""
	}
	parsed, err := mail.ParseAddress(value)
	if err != nil || parsed.Address != value {
		f.Add(name, "fault.field.email", nil)
	}
	return value
}

// Choice checks that a value is one of those known; empty is fine.
func (f *Fields) Choice(name, value string, known ...string) string {
	if value != "" && !slices.Contains(known, value) {
		f.Add(name, "fault.field.choice", fault.Args{"Known": strings.Join(known, ", ")})
	}
	return value
}

// Err is nil when nothing is wrong. Fault: Invalid.
func (f *Fields) Err() error {
	if len(f.wrong) == 0 {
		return nil
	}
	return fault.NewInvalid(f.wrong...)
}

func (f *Fields) limit(name, value string, limit int) {
	switch {
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		f.Add(name, "fault.field.malformed", nil)
	case utf8.RuneCountInString(value) > limit:
		f.Add(name, "fault.field.too_long", fault.Args{"Limit": limit})
	}
}
