package report

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// mender copies facts value by value and leaves out what breaks the
// specification.
type mender struct {
	in    *jsontext.Decoder
	out   []byte
	path  []byte // of the value that is read
	depth int
	notes *notes
}

// mend gives facts without the values that break shape, which is nil for a
// section that is not known, and notes what it left out.
func mend(facts json.RawMessage, shape *shape, found *notes) json.RawMessage {
	options := []jsontext.Options{jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)}
	if !jsontext.Value(facts).IsValid(options...) {
		found.add("", Malformed, string(facts))
		return json.RawMessage("{}")
	}
	if facts[0] != '{' {
		found.add("", WrongType, string(facts))
		return json.RawMessage("{}")
	}
	m := &mender{
		in:  jsontext.NewDecoder(bytes.NewBuffer(facts), options...),
		out: make([]byte, 0, len(facts)), notes: found,
	}
	m.object(shape)
	return m.out
}

// The functions below read exactly one value. They report whether it is worth
// keeping; the caller takes back what they wrote when it is not. Reading
// cannot fail, because the whole was found valid.

func (m *mender) object(shape *shape) bool {
	m.token()
	m.out = append(m.out, '{')
	kept := map[string]bool{}
	for m.in.PeekKind() != '}' {
		raw := m.value()
		name, reason := unquote(raw)
		if _, found := checkPlain(name); reason == "" && found != Long {
			reason = found
		}
		if kept[name] {
			reason = Twice
		}
		pop := m.push(".", name)
		if reason != "" {
			m.drop(reason)
		} else if m.member(shape, name, len(kept) > 0) {
			kept[name] = true
		}
		pop()
	}
	m.token()
	m.out = append(m.out, '}')
	return shape.complete(kept, m)
}

// complete reports whether nothing is missing that names the thing.
func (s *shape) complete(kept map[string]bool, m *mender) bool {
	if s == nil {
		return true
	}
	for i := range s.fields {
		if field := &s.fields[i]; field.required && !kept[field.name] {
			pop := m.push(".", field.name)
			m.notes.add(string(m.path), Incomplete, "")
			pop()
			return false
		}
	}
	return true
}

func (m *mender) member(shape *shape, name string, follows bool) bool {
	start := len(m.out)
	if follows {
		m.out = append(m.out, ',')
	}
	m.out = append(quote(m.out, name), ':')
	var known *field
	if shape != nil {
		known = shape.byName[name]
	}
	keep := false
	switch {
	case known == nil:
		keep = m.anything()
	case m.in.PeekKind() == 'n': // not known, which is no fault
		m.value()
	case known.list:
		keep = m.list(known)
	default:
		keep = m.known(known)
	}
	if !keep {
		m.out = m.out[:start]
	}
	return keep
}

// list reads a list of what field describes, or of anything for nil.
func (m *mender) list(field *field) bool {
	if m.in.PeekKind() != '[' {
		return m.drop(WrongType)
	}
	m.token()
	m.out = append(m.out, '[')
	count, kept := 0, 0
	for ; m.in.PeekKind() != ']'; count++ {
		if count >= maxEntries {
			m.value()
			continue
		}
		pop := m.push("[", strconv.Itoa(count), "]")
		if m.entry(field, kept > 0) {
			kept++
		}
		pop()
	}
	m.token()
	m.out = append(m.out, ']')
	if count > maxEntries {
		m.notes.add(string(m.path), Many, strconv.Itoa(count))
	}
	return true
}

func (m *mender) entry(field *field, follows bool) bool {
	start, notes := len(m.out), m.notes.count
	if follows {
		m.out = append(m.out, ',')
	}
	written := len(m.out)
	keep := false
	if field == nil {
		keep = m.anything()
	} else {
		keep = m.known(field)
		if keep && field.kind == group && string(m.out[written:]) == "{}" {
			keep = false
			if m.notes.count == notes {
				m.notes.add(string(m.path), Incomplete, "{}")
			}
		}
	}
	if !keep {
		m.out = m.out[:start]
	}
	return keep
}

