// Package document reads documents that people write by hand, in YAML or in
// JSON, into Go structs. It is strict: an unknown member, a missing one and a
// value of the wrong type are each an error that names the member and says
// what to do, and all of them come back at once.
//
// The Go types are the specification. A member is an exported field with
//
//	json:"name"      its name in the document
//	doc:"..."        one sentence, for the schema
//	required:"true"  it must be there and not be empty
//	oneof:"a b"      the only values there are
//	min:"1"          the smallest number there may be
//
// and of the type string, bool, int, int64, a pointer to one of them where
// "not said" differs from zero, report.Date, a struct, or a slice of these. A
// struct whose form depends on its kind implements Choice.
//
// Schema writes the same specification as a JSON Schema.
package document

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"holdfast/server/fault"
)

// Limits of a document, so that none can exhaust the reader.
const (
	maxDepth   = 32
	maxAliased = 100_000 // nodes reached through aliases, which can multiply
)

// Choice is a struct that has one form for each kind of it; the member "kind"
// tells which.
type Choice interface {
	Kinds() []string      // in the order in which people should read them
	Form(kind string) any // a pointer to the empty form
	Choose(form any)      // keeps the form that was filled
}

// Read fills the struct that into points to. Whatever is wrong comes back as
// one fault of the kind Invalid; its fields name where, such as
// "hosts[2].processors[0].cores".
func Read(content []byte, into any) error {
	root, broken := parse(content)
	if broken != nil {
		return fault.NewInvalid(*broken)
	}
	reading := reader{}
	reading.group(root, "", reflect.ValueOf(into).Elem(), nil)
	if len(reading.faults) > 0 {
		return fault.NewInvalid(reading.faults...)
	}
	return nil
}

// parse gives the outermost node of the one document that there is.
func parse(content []byte) (*yaml.Node, *fault.Field) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if isJSON(content) {
		return parseJSON(content)
	}
	documents := yaml.NewDecoder(bytes.NewReader(content))
	var found, next yaml.Node
	err := documents.Decode(&found)
	if errors.Is(err, io.EOF) || err == nil && len(found.Content) == 0 {
		return nil, &fault.Field{Key: "fault.document.empty"}
	}
	if err == nil {
		if err = documents.Decode(&next); errors.Is(err, io.EOF) {
			return found.Content[0], nil
		}
	}
	if err != nil {
		return nil, &fault.Field{Key: "fault.document.syntax", Args: fault.Args{"Line": lineOf(err)}}
	}
	return nil, &fault.Field{Key: "fault.document.several", Args: fault.Args{"Line": next.Line}}
}

// lineOf finds the line in the message of the YAML parser, which has no other
// way of telling it; 1 when the message names none.
func lineOf(err error) int {
	_, after, _ := strings.Cut(err.Error(), "line ")
	line := 0
	for _, digit := range after {
		if digit < '0' || digit > '9' || line > 100_000_000 {
			break
		}
		line = line*10 + int(digit-'0')
	}
	return max(line, 1)
}
