package document

import (
	"reflect"

	"holdfast/shared/report"
)

// Group is the specification of the members of one group of a document.
type Group struct {
	Path   string // such as "hosts[].processors[]"; empty for the outermost
	Kind   string // of a Choice: the kind whose members these are
	Fields []Field
}

// Field is the specification of one member.
type Field struct {
	Name     string
	Type     string // text, number, boolean, date or group; or "list of" one of them
	Doc      string // one sentence, in English
	Required bool
	OneOf    []string
	Least    *int64
}

// Groups gives the specification of all members of the documents that Read
// reads into a value such as of, group by group, from the outside in.
func Groups(of any) []Group { return groupsOf(reflect.TypeOf(of), "", "") }

func groupsOf(structure reflect.Type, path, kind string) []Group {
	own := Group{Path: path, Kind: kind}
	var inner []Group
	for _, m := range membersOf(structure) {
		name, element, at := typeName(m.kind), m.kind, join(path, m.name)
		if element.Kind() == reflect.Slice {
			element, at = element.Elem(), at+"[]"
		}
		if element.Kind() == reflect.Pointer {
			element = element.Elem()
		}
		own.Fields = append(own.Fields, Field{
			Name: m.name, Type: name, Doc: m.doc, Required: m.required, OneOf: m.oneOf, Least: m.least,
		})
		if element.Kind() != reflect.Struct {
			continue
		}
		choice, is := reflect.New(element).Interface().(Choice)
		if !is {
			inner = append(inner, groupsOf(element, at, "")...)
			continue
		}
		for _, each := range choice.Kinds() {
			inner = append(inner, groupsOf(reflect.TypeOf(choice.Form(each)).Elem(), at, each)...)
		}
	}
	return append([]Group{own}, inner...)
}

func typeName(kind reflect.Type) string {
	switch {
	case kind == reflect.TypeFor[report.Date]():
		return "date"
	case kind.Kind() == reflect.Slice:
		return "list of " + typeName(kind.Elem())
	case kind.Kind() == reflect.Pointer:
		return typeName(kind.Elem())
	case kind.Kind() == reflect.String:
		return "text"
	case kind.Kind() == reflect.Bool:
		return "boolean"
	case kind.Kind() == reflect.Struct:
		return "group"
	default:
		return "number"
	}
}
