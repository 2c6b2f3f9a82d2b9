package licence

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"holdfast/server/fault"
)

// spare is the use that does not count for one reason.
type spare struct {
	reason Label
	use    Use
}

// sort parts the use that counts from what is free or exempt, which comes
// back as lines of 0.
func (c *counter) sort() (Use, []Node) {
	counted := Use{Estate: c.index, Product: c.product, At: c.at}
	spares := map[string]*spare{}
	spared := func(reason Label, about string) *Use {
		key := reason.Key + " " + about
		if spares[key] == nil {
			spares[key] = &spare{reason, Use{Estate: c.index, Product: c.product, At: c.at}}
		}
		return &spares[key].use
	}
	counted.Installations = make([]*Installation, 0, len(c.installations))
	for _, each := range c.installations {
		use := &counted
		exemption := c.exempt(func(e *Exemption) bool { return c.covers(e, each) })
		switch {
		case c.product.Free:
			use = spared(label("licence.reason.free", nil), "")
		case c.isFree(each.Edition):
			use = spared(label("licence.reason.free_edition", fault.Args{"Edition": each.Edition}), each.Edition)
		case exemption != nil:
			use = spared(reasonOf(exemption), exemption.ID)
		}
		use.Installations = append(use.Installations, each)
	}
	for _, each := range c.assignments {
		use := &counted
		exemption := c.exempt(func(e *Exemption) bool { return e.User == each.User })
		switch {
		case c.product.Free:
			use = spared(label("licence.reason.free", nil), "")
		case exemption != nil:
			use = spared(reasonOf(exemption), exemption.ID)
		}
		use.Assignments = append(use.Assignments, each)
	}
	var nodes []Node
	for _, key := range sortedKeys(spares) {
		nodes = append(nodes, c.zeros(spares[key])...)
	}
	return counted, nodes
}

// zeros makes lines that do not count of a use, each with what it would be if
// this use were the only one.
func (c *counter) zeros(s *spare) []Node {
	var nodes []Node
	for _, line := range c.lines(s.use) {
		node := Node{Label: line.Node.Label, Ref: line.Node.Ref, Reason: &s.reason}
		if !c.product.Free {
			value := line.Node.Value
			node.WouldBe = &value
		}
		nodes = append(nodes, node)
	}
	return nodes
}

// exempt gives the first exemption in force that fits.
func (c *counter) exempt(fits func(*Exemption) bool) *Exemption {
	for _, each := range c.exemptions {
		if holds(each.From, each.Until, c.at) && fits(each) {
			return each
		}
	}
	return nil
}

func (c *counter) covers(e *Exemption, each *Installation) bool {
	if e.On != "" {
		return e.On == each.On
	}
	return e.User == c.index.userOf(each)
}

func (c *counter) isFree(edition string) bool {
	return slices.ContainsFunc(c.rule.FreeEditions, func(free string) bool { return strings.EqualFold(free, edition) })
}

func reasonOf(e *Exemption) Label {
	args := fault.Args{"ID": e.ID, "Reason": e.Reason}
	if e.Until == "" {
		return label("licence.reason.exempt", args)
	}
	args["Until"] = e.Until
	return label("licence.reason.exempt_until", args)
}

// lines counts a use, rounds each line to whole packs where packs cannot be
// split, and puts the lines in order.
func (c *counter) lines(use Use) []Line {
	lines := c.rule.Metric.Count(use)
	if packs := c.rule.Packs; packs != nil && packs.WholePer == "machine" {
		for i := range lines {
			lines[i].fillPacks(packs.Size)
		}
	}
	return inOrder(lines)
}

// inOrder puts lines in the order of groups and names. Lines are large: their
// places are sorted, and each line is moved once.
func inOrder(lines []Line) []Line {
	places := make([]int, len(lines))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int {
		a, b := &lines[i], &lines[j]
		return cmp.Or(
			cmp.Compare(a.Group.Key, b.Group.Key),
			cmp.Compare(a.Node.Ref.Name, b.Node.Ref.Name),
			cmp.Compare(a.Node.Ref.ID, b.Node.Ref.ID),
			cmp.Compare(a.Node.Ref.Kind, b.Node.Ref.Kind),
		)
	})
	sorted := make([]Line, len(lines))
	for i, place := range places {
		sorted[i] = lines[place]
	}
	return sorted
}

// fillPacks raises a line to whole packs; what is left of the last pack can
// serve nothing else.
func (l *Line) fillPacks(size int64) {
	l.remainder = l.Node.Value.Up(Whole(size)).Minus(l.Node.Value)
	if l.remainder.Sign() == 0 {
		return
	}
	if len(l.Node.Children) == 0 {
		part := l.Node
		part.Ref = nil
		l.Node.Problem, l.Node.Children = nil, []Node{part}
	}
	l.Node.add(Leaf(label("licence.part.pack_rest", fault.Args{"Size": size}), l.remainder))
}

// headed puts lines under the headings of their groups.
func headed(text Label, lines []Line) Node {
	nodes := make([]Node, 0, len(lines))
	for start := 0; start < len(lines); {
		end, first := start, len(nodes)
		for ; end < len(lines) && lines[end].Group.Key == lines[start].Group.Key; end++ {
			nodes = append(nodes, lines[end].Node)
		}
		if lines[start].Group.Key != "" {
			nodes = append(nodes[:first], Sum(lines[start].Group, slices.Clone(nodes[first:])...))
		}
		start = end
	}
	return Sum(text, nodes...)
}

func sortedKeys[T any](of map[string]T) []string { return slices.Sorted(maps.Keys(of)) }
