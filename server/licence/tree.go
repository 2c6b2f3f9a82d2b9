package licence

import (
	"bytes"
	"encoding/json"
	"fmt"

	"holdfast/server/fault"
)

// Label is a text by its message key, to be written in the reader's language.
// Its values named From, To and Until are days.
type Label struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
	Text string     `json:"text,omitempty"` // set by Result.Translate
}

// Ref names the thing that a line is about.
type Ref struct {
	Kind string `json:"kind"` // host, virtual_machine, device, user, unit, organisation, entitlement, exemption
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Node is a line of an explanation. Its value is the sum of its children's
// where it has any.
type Node struct {
	Label    Label   `json:"label"`
	Value    Amount  `json:"value"`
	Counted  bool    `json:"counted"`
	Ref      *Ref    `json:"ref,omitempty"`
	Paper    string  `json:"paper,omitempty"`    // that proves it
	Reason   *Label  `json:"reason,omitempty"`   // why it does not count
	WouldBe  *Amount `json:"would_be,omitempty"` // value if it did count, by itself
	Used     *Amount `json:"used,omitempty"`     // of a right: how much of it serves a line
	Problem  *Label  `json:"problem,omitempty"`  // why the value is only the least that it can be
	Notes    []Label `json:"notes,omitempty"`
	Children []Node  `json:"children,omitempty"`
}

// Written gives the values for the message, with days as day writes them.
func (l Label) Written(day func(Date) string) fault.Args {
	args := fault.Args{}
	for name, value := range l.Args {
		args[name] = value
		if name == "From" || name == "To" || name == "Until" {
			args[name] = day(Date(fmt.Sprint(value)))
		}
	}
	return args
}

// UnmarshalJSON reads a label that was kept, with whole numbers as such.
func (l *Label) UnmarshalJSON(text []byte) error {
	type plain Label
	numbers := json.NewDecoder(bytes.NewReader(text))
	numbers.UseNumber()
	if err := numbers.Decode((*plain)(l)); err != nil {
		return fmt.Errorf("read label: %w", err)
	}
	for name, value := range l.Args {
		if number, is := value.(json.Number); is {
			whole, err := number.Int64()
			if err != nil {
				return fmt.Errorf("read label %s: %w", l.Key, err)
			}
			l.Args[name] = whole
		}
	}
	return nil
}

func label(key string, args fault.Args) Label { return Label{Key: key, Args: args} }

// Leaf makes a line of its own value.
func Leaf(text Label, value Amount) Node { return Node{Label: text, Value: value, Counted: true} }

// Sum makes a line of what its parts add up to.
func Sum(text Label, parts ...Node) Node {
	node := Node{Label: text, Counted: true, Children: parts}
	for i := range parts {
		node.Value = node.Value.Plus(parts[i].Value)
	}
	return node
}

func (n *Node) add(part Node) {
	n.Value = n.Value.Plus(part.Value)
	n.Children = append(n.Children, part)
}

// About gives the line with the thing that it is about.
func (n Node) About(ref Ref) Node {
	n.Ref = &ref
	return n
}

// Unsure gives the line as the least that it can be, because of problem.
func (n Node) Unsure(problem Label) Node {
	n.Problem = &problem
	return n
}

// Check reports the first line that is not the sum of its parts, or that does
// not count and has a value or no reason all the same.
func (n *Node) Check() error {
	if !n.Counted && (n.Value.Sign() != 0 || n.Reason == nil) {
		return fmt.Errorf("%s: does not count, but has the value %s or no reason", n.Label.Key, n.Value)
	}
	if len(n.Children) == 0 {
		return nil
	}
	var sum Amount
	for i := range n.Children {
		if err := n.Children[i].Check(); err != nil {
			return err
		}
		sum = sum.Plus(n.Children[i].Value)
	}
	if sum.Compare(n.Value) != 0 {
		return fmt.Errorf("%s: is %s, but its parts add up to %s", n.Label.Key, n.Value, sum)
	}
	return nil
}

// Walk visits the line and all below it, from the top down.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for i := range n.Children {
		n.Children[i].Walk(visit)
	}
}
