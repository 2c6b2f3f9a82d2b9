package ui

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"holdfast/server/web/i18n"
	"holdfast/shared/report"
)

// specs holds the specification of every fact by "section.path".
var specs = sync.OnceValue(func() map[string]report.Field { //nolint:gochecknoglobals // a constant, read once from the tags
	found := map[string]report.Field{}
	for _, spec := range report.Specs() {
		for _, field := range spec.Fields {
			found[spec.Name+"."+field.Path] = field
		}
	}
	return found
})

// FactSpec gives the specification of a fact, or false for one that this build
// does not know.
func FactSpec(section, path string) (report.Field, bool) {
	field, known := specs()[section+"."+path]
	return field, known
}

// FactLabel names a fact in a few words: "label.SECTION.PATH" if there is such
// a text, else "label.NAME" by the last part of the path, else the path itself.
func FactLabel(ctx context.Context, section, path string) string {
	for _, key := range []string{"label." + section + "." + path, "label." + lastOf(path)} {
		if i18n.Has(key) {
			return i18n.T(ctx, key)
		}
	}
	return path
}

// SectionName names a section; one that this build does not know stands for itself.
func SectionName(ctx context.Context, section string) string {
	if key := "section." + section; i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return section
}

func lastOf(path string) string {
	path = strings.TrimSuffix(path, "[]")
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		path = path[i+1:]
	}
	return path
}

// FactValue writes the value of a fact, given as text, as its specification
// says: sizes with units, dates and times in the reader's manner.
func FactValue(ctx context.Context, section, path, value string) string {
	field, known := FactSpec(section, path)
	if !known || value == "" {
		return value
	}
	switch strings.TrimPrefix(field.Type, "list of ") {
	case "boolean":
		return i18n.T(ctx, "answer."+yesNo(value))
	case "date":
		return i18n.Day(ctx, value)
	case "time":
		if when, err := time.Parse(time.RFC3339Nano, value); err == nil {
			return i18n.DateTime(ctx, when)
		}
	case "number":
		if count, err := strconv.ParseInt(value, 10, 64); err == nil {
			return factNumber(ctx, section, field, count)
		}
	case "text":
		if len(field.OneOf) > 0 {
			return EnumWord(ctx, section, lastOf(path), value)
		}
	}
	return value
}

func factNumber(ctx context.Context, section string, field report.Field, count int64) string {
	switch {
	case section == "storage" && field.Path == "drives[].size_bytes":
		return i18n.DriveBytes(ctx, count)
	case field.Unit == "B" && field.Path != "interfaces[].mtu":
		return i18n.Bytes(ctx, count)
	case field.Unit != "":
		return i18n.Number(ctx, count) + "\u00a0" + field.Unit
	case lastOf(field.Path) == "year":
		return strconv.FormatInt(count, 10)
	}
	return i18n.Number(ctx, count)
}

// FactText writes any JSON value on one line.
func FactText(ctx context.Context, section, path string, value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return FactValue(ctx, section, path, text)
	}
	var texts []string
	if json.Unmarshal(value, &texts) == nil {
		for i := range texts {
			texts[i] = FactValue(ctx, section, path, texts[i])
		}
		return strings.Join(texts, ", ")
	}
	return FactValue(ctx, section, path, string(value))
}

// places holds where each fact stands in the specification.
var places = sync.OnceValue(func() map[string]int { //nolint:gochecknoglobals // a constant, read once from the tags
	found := map[string]int{}
	for _, spec := range report.Specs() {
		for i, field := range spec.Fields {
			found[spec.Name+"."+field.Path] = i
		}
	}
	return found
})

// FactPlace tells where a fact stands in the specification of its section;
// facts that it does not know come last.
func FactPlace(section, path string) int {
	if place, known := places()[section+"."+path]; known {
		return place
	}
	return len(places())
}
