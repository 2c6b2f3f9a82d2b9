package document

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"holdfast/server/fault"
	"holdfast/shared/report"
)

// reader collects what is wrong on its way through a document.
type reader struct {
	faults  []fault.Field
	depth   int
	aliases int // that we are inside of
	aliased int // nodes read inside of aliases
}

func (r *reader) wrong(path, key string, node *yaml.Node, args fault.Args) {
	if args == nil {
		args = fault.Args{}
	}
	args["Line"] = node.Line
	r.faults = append(r.faults, fault.Field{Name: path, Key: key, Args: args})
}

// value fills target, whatever it is, and reports whether there was a value.
func (r *reader) value(node *yaml.Node, path string, target reflect.Value, of *member) bool {
	r.depth++
	defer func() { r.depth-- }()
	if node.Kind == yaml.AliasNode {
		node = node.Alias
		r.aliases++
		defer func() { r.aliases-- }()
	}
	if r.aliases > 0 {
		r.aliased++
	}
	switch {
	case r.depth > maxDepth || r.aliased == maxAliased:
		r.wrong(path, "fault.document.too_large", node, nil)
		return true
	case r.aliased > maxAliased:
		return true // told already
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return false
	}
	if target.Kind() == reflect.Pointer {
		if target.IsNil() {
			target.Set(reflect.New(target.Type().Elem()))
		}
		target = target.Elem()
	}
	switch target.Kind() {
	case reflect.Struct:
		r.structure(node, path, target)
	case reflect.Slice:
		return r.list(node, path, target, of)
	default:
		return r.scalar(node, path, target, of)
	}
	return true
}

func (r *reader) list(node *yaml.Node, path string, target reflect.Value, of *member) bool {
	if node.Kind != yaml.SequenceNode {
		r.wrong(path, "fault.document.want_list", node, nil)
		return true
	}
	target.Set(reflect.MakeSlice(target.Type(), len(node.Content), len(node.Content)))
	for i, item := range node.Content {
		at := path + "[" + strconv.Itoa(i) + "]"
		if !r.value(item, at, target.Index(i), of) {
			r.wrong(at, "fault.document.required", item, nil)
		}
	}
	return len(node.Content) > 0
}

func (r *reader) structure(node *yaml.Node, path string, target reflect.Value) {
	choice, is := target.Addr().Interface().(Choice)
	if !is {
		r.group(node, path, target, nil)
		return
	}
	if node.Kind != yaml.MappingNode {
		r.wrong(path, "fault.document.want_group", node, nil)
		return
	}
	kind := ""
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == "kind" {
			kind = node.Content[i+1].Value
		}
	}
	switch {
	case kind == "":
		r.wrong(join(path, "kind"), "fault.document.required", node, nil)
	case !slices.Contains(choice.Kinds(), kind):
		r.wrong(join(path, "kind"), "fault.document.one_of", node, fault.Args{"Value": kind, "Known": strings.Join(choice.Kinds(), ", ")})
	default:
		form := choice.Form(kind)
		r.group(node, path, reflect.ValueOf(form).Elem(), []string{"kind"})
		choice.Choose(form)
	}
}

// group fills a struct. Members named besides have been read already.
func (r *reader) group(node *yaml.Node, path string, target reflect.Value, besides []string) {
	if node.Kind != yaml.MappingNode {
		r.wrong(path, "fault.document.want_group", node, nil)
		return
	}
	members := membersOf(target.Type())
	seen := map[string]bool{}
	empty := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		at := join(path, name.Value)
		index := slices.IndexFunc(members, func(m member) bool { return m.name == name.Value })
		switch {
		case seen[name.Value]:
			r.wrong(at, "fault.document.twice", name, nil)
		case slices.Contains(besides, name.Value):
		case index < 0:
			r.unknown(at, name, members)
		default:
			empty[name.Value] = !r.value(value, at, target.Field(members[index].index), &members[index])
		}
		seen[name.Value] = true
	}
	for _, m := range members {
		if m.required && (!seen[m.name] || empty[m.name]) {
			r.wrong(join(path, m.name), "fault.document.required", node, nil)
		}
	}
}

func (r *reader) unknown(path string, name *yaml.Node, members []member) {
	var known []string
	for _, m := range members {
		known = append(known, m.name)
	}
	if near := Nearest(name.Value, known); near != "" {
		r.wrong(path, "fault.document.unknown_near", name, fault.Args{"Nearest": near})
		return
	}
	r.wrong(path, "fault.document.unknown", name, fault.Args{"Known": strings.Join(known, ", ")})
}

// scalar reads text, numbers, truth and dates, and reports whether the text
// has any letter.
func (r *reader) scalar(node *yaml.Node, path string, target reflect.Value, of *member) bool {
	args := fault.Args{"Value": shorten(node.Value)}
	switch {
	case node.Kind != yaml.ScalarNode:
		args["Value"] = ""
	case node.Tag == "!!str" && node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		args["Value"] = `"` + shorten(node.Value) + `"`
	}
	_, isDate := target.Interface().(report.Date)
	switch {
	case isDate:
		if node.Kind != yaml.ScalarNode || report.Date(node.Value).Check() != nil {
			r.wrong(path, "fault.document.want_date", node, args)
			return true
		}
		target.SetString(node.Value)
	case target.Kind() == reflect.String:
		if node.Kind != yaml.ScalarNode || !isText(node) {
			r.wrong(path, "fault.document.want_text", node, args)
			return true
		}
		target.SetString(node.Value)
		if len(of.oneOf) > 0 && !slices.Contains(of.oneOf, node.Value) {
			args["Known"] = strings.Join(of.oneOf, ", ")
			r.wrong(path, "fault.document.one_of", node, args)
		}
		return strings.TrimSpace(node.Value) != ""
	case target.Kind() == reflect.Bool:
		if node.Kind != yaml.ScalarNode || node.Tag != "!!bool" {
			r.wrong(path, "fault.document.want_truth", node, args)
			return true
		}
		target.SetBool(strings.EqualFold(node.Value, "true"))
	default:
		r.number(node, path, target, of, args)
	}
	return true
}

func (r *reader) number(node *yaml.Node, path string, target reflect.Value, of *member, args fault.Args) {
	number, err := strconv.ParseInt(node.Value, 10, 64)
	switch {
	case node.Kind != yaml.ScalarNode || node.Tag != "!!int" || err != nil:
		r.wrong(path, "fault.document.want_number", node, args)
	case of.least != nil && number < *of.least:
		r.wrong(path, "fault.document.too_small", node, fault.Args{"Least": *of.least})
	case number > of.most():
		r.wrong(path, "fault.document.too_big", node, fault.Args{"Most": of.most()})
	default:
		target.SetInt(number)
	}
}

// isText reports whether a value is text. YAML has no quotes around most
// texts, so that version: 2022 is a number to it and 15.10 is 15.1; a bare
// number is taken as it is written. JSON says what it means.
func isText(node *yaml.Node) bool {
	bare := node.Style&(yaml.TaggedStyle|yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0
	switch node.Tag {
	case "!!str":
		return true
	case "!!int", "!!float", "!!timestamp":
		return bare
	default:
		return false
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// shorten keeps a message short, whatever stands in the document.
func shorten(text string) string {
	const most = 60
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most]) + "…"
}
