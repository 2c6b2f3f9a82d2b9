package licence

import "holdfast/server/fault"

// Trimmed is the position with at most so many lines under each heading, for
// keeping: the rest of them stand as one line with their sum, so that lines
// still add up. Lines that cannot be counted are kept before others.
func (p Position) Trimmed(most int) Position {
	e := &p.Explanation
	for _, root := range []*Node{&e.Needed, &e.NotCounted, &e.Owned, &e.NotInForce} {
		*root = root.trimmed(most)
	}
	if len(p.Problems) > most {
		p.Problems = p.Problems[:most:most]
	}
	return p
}

func (n Node) trimmed(most int) Node {
	children := n.Children
	n.Children = nil
	var rest Amount
	var left int
	keep := func(unsure bool) {
		for i := range children {
			if children[i].isUnsure() != unsure {
				continue
			}
			if len(n.Children) < most {
				n.Children = append(n.Children, children[i].trimmed(most))
				continue
			}
			left++
			rest = rest.Plus(children[i].Value)
		}
	}
	if len(children) <= most { // nothing to choose from: the order stays
		for i := range children {
			n.Children = append(n.Children, children[i].trimmed(most))
		}
		return n
	}
	keep(true)
	keep(false)
	n.Children = append(n.Children, Leaf(label("licence.line.others", fault.Args{"Count": left}), rest))
	return n
}

// isUnsure reports whether something in the line cannot be counted.
func (n *Node) isUnsure() bool {
	if n.Problem != nil {
		return true
	}
	for i := range n.Children {
		if n.Children[i].isUnsure() {
			return true
		}
	}
	return false
}
