package device

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"holdfast/server/web/ui"
)

// node is one fact as the page of all facts shows it: a value, or a group of
// others.
type node struct {
	Name   string // as the report has it, such as "size_bytes"
	Label  string
	Doc    bool // whether the specification knows it
	Value  string
	Inside []node
}

// nodesOf takes the facts of a section apart, in the order of the
// specification; what it does not know comes last.
func nodesOf(ctx context.Context, section, prefix string, facts json.RawMessage) []node {
	var members map[string]json.RawMessage
	if json.Unmarshal(facts, &members) != nil {
		return nil
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if one, other := order(section, prefix+a), order(section, prefix+b); one != other {
			return one - other
		}
		return bytes.Compare([]byte(a), []byte(b))
	})
	nodes := make([]node, 0, len(names))
	for _, name := range names {
		nodes = append(nodes, nodeOf(ctx, section, prefix+name, name, members[name]))
	}
	return nodes
}

func nodeOf(ctx context.Context, section, path, name string, value json.RawMessage) node {
	_, known := ui.FactSpec(section, path)
	made := node{Name: name, Label: ui.FactLabel(ctx, section, path), Doc: known}
	value = bytes.TrimSpace(value)
	var entries []json.RawMessage
	switch {
	case len(value) > 0 && value[0] == '{':
		made.Inside = nodesOf(ctx, section, path+".", value)
	case json.Unmarshal(value, &entries) == nil && len(entries) > 0 && bytes.HasPrefix(bytes.TrimSpace(entries[0]), []byte("{")):
		for _, entry := range entries {
			inside := nodesOf(ctx, section, path+"[].", entry)
			made.Inside = append(made.Inside, node{Label: titleOf(inside), Doc: known, Inside: inside})
		}
	default:
		made.Value = ui.FactText(ctx, section, path, value)
	}
	return made
}

// titleOf names an entry of a list by the first value that it has.
func titleOf(inside []node) string {
	for _, each := range inside {
		if each.Value != "" {
			return each.Value
		}
	}
	return "…"
}

func order(section, path string) int {
	return ui.FactPlace(section, path)
}
