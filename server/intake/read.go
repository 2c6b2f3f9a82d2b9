package intake

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

const mostSections = 64 // of one device

// tolerant are the options for the frame of a message: what is wrong inside a
// section is the section's, and is mended there.
func tolerant() jsonv2.Options {
	return jsonv2.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}

// ReadCheckin reads a check-in. Fault: Invalid, naming the place.
func ReadCheckin(body []byte) (message protocol.Checkin, err error) {
	return message, malformed(jsonv2.Unmarshal(body, &message, tolerant()))
}

// ReadEnrol reads an enrolment. Fault: Invalid, naming the place.
func ReadEnrol(body []byte) (message protocol.Enrol, err error) {
	return message, malformed(jsonv2.Unmarshal(body, &message, tolerant()))
}

// readReport reads the frame of a report and checks it. Fault: Invalid.
func readReport(body []byte) (*report.Report, error) {
	message := &report.Report{}
	if err := malformed(jsonv2.Unmarshal(body, message, tolerant())); err != nil {
		return nil, err
	}
	var wrong []fault.Field
	field := func(name, key string) { wrong = append(wrong, fault.Field{Name: name, Key: key}) }
	if _, err := uuid.Parse(message.ID); err != nil || len(message.ID) != 36 {
		field("id", "fault.field.malformed")
	}
	if !isWord(message.Digest, 64) {
		field("digest", "fault.field.malformed")
	}
	if len(message.Sections) > mostSections {
		wrong = append(wrong, fault.Field{Name: "sections", Key: "fault.field.too_many", Args: fault.Args{"Limit": mostSections}})
		message.Sections = nil
	}
	seen := map[string]bool{}
	for i, part := range message.Sections {
		at := "sections[" + strconv.Itoa(i) + "]"
		if !isName(part.Name) {
			field(at+".name", "fault.field.malformed")
		} else if seen[part.Name] {
			field(at+".name", "fault.field.twice")
		}
		if !isWord(part.Hash, 64) {
			field(at+".hash", "fault.field.malformed")
		}
		seen[part.Name] = true
	}
	if wrong != nil {
		return nil, fault.NewInvalid(wrong...)
	}
	message.Agent.Version = plain(message.Agent.Version, 100)
	return message, nil
}

// readParts checks each section by its specification. What breaks it is left
// out and noted. It also gives the software that is listed, when it is.
func readParts(message *report.Report) (parts []device.Part, packages []report.Package, listed bool, notes []report.Note) {
	parts = make([]device.Part, 0, len(message.Sections))
	for _, sent := range message.Sections {
		section, facts, found := report.Read(sent.Name, sent.Facts)
		notes = append(notes, found...)
		part := device.Part{
			Name: sent.Name, Outcome: known(sent.Outcome), Detail: plain(sent.Detail, 500),
			Took: int32(max(0, min(sent.TookMS, math.MaxInt32))), //nolint:gosec // bounded
			Hash: sent.Hash, Facts: facts, Section: section,
		}
		if list, isSoftware := section.(*report.Software); isSoftware {
			packages, listed = list.Packages, list.Packages != nil || part.Outcome == report.Absent
			part.Facts = withoutPackages(facts, sent.Facts)
			part.Section = &report.Software{}
		}
		parts = append(parts, part)
	}
	return parts, packages, listed, notes
}

// known takes an outcome that this build does not know for a failure, so that
// the section ends nothing.
func known(outcome report.Outcome) report.Outcome {
	for _, one := range report.Outcomes() {
		if one == outcome {
			return outcome
		}
	}
	return report.Failed
}

// withoutPackages gives the facts of the software section but for the list,
// which is kept release by release. When Read gave back the very facts that
// were sent, it knew all their members, and the list is the only one.
func withoutPackages(facts, sent []byte) []byte {
	if len(facts) > 0 && len(sent) > 0 && &facts[0] == &sent[0] {
		return []byte("{}")
	}
	out := []byte{'{'}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(facts))
	if _, err := decoder.ReadToken(); err != nil {
		return []byte("{}")
	}
	for decoder.PeekKind() == '"' {
		name, err := decoder.ReadToken()
		if err != nil {
			return []byte("{}")
		}
		text := name.String()
		if text == "packages" {
			if decoder.SkipValue() != nil {
				return []byte("{}")
			}
			continue
		}
		value, err := decoder.ReadValue()
		if err != nil {
			return []byte("{}")
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		if out, err = jsontext.AppendQuote(out, text); err != nil {
			return []byte("{}")
		}
		out = append(append(out, ':'), value...)
	}
	return append(out, '}')
}

// dayOf is the day as a number since 1970-01-01; nil when it is not known.
func dayOf(date report.Date) *int32 {
	when, err := time.Parse(time.DateOnly, string(date))
	if err != nil {
		return nil
	}
	return new(int32(when.Unix() / 86400)) //nolint:gosec // checked to lie between 1980 and 2100
}

// malformed makes an error of decoding a fault that names the place.
func malformed(err error) error {
	if err == nil {
		return nil
	}
	var pointer jsontext.Pointer
	var offset int64
	var syntax *jsontext.SyntacticError
	var meaning *jsonv2.SemanticError
	switch {
	case errors.As(err, &meaning):
		pointer, offset = meaning.JSONPointer, meaning.ByteOffset
	case errors.As(err, &syntax):
		pointer, offset = syntax.JSONPointer, syntax.ByteOffset
	}
	return fault.NewInvalid(fault.Field{Name: place(pointer), Key: "fault.field.malformed", Args: fault.Args{"Offset": offset}})
}

// place writes a JSON pointer as people do: "sections[2].name".
func place(pointer jsontext.Pointer) string {
	var out strings.Builder
	for token := range pointer.Tokens() {
		if _, err := strconv.Atoi(token); err == nil {
			out.WriteString("[" + token + "]")
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		out.WriteString(plain(token, 80))
	}
	return out.String()
}

// isName reports whether text can name a section.
func isName(text string) bool {
	if text == "" || len(text) > 64 {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}

// isWord reports whether text is something in ASCII without spaces.
func isWord(text string, most int) bool {
	if text == "" || len(text) > most {
		return false
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return true
}

// plain makes foreign text one line that a database can hold, of at most so
// many bytes.
func plain(text string, most int) string {
	text = strings.Map(func(char rune) rune {
		switch {
		case char == '\n' || char == '\t':
			return ' '
		case unicode.IsControl(char):
			return -1
		}
		return char
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return strings.TrimSpace(text)
}
