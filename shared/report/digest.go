package report

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Hash is a short fingerprint of what a section says: 11 characters, of its
// outcome and its facts. It stays the same when list entries change places and
// when a fact with a step moves within its step, so that a few bytes of free
// space make nobody upload. Facts that are not known do not count, so that a
// newer agent with more fields does not change it by itself.
func Hash(outcome Outcome, section Section) string {
	canonical := appendText(make([]byte, 0, 4096), string(outcome))
	if value := reflect.ValueOf(section); value.IsValid() && !value.IsNil() {
		canonical = appendText(canonical, section.Name())
		canonical = appendGroup(canonical, shapes()[section.Name()], value.Elem())
	}
	sum := sha256.Sum256(canonical)
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

// StateDigest is the fingerprint of everything that an agent knows, 22
// characters, of the names and hashes of all its sections in any order.
func StateDigest(parts []Part) string {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	var canonical []byte
	for _, part := range parts {
		canonical = appendText(appendText(canonical, part.Name), part.Hash)
	}
	sum := sha256.Sum256(canonical)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// appendGroup writes the known facts of a struct, each under its name. Every
// text is preceded by its length, so that no two structs look alike.
func appendGroup(canonical []byte, shape *shape, structure reflect.Value) []byte {
	for i := range shape.fields {
		field := &shape.fields[i]
		value := structure.Field(field.index)
		if value.IsZero() {
			continue
		}
		encoded := appendField(nil, field, value)
		if len(encoded) == 0 {
			continue
		}
		canonical = appendText(appendText(canonical, field.name), string(encoded))
	}
	return canonical
}

func appendField(canonical []byte, field *field, value reflect.Value) []byte {
	if !field.list {
		return appendValue(canonical, field, value)
	}
	entries := make([]string, 0, value.Len())
	for i := range value.Len() {
		entries = append(entries, string(appendValue(nil, field, value.Index(i))))
	}
	slices.Sort(entries)
	for _, entry := range entries {
		canonical = appendText(canonical, entry)
	}
	return canonical
}

// appendValue writes one value, rounded down to its step. What rounds to
// nothing is left out, unless a pointer says that nothing is known to be so.
func appendValue(canonical []byte, field *field, value reflect.Value) []byte {
	if field.pointer {
		if value.IsNil() {
			return canonical
		}
		canonical, value = append(canonical, '*'), value.Elem()
	}
	switch field.kind {
	case group:
		return appendGroup(canonical, field.group, value)
	case whole:
		number := roundDown(value.Int(), field.step)
		if number == 0 && !field.pointer {
			return canonical
		}
		return binary.AppendVarint(canonical, number)
	case truth:
		if value.Bool() {
			return append(canonical, 1)
		}
		return append(canonical, 0)
	case moment:
		when, _ := value.Interface().(time.Time)
		return when.UTC().Truncate(field.every).AppendFormat(canonical, time.RFC3339Nano)
	case text, day:
		return append(canonical, value.String()...)
	}
	return canonical
}

func roundDown(number, step int64) int64 {
	if step == 0 {
		return number
	}
	rest := number % step
	if rest < 0 {
		rest += step
	}
	return number - rest
}

func appendText(canonical []byte, text string) []byte {
	canonical = binary.AppendUvarint(canonical, uint64(len(text)))
	return append(canonical, text...)
}
