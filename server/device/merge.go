package device

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// merge lays fresh facts of a section over old ones, so that what the fresh
// ones do not say stays known. An entry of a list keeps what it was known by
// when the same entry comes with less. Entries that the fresh list lacks go
// when the section is complete and stay otherwise. Both are JSON objects.
func merge(section string, old, fresh jsontext.Value, complete bool) jsontext.Value {
	before, err := membersIn(old)
	if err != nil || len(before) == 0 {
		return fresh
	}
	after, err := membersIn(fresh)
	if err != nil {
		return old
	}
	keep := before
	if complete {
		keep = slices.DeleteFunc(slices.Clone(before), func(one jsonMember) bool {
			return lists[section+"."+one.name].blank == empties
		})
	}
	return merger{section: section, complete: complete}.object("", keep, before, after)
}

type merger struct {
	section  string
	complete bool
}

// jsonMember is one member of a JSON object.
type jsonMember struct {
	name  string
	value jsontext.Value
}

func membersIn(object jsontext.Value) (found []jsonMember, err error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if decoder.PeekKind() != '{' {
		return nil, nil
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		text := name.String()
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		if value.Kind() != 'n' { // null says nothing
			found = append(found, jsonMember{text, bytes.Clone(value)})
		}
	}
	return found, nil
}

func entriesIn(array jsontext.Value) (found []jsontext.Value, err error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(array), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	for decoder.PeekKind() != ']' {
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		found = append(found, bytes.Clone(value))
	}
	return found, nil
}

// object writes after, filled up: from whole where a member is in both, and
// with the members that only keep has.
func (m merger) object(path string, keep, whole, after []jsonMember) jsontext.Value {
	out := []byte{'{'}
	write := func(name string, value jsontext.Value) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, name) // fails only on what no database holds
		out = append(append(out, ':'), value...)
	}
	given := map[string]bool{}
	for _, one := range after {
		given[one.name] = true
		value := one.value
		for _, other := range whole {
			if other.name == one.name {
				value = m.value(path+one.name, other.value, one.value)
				break
			}
		}
		write(one.name, value)
	}
	for _, one := range keep {
		if !given[one.name] {
			write(one.name, one.value)
		}
	}
	return append(out, '}')
}

func (m merger) value(path string, old, fresh jsontext.Value) jsontext.Value {
	switch {
	case old.Kind() == '{' && fresh.Kind() == '{':
		before, err := membersIn(old)
		if err != nil {
			return fresh
		}
		after, err := membersIn(fresh)
		if err != nil {
			return old
		}
		return m.object(path+".", before, before, after)
	case old.Kind() == '[' && fresh.Kind() == '[':
		if rule, known := lists[m.section+"."+path]; known && rule.idents != nil {
			return m.list(path, rule, old, fresh)
		}
	}
	return fresh
}

// jsonEntry is an entry of a list with the plain facts that tell it apart.
type jsonEntry struct {
	members []jsonMember
	values  map[string]string
	used    bool
}

func (m merger) list(path string, rule list, old, fresh jsontext.Value) jsontext.Value {
	before, err := entriesIn(old)
	if err != nil {
		return fresh
	}
	after, err := entriesIn(fresh)
	if err != nil {
		return old
	}
	known := make([]jsonEntry, len(before))
	for i, entry := range before {
		known[i] = readEntry(entry)
	}
	out := []byte{'['}
	write := func(value jsontext.Value) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, value...)
	}
	for _, entry := range after {
		read := readEntry(entry)
		if match := read.among(rule, known); match != nil {
			match.used = true
			if match.agrees(rule, read) {
				entry = m.object(path+"[].", match.members, match.members, read.members)
			}
		}
		write(entry)
	}
	if !m.complete {
		for i, entry := range before {
			if !known[i].used {
				write(entry)
			}
		}
	}
	return append(out, ']')
}

func readEntry(entry jsontext.Value) jsonEntry {
	members, _ := membersIn(entry) // valid: it was read out of a valid value
	read := jsonEntry{members: members, values: map[string]string{}}
	for _, one := range members {
		switch one.value.Kind() {
		case '"':
			text, _ := jsontext.AppendUnquote(nil, one.value)
			read.values[one.name] = string(text)
		case '0':
			read.values[one.name] = string(one.value)
		default:
		}
	}
	return read
}

// among finds the same entry among known ones, by the strongest facts that
// both have. Where the first facts of the rule are known of both and differ,
// they are two.
func (e jsonEntry) among(rule list, known []jsonEntry) *jsonEntry {
	for _, names := range rule.idents {
		ident := identBy(names, e.values)
		if ident == "" {
			continue
		}
		for i := range known {
			other := &known[i]
			if other.used || identBy(names, other.values) != ident {
				continue
			}
			mine, its := identBy(rule.idents[0], e.values), identBy(rule.idents[0], other.values)
			if mine == "" || its == "" || mine == its {
				return other
			}
		}
	}
	return nil
}

func (e jsonEntry) agrees(rule list, other jsonEntry) bool {
	return !slices.ContainsFunc(rule.agree, func(name string) bool {
		mine, its := e.values[name], other.values[name]
		return mine != "" && its != "" && !strings.EqualFold(mine, its)
	})
}