// known reads a value that field describes.
func (m *mender) known(field *field) bool {
	kind := m.in.PeekKind()
	switch {
	case field.kind == group && kind == '{':
		return m.object(field.group)
	case field.kind == truth && (kind == 't' || kind == 'f'):
		m.out = append(m.out, m.value()...)
		return true
	case field.kind == whole && kind == '0':
		return m.whole(field)
	case field.kind != group && field.kind != truth && field.kind != whole && kind == '"':
		return m.text(field)
	}
	return m.drop(WrongType)
}

func (m *mender) whole(field *field) bool {
	raw := string(m.value())
	number, err := strconv.ParseInt(raw, 10, 64)
	reason := field.checkWhole(number)
	if err != nil && reason == "" { // when out of range, number is the nearest in range
		reason = WrongType
	}
	if reason != "" {
		return m.refuse(reason, raw)
	}
	m.out = strconv.AppendInt(m.out, number, 10)
	return true
}

func (m *mender) text(field *field) bool {
	raw, reason := unquote(m.value())
	if reason != "" {
		return m.refuse(reason, raw)
	}
	var kept string
	if field.kind == moment {
		when, err := time.Parse(time.RFC3339, raw)
		if raw == "" || err == nil && when.IsZero() {
			return false // not known, which is no fault
		}
		if err != nil || checkTime(when) != "" {
			return m.refuse(BadTime, raw)
		}
		kept = when.UTC().Format(time.RFC3339Nano)
	} else {
		kept, reason = field.checkText(raw)
	}
	if reason != "" {
		m.refuse(reason, raw)
	}
	says := kept != "" || !field.list
	if field.required {
		says = strings.TrimSpace(kept) != ""
	}
	if reason != "" && reason != Long || !says {
		return false
	}
	m.out = quote(m.out, kept)
	return true
}

// anything reads a value that this build does not know. It is kept as it is,
// but for what a database cannot hold.
func (m *mender) anything() bool {
	switch m.in.PeekKind() {
	case '{', '[':
		if m.depth >= maxDepth {
			return m.drop(TooDeep)
		}
		m.depth++
		defer func() { m.depth-- }()
		if m.in.PeekKind() == '[' {
			return m.list(nil)
		}
		return m.object(nil)
	case '"':
		raw, reason := unquote(m.value())
		if _, found := checkPlain(raw); reason == "" && found != Long {
			reason = found
		}
		if reason != "" {
			return m.refuse(reason, raw)
		}
		m.out = quote(m.out, raw)
	case '0':
		raw := m.value()
		number, err := strconv.ParseFloat(string(raw), 64)
		vanished := number == 0 && bytes.ContainsAny(raw, "123456789")
		if err != nil || vanished || len(raw) > maxNoteValue {
			return m.refuse(TooLarge, string(raw))
		}
		m.out = append(m.out, raw...)
	default:
		m.out = append(m.out, m.value()...)
	}
	return true
}

// drop reads a value of any kind and leaves it out.
func (m *mender) drop(reason Reason) bool { return m.refuse(reason, string(m.value())) }

func (m *mender) refuse(reason Reason, value string) bool {
	m.notes.add(string(m.path), reason, value)
	return false
}

func (m *mender) value() jsontext.Value {
	value, _ := m.in.ReadValue()
	return value
}

func (m *mender) token() { _, _ = m.in.ReadToken() }

// push goes down the path; the function that it gives comes back up.
func (m *mender) push(pieces ...string) func() {
	length := len(m.path)
	if length == 0 && pieces[0] == "." {
		pieces = pieces[1:]
	}
	for _, piece := range pieces {
		m.path = append(m.path, piece...)
	}
	return func() { m.path = m.path[:length] }
}

func unquote(raw jsontext.Value) (string, Reason) {
	plain, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return string(raw), BadEncoding
	}
	return string(plain), ""
}

func quote(out []byte, plain string) []byte {
	out, _ = jsontext.AppendQuote(out, plain) // fails only on what unquote refused
	return out
}
