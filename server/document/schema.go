package document

import (
	"encoding/json"
	"fmt"
	"reflect"

	"holdfast/shared/report"
)

// schema is the part of JSON Schema (draft 2020-12) that we need, in the
// order in which people read it.
type schema struct {
	Draft       string      `json:"$schema,omitempty"`
	ID          string      `json:"$id,omitempty"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Type        any         `json:"type,omitempty"`
	Const       string      `json:"const,omitempty"`
	Format      string      `json:"format,omitempty"`
	Enum        []string    `json:"enum,omitempty"`
	Minimum     *int64      `json:"minimum,omitempty"`
	Maximum     *int64      `json:"maximum,omitempty"`
	MinLength   *int        `json:"minLength,omitempty"`
	Items       *schema     `json:"items,omitempty"`
	Properties  *properties `json:"properties,omitempty"`
	Required    []string    `json:"required,omitempty"`
	Closed      *bool       `json:"additionalProperties,omitempty"`
	OneOf       []*schema   `json:"oneOf,omitempty"`
}

// properties keeps the order of the struct.
type properties []property

type property struct {
	name  string
	shape *schema
}

// MarshalJSON implements json.Marshaler.
func (p properties) MarshalJSON() ([]byte, error) {
	text := []byte("{")
	for i, each := range p {
		if i > 0 {
			text = append(text, ',')
		}
		value, err := json.Marshal(each.shape)
		if err != nil {
			return nil, err
		}
		text = append(append(fmt.Appendf(text, "%q", each.name), ':'), value...)
	}
	return append(text, '}'), nil
}

// Schema writes the JSON Schema of the documents that Read reads into a value
// such as of.
func Schema(of any, id, title string) ([]byte, error) {
	root := shapeOf(reflect.TypeOf(of), nil)
	root.Draft, root.ID, root.Title = "https://json-schema.org/draft/2020-12/schema", id, title
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return append(text, '\n'), nil
}

func shapeOf(kind reflect.Type, of *member) *schema {
	shape := &schema{}
	if of == nil {
		of = &member{}
	}
	shape.Description = of.doc
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case kind == reflect.TypeFor[report.Date]():
		shape.Type, shape.Format = "string", "date"
	case kind.Kind() == reflect.String:
		shape.Type, shape.Enum = "string", of.oneOf
		if of.required {
			one := 1
			shape.MinLength = &one
		}
	case kind.Kind() == reflect.Bool:
		shape.Type = "boolean"
	case kind.Kind() == reflect.Slice:
		element := *of
		element.doc = ""
		shape.Type, shape.Items = "array", shapeOf(kind.Elem(), &element)
	case kind.Kind() == reflect.Struct:
		if choice, is := reflect.New(kind).Interface().(Choice); is {
			for _, name := range choice.Kinds() {
				shape.OneOf = append(shape.OneOf, group(reflect.TypeOf(choice.Form(name)).Elem(), name))
			}
			break
		}
		filled := group(kind, "")
		filled.Description, shape = of.doc, filled
	default:
		most := of.most()
		shape.Type, shape.Minimum, shape.Maximum = "integer", of.least, &most
	}
	return shape
}

func group(structure reflect.Type, kind string) *schema {
	closed := false
	shape := &schema{Type: "object", Properties: &properties{}, Closed: &closed}
	if kind != "" {
		*shape.Properties = append(*shape.Properties, property{"kind", &schema{Const: kind}})
		shape.Required = append(shape.Required, "kind")
	}
	for _, m := range membersOf(structure) {
		*shape.Properties = append(*shape.Properties, property{m.name, shapeOf(m.kind, &m)})
		if m.required {
			shape.Required = append(shape.Required, m.name)
		}
	}
	return shape
}
