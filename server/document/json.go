package document

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"

	"holdfast/server/fault"
)

// isJSON reports whether a document means to be JSON: YAML reads most of that
// too, but stumbles over tabs.
func isJSON(content []byte) bool {
	rest, is := bytes.CutPrefix(bytes.TrimSpace(content), []byte("{"))
	rest = bytes.TrimSpace(rest)
	return is && (bytes.HasPrefix(rest, []byte(`"`)) || bytes.HasPrefix(rest, []byte("}")))
}

// parseJSON gives the same nodes for JSON as the parser of YAML does.
func parseJSON(content []byte) (*yaml.Node, *fault.Field) {
	tokens := jsontext.NewDecoder(bytes.NewReader(content), jsontext.AllowDuplicateNames(true))
	reading := jsonReader{tokens: tokens, content: content}
	root, err := reading.node(0)
	if err == nil {
		if _, after := tokens.ReadToken(); !errors.Is(after, io.EOF) {
			err = errTrailing
		}
	}
	if err != nil {
		return nil, &fault.Field{Key: "fault.document.syntax_json", Args: fault.Args{"Line": reading.line()}}
	}
	return root, nil
}

var (
	errTrailing = errors.New("text after the end of the document")
	errDeep     = errors.New("nested too deeply")
)

type jsonReader struct {
	tokens  *jsontext.Decoder
	content []byte
	lines   int // line breaks before at
	at      int64
}

// line is where the last token ends.
func (r *jsonReader) line() int {
	end := min(r.tokens.InputOffset(), int64(len(r.content)))
	r.lines += bytes.Count(r.content[r.at:end], []byte("\n"))
	r.at = end
	return r.lines + 1
}

func (r *jsonReader) node(depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	token, err := r.tokens.ReadToken()
	if err != nil {
		return nil, err
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Value: token.String(), Line: r.line()}
	switch token.Kind() {
	case 'n':
		node.Tag = "!!null"
	case 't', 'f':
		node.Tag = "!!bool"
	case '"':
		node.Tag, node.Style = "!!str", yaml.DoubleQuotedStyle
	case '0':
		node.Tag, node.Style = "!!int", yaml.TaggedStyle // says its type, unlike a bare word of YAML
		if strings.ContainsAny(node.Value, ".eE") {
			node.Tag = "!!float"
		}
	case '{', '[':
		node.Kind, node.Value = yaml.MappingNode, ""
		end := jsontext.Kind('}')
		if token.Kind() == '[' {
			node.Kind, end = yaml.SequenceNode, ']'
		}
		for r.tokens.PeekKind() != end {
			child, err := r.node(depth + 1)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, child)
		}
		_, err = r.tokens.ReadToken()
	default: // a bracket that closes ends the loop above, and never stands here
	}
	return node, err
}
