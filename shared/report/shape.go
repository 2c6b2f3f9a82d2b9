package report

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// shape is what the tags of a section's struct say, read once. The digest,
// the specification and the checks all walk it.
type shape struct {
	structure reflect.Type
	fields    []field
	byName    map[string]*field
}

// field is one fact of a shape, or a group or list of facts.
type field struct {
	index    int    // in the struct
	name     string // on the wire
	kind     kind
	list     bool   // of kind, in no particular order
	pointer  bool   // so that "known to be zero" is told from "not known"
	required bool   // a list entry without it says nothing
	group    *shape // when kind is group

	doc, unit, format string
	oneOf, on         []string
	personal          bool
	stepText          string
	step              int64         // of a whole number
	every             time.Duration // of a moment
}

// kind is what a value is, whatever Go type holds it.
type kind int

const (
	text kind = iota
	whole
	truth
	day
	moment
	group
)

// shapes holds the shape of every section, under its name.
//
//nolint:gochecknoglobals // a constant in disguise: it derives from the types
var shapes = sync.OnceValue(func() map[string]*shape {
	all := map[string]*shape{}
	for _, section := range All() {
		all[section.Name()] = shapeOf(reflect.TypeOf(section).Elem())
	}
	return all
})

func shapeOf(structure reflect.Type) *shape {
	made := &shape{structure: structure}
	for index := range structure.NumField() {
		if member := structure.Field(index); member.Tag.Get("json") != "-" {
			made.fields = append(made.fields, fieldOf(index, member))
		}
	}
	made.byName = make(map[string]*field, len(made.fields))
	for i := range made.fields {
		made.byName[made.fields[i].name] = &made.fields[i]
	}
	return made
}

func fieldOf(index int, member reflect.StructField) field {
	tag := member.Tag
	name, options, _ := strings.Cut(tag.Get("json"), ",")
	made := field{
		index: index, name: name,
		doc: tag.Get("doc"), unit: tag.Get("unit"), format: tag.Get("kind"),
		oneOf: strings.Fields(tag.Get("oneof")), on: strings.Fields(tag.Get("on")),
		personal: tag.Get("personal") == "yes", stepText: tag.Get("step"),
	}
	held := member.Type
	if held.Kind() == reflect.Slice {
		made.list, held = true, held.Elem()
	}
	if held.Kind() == reflect.Pointer {
		made.pointer, held = true, held.Elem()
	}
	switch {
	case held == reflect.TypeFor[Date]():
		made.kind = day
	case held == reflect.TypeFor[time.Time]():
		made.kind = moment
	case held.Kind() == reflect.Struct:
		made.kind, made.group = group, shapeOf(held)
	case held.Kind() == reflect.String:
		made.kind, made.required = text, options == ""
	case held.Kind() == reflect.Bool:
		made.kind = truth
	case held.Kind() == reflect.Int || held.Kind() == reflect.Int64:
		made.kind = whole
	default:
		panic(fmt.Sprintf("report: the format has no %s, which %s is", held, member.Name))
	}
	made.readStep()
	return made
}

func (f *field) readStep() {
	if f.stepText == "" {
		return
	}
	var err error
	switch f.kind {
	case moment:
		f.every, err = time.ParseDuration(f.stepText)
	case whole:
		_, err = fmt.Sscan(f.stepText, &f.step)
	default:
		err = fmt.Errorf("only numbers and times have steps")
	}
	if err != nil {
		panic(fmt.Sprintf("report: step of %s: %v", f.name, err))
	}
}
