package licence

import (
	"slices"

	"holdfast/server/fault"
)

// right is an entitlement as it counts on the day.
type right struct {
	*Entitlement
	node       Node
	used       Amount // that serves lines
	maintained bool
}

// idle is what cannot serve anything: bound, and not needed there.
func (r *right) idle() Amount {
	if !r.node.Counted || r.BoundTo == "" {
		return Amount{}
	}
	return r.node.Value.Minus(r.used)
}

// rights gives the entitlements in order of use, those that do not count with
// the reason.
func (c *counter) rights() []right {
	rights := make([]right, len(c.entitlements))
	for i, each := range c.entitlements {
		amount := Whole(each.Quantity).Times(Whole(max(each.PackSize, 1)))
		text := label("licence.right.rights", fault.Args{"Count": each.Quantity})
		if each.PackSize > 1 {
			text = label("licence.right.packs", fault.Args{"Count": each.Quantity, "Size": each.PackSize})
		}
		node := Leaf(text, amount).About(Ref{Kind: "entitlement", ID: each.ID, Name: each.ID})
		node.Paper, node.Notes = each.Paper, c.terms(each)
		if reason := c.outOfForce(each); reason != nil {
			node.Value, node.Counted, node.Reason, node.WouldBe = Amount{}, false, reason, &amount
		}
		rights[i] = right{Entitlement: each, node: node, maintained: each.To != "" || c.at <= each.MaintenanceUntil}
	}
	return rights
}

func (c *counter) outOfForce(each *Entitlement) *Label {
	var reason Label
	switch {
	case each.From > c.at:
		reason = label("licence.reason.not_begun", fault.Args{"From": each.From})
	case each.To != "" && each.To < c.at:
		reason = label("licence.reason.ended", fault.Args{"To": each.To})
	case each.Metric != "" && each.Metric != c.rule.Metric.Kind():
		reason = label("licence.reason.other_metric", fault.Args{"Metric": each.Metric, "Wanted": c.rule.Metric.Kind()})
	default:
		return nil
	}
	return &reason
}

// terms tells how long a right holds and what it is bound to.
func (c *counter) terms(each *Entitlement) []Label {
	var notes []Label
	if each.From != "" {
		notes = append(notes, label("licence.term.from", fault.Args{"From": each.From}))
	}
	if each.To == "" {
		notes = append(notes, label("licence.term.perpetual", nil))
	} else {
		notes = append(notes, label("licence.term.until", fault.Args{"To": each.To}))
	}
	if each.MaintenanceUntil != "" {
		notes = append(notes, label("licence.term.maintained", fault.Args{"Until": each.MaintenanceUntil}))
	}
	if each.BoundTo != "" {
		notes = append(notes, label("licence.term.bound", fault.Args{"Name": c.bound(each.BoundTo).Name}))
	}
	return notes
}

// bound gives the machine, or the site, that a right is bound to.
func (c *counter) bound(id string) Ref {
	if _, is := c.rule.Metric.Metric.(Site); is {
		return c.index.unit(id)
	}
	return c.index.Machine(id).Ref()
}

func (c *counter) boundKey(id string) string { return keyOf(c.bound(id)) }

func keyOf(ref Ref) string { return ref.Kind + " " + ref.ID }

// serve lets rights, which are in order of use, serve the lines: bound ones
// the lines of what they are bound to, the others whatever is left.
func serve(rights []right, lines []Line, boundKey func(id string) string) {
	needs := map[string]Amount{} // by what the line is about
	bound := slices.ContainsFunc(rights, func(r right) bool { return r.BoundTo != "" })
	var open Amount
	for i := range lines {
		node := &lines[i].Node
		open = open.Plus(node.Value)
		if bound {
			key := keyOf(*node.Ref)
			needs[key] = needs[key].Plus(node.Value)
		}
	}
	for i := range rights {
		r := &rights[i]
		switch {
		case !r.node.Counted:
			continue
		case r.BoundTo != "":
			key := boundKey(r.BoundTo)
			r.used = r.node.Value.Least(needs[key])
			needs[key] = needs[key].Minus(r.used)
		default:
			r.used = r.node.Value.Least(open)
		}
		open = open.Minus(r.used)
	}
}

// groups breaks the figures down by unit.
func (c *counter) groups(rights []right, lines []Line) []Group {
	groups := map[string]*Group{}
	of := func(unit string) *Group {
		if groups[unit] == nil {
			groups[unit] = &Group{}
			if unit != "" {
				ref := c.index.unit(unit)
				groups[unit].Unit = &ref
			}
		}
		return groups[unit]
	}
	for i := range lines {
		group := of(c.index.unitOf(lines[i].Node.Ref))
		group.Needed = group.Needed.Plus(lines[i].Node.Value)
	}
	for i := range rights {
		unit := rights[i].Unit
		if unit == "" && rights[i].BoundTo != "" {
			ref := c.bound(rights[i].BoundTo)
			unit = c.index.unitOf(&ref)
		}
		if rights[i].node.Counted {
			group := of(unit)
			group.Owned, group.Idle = group.Owned.Plus(rights[i].node.Value), group.Idle.Plus(rights[i].idle())
		}
	}
	var sorted []Group
	for _, unit := range sortedKeys(groups) {
		group := groups[unit]
		group.Available = group.Owned.Minus(group.Needed).Minus(group.Idle)
		sorted = append(sorted, *group)
	}
	return sorted
}
