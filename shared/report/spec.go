package report

import (
	"fmt"
	"io"
	"strings"
)

// Spec is the specification of one section, as its struct and tags say it.
type Spec struct {
	Name   string // on the wire, such as "memory"
	Doc    string // one sentence
	Fields []Field
}

// Field is the specification of one fact, or of a group or list of facts.
type Field struct {
	Path     string   // within the section, such as "modules[].size_bytes"
	Type     string   // text, number, boolean, date, time, ip, prefix, mac, uuid or group; or "list of" one of them
	Unit     string   // such as "B"; empty for counts and texts
	Doc      string   // one sentence
	OneOf    []string // the values there are, when they are few
	Personal bool     // whether it says something about a person
	Step     string   // changes below it are not reported
	On       []string // systems that have it; empty means all
}

// Specs gives the specification of every section, in the order of All.
func Specs() []Spec {
	docs := sectionDocs()
	specs := make([]Spec, 0, len(docs))
	for _, section := range All() {
		name := section.Name()
		specs = append(specs, Spec{
			Name: name, Doc: docs[name],
			Fields: appendFields(nil, "", shapes()[name]),
		})
	}
	return specs
}

// sectionDocs says in one sentence what each section is.
func sectionDocs() map[string]string {
	return map[string]string{
		"system":   "The machine itself: who made it, which one it is, and whether it is real.",
		"os":       "The operating system that runs now.",
		"cpu":      "The processors: the totals that licences are counted by, and each one.",
		"memory":   "The working memory: what the system can use, and each module.",
		"storage":  "What keeps data: the drives, which must be accounted for when the device leaves, and the volumes on them.",
		"network":  "How the device is connected.",
		"graphics": "What drives the screens.",
		"monitor":  "The screens that are attached.",
		"usb":      "What hangs on the USB ports, hubs left out.",
		"printer":  "The print queues of the device.",
		"battery":  "The batteries of a portable device, with their wear.",
		"user":     "Who uses the device; not collected where the agent or the unit of the device says so.",
		"software": "Every title that is installed, from every package manager that the device has.",
		"security": "How the device is protected.",
		"update":   "The updates that wait to be installed, as of the last look of the device's own update service.",
	}
}

func appendFields(fields []Field, prefix string, shape *shape) []Field {
	for i := range shape.fields {
		field := &shape.fields[i]
		path := prefix + field.name
		fields = append(fields, Field{
			Path: path, Type: field.typeName(), Unit: field.unit, Doc: field.doc,
			OneOf: field.oneOf, Personal: field.personal, Step: field.stepText, On: field.on,
		})
		if field.kind != group {
			continue
		}
		if field.list {
			path += "[]"
		}
		fields = appendFields(fields, path+".", field.group)
	}
	return fields
}

func (f *field) typeName() string {
	name := [...]string{text: "text", whole: "number", truth: "boolean", day: "date", moment: "time", group: "group"}[f.kind]
	if f.format != "" {
		name = f.format
	}
	if f.list {
		return "list of " + name
	}
	return name
}

// Reference writes the reference of all facts as Markdown, one table a
// section. Every text of it goes through label, with a key and the English
// text: "fact.SECTION" and "fact.SECTION.PATH" for the sentences,
// "fact.type.TYPE" for types ("fact.type.list" holds "list of %s") and
// "fact.column.NAME" for the headings.
func Reference(w io.Writer, label func(key, english string) string) error {
	for _, spec := range Specs() {
		if err := spec.reference(w, label); err != nil {
			return fmt.Errorf("write reference of %s: %w", spec.Name, err)
		}
	}
	return nil
}

func (s Spec) reference(w io.Writer, label func(key, english string) string) error {
	var page strings.Builder
	fmt.Fprintf(&page, "## %s\n\n%s\n\n", s.Name, label("fact."+s.Name, s.Doc))
	fmt.Fprintf(&page, "| %s | %s | %s | %s |\n|---|---|---|---|\n",
		label("fact.column.path", "Fact"), label("fact.column.type", "Type"),
		label("fact.column.unit", "Unit"), label("fact.column.doc", "Meaning"))
	for _, field := range s.Fields {
		meaning := label("fact."+s.Name+"."+field.Path, field.Doc)
		if len(field.OneOf) > 0 {
			meaning += " " + fmt.Sprintf(label("fact.column.oneof", "One of: %s."), "`"+strings.Join(field.OneOf, "`, `")+"`")
		}
		if len(field.On) > 0 {
			meaning += " " + fmt.Sprintf(label("fact.column.on", "Only on %s."), strings.Join(field.On, ", "))
		}
		if field.Personal {
			meaning += " " + label("fact.column.personal", "Personal.")
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n",
			field.Path, typeLabel(field.Type, label), field.Unit, strings.ReplaceAll(meaning, "|", `\|`))
	}
	page.WriteString("\n")
	_, err := io.WriteString(w, page.String())
	return err
}

func typeLabel(name string, label func(key, english string) string) string {
	if element, isList := strings.CutPrefix(name, "list of "); isList {
		return fmt.Sprintf(label("fact.type.list", "list of %s"), typeLabel(element, label))
	}
	return label("fact.type."+name, name)
}
