package licence

import (
	"cmp"
	"slices"
	"strings"

	"holdfast/server/document"
	"holdfast/server/fault"
)

// Options narrow an evaluation.
type Options struct {
	At       Date     // the day
	Products []string // keys; empty means all
}

// ReadEstate reads an estate in YAML or JSON. Faults are Invalid, with
// everything that is wrong in the file.
func ReadEstate(content []byte, rules *Rules) (*Estate, error) {
	estate := &Estate{}
	err := document.Read(content, estate)
	form := fault.Of(err)
	if err != nil && form == nil {
		return nil, err
	}
	var faults []fault.Field
	if form != nil {
		faults = form.Fields
	}
	if wrongIn := func(name string) bool {
		return slices.ContainsFunc(faults, func(f fault.Field) bool { return strings.HasPrefix(f.Name, name) })
	}; !slices.ContainsFunc(faults, hidesIdentifiers) {
		for _, each := range check(estate, newIndex(estate), rules) {
			if !wrongIn(each.Name) { // else it follows from what has been told
				faults = append(faults, each)
			}
		}
	}
	if len(faults) > 0 {
		return nil, fault.NewInvalid(faults...)
	}
	return estate, nil
}

// hidesIdentifiers reports whether a fault may keep things from being found
// that are there.
func hidesIdentifiers(f fault.Field) bool {
	list, name, inside := strings.Cut(f.Name, ".")
	list, _, _ = strings.Cut(list, "[")
	switch list {
	case "at", "name", "installations", "assignments", "entitlements", "exemptions":
		return false
	}
	return !inside || name == "id" || name == "key"
}

// EstateSchema gives the JSON Schema of what ReadEstate reads.
func EstateSchema() ([]byte, error) {
	return document.Schema(Estate{}, "urn:holdfast:licence-estate", "Estate for holdfast licence evaluate")
}

// Evaluate works out the positions of an estate. Faults are Invalid, with
// every reference of the estate that leads nowhere and every entry that
// contradicts itself.
func Evaluate(estate *Estate, rules *Rules, options Options) (*Result, error) {
	index := newIndex(estate)
	faults := check(estate, index, rules)
	for _, key := range options.Products {
		c := checker{index: index}
		refers(&c, place{}, "fault.licence.no_product", key, index.products, nil)
		for _, each := range c.faults {
			faults = append(faults, fault.Field{Name: "--product", Key: each.Key, Args: each.Args})
		}
	}
	if len(faults) > 0 {
		return nil, fault.NewInvalid(faults...)
	}
	result := &Result{Estate: estate.Name, At: options.At, RulesVersion: rules.Version, Positions: []Position{}}
	for _, c := range share(estate, index, rules, options) {
		result.Positions = append(result.Positions, c.position())
	}
	return result, nil
}

// share gives each product, by key, what of the estate concerns it.
func share(estate *Estate, index *Index, rules *Rules, options Options) []*counter {
	byKey := map[string]*counter{}
	var counters []*counter
	for i := range estate.Products {
		product := &estate.Products[i]
		c := &counter{index: index, product: product, rule: rules.of(product, options.At), at: options.At, grouped: len(estate.Units) > 0}
		if c.rule.Metric.Metric == nil {
			c.rule.Metric.Metric = PerInstallation{} // a free product that says nothing else
		}
		byKey[product.Key] = c
		if len(options.Products) == 0 || slices.Contains(options.Products, product.Key) {
			counters = append(counters, c)
		}
	}
	for i := range estate.Exemptions {
		c := byKey[estate.Exemptions[i].Product]
		c.exemptions = append(c.exemptions, &estate.Exemptions[i])
	}
	for i := range estate.Installations {
		if each := &estate.Installations[i]; holds(each.Since, each.Until, options.At) {
			c := byKey[each.Product]
			c.installations = append(c.installations, each)
		}
	}
	for i := range estate.Assignments {
		if each := &estate.Assignments[i]; holds(each.Since, each.Until, options.At) {
			c := byKey[each.Product]
			c.assignments = append(c.assignments, each)
		}
	}
	for i := range estate.Entitlements {
		c := byKey[estate.Entitlements[i].Product]
		c.entitlements = append(c.entitlements, &estate.Entitlements[i])
	}
	slices.SortFunc(counters, func(a, b *counter) int { return strings.Compare(a.product.Key, b.product.Key) })
	for _, c := range byKey {
		slices.SortFunc(c.exemptions, func(a, b *Exemption) int { return strings.Compare(a.ID, b.ID) })
		slices.SortFunc(c.entitlements, inOrderOfUse)
	}
	return counters
}

// inOrderOfUse is the order in which rights serve the need.
func inOrderOfUse(a, b *Entitlement) int {
	return cmp.Or(
		cmp.Compare(first(a.BoundTo != ""), first(b.BoundTo != "")),
		cmp.Compare(first(a.To != ""), first(b.To != "")),
		cmp.Compare(a.To, b.To),
		cmp.Compare(a.From, b.From),
		cmp.Compare(a.ID, b.ID),
	)
}

// first puts what is true before what is not.
func first(is bool) int {
	if is {
		return 0
	}
	return 1
}

// counter works out one position.
type counter struct {
	index   *Index
	product *Product
	rule    Rule
	at      Date
	grouped bool // by unit

	installations []*Installation // in force
	assignments   []*Assignment   // in force
	entitlements  []*Entitlement  // all, in order of use
	exemptions    []*Exemption    // all, by identifier
}

func (c *counter) position() Position {
	counted, spared := c.sort()
	lines := c.lines(counted)
	p := Position{
		Product: ProductRef{Key: c.product.Key, Name: orID(c.product.Name, c.product.Key), Publisher: c.product.Publisher},
		Rule:    RuleRef{ID: c.rule.ID, InForceFrom: c.rule.InForceFrom, Metric: c.rule.Metric, Packs: c.rule.Packs},
		Unit:    label(c.rule.Metric.Unit(), nil),
		Explanation: Explanation{
			Needed:     headed(label("licence.needed", nil), lines),
			NotCounted: Sum(label("licence.not_counted", nil), spared...),
		},
	}
	if c.rule.ID != "" {
		p.Rule.Source = &c.rule.Source
	}
	c.problems(&p)
	rights := c.rights()
	serve(rights, lines, c.boundKey)
	c.figures(&p, rights, lines)
	p.Notices = c.notices(&p, counted, lines)
	c.waysOut(&p, rights)
	if c.grouped {
		p.Groups = c.groups(rights, lines)
	}
	return p
}

// figures fills in the sums, and the status that follows from them.
func (c *counter) figures(p *Position, rights []right, lines []Line) {
	e := &p.Explanation
	e.Owned, e.NotInForce = Sum(label("licence.owned", nil)), Sum(label("licence.not_in_force", nil))
	for i := range rights {
		r := &rights[i]
		if !r.node.Counted {
			e.NotInForce.add(r.node)
			continue
		}
		r.node.Used = &r.used
		e.Owned.add(r.node)
		p.Idle = p.Idle.Plus(r.idle())
		if r.maintained {
			p.Maintained = p.Maintained.Plus(r.node.Value)
		}
	}
	for i := range lines {
		p.Remainder = p.Remainder.Plus(lines[i].remainder)
	}
	p.Owned, p.Needed = e.Owned.Value, e.Needed.Value
	p.Available = p.Owned.Minus(p.Needed).Minus(p.Idle)
	p.Short = Whole(0).Minus(p.Available).NotBelowZero()
	p.Over = p.Available.NotBelowZero().Plus(p.Idle)
	p.Certain = len(p.Problems) == 0
	switch {
	case p.Available.Sign() < 0:
		p.Status = Short
	case !p.Certain:
		p.Status = Unknown
	case p.Available.Sign() == 0:
		p.Status = Exact
	default:
		p.Status = Ample
	}
}

// problems lists what could not be counted, with the machine or user whose it
// is.
func (c *counter) problems(p *Position) {
	var search func(n *Node, about *Ref)
	search = func(n *Node, about *Ref) {
		if n.Ref != nil {
			about = n.Ref
		}
		if n.Problem != nil {
			p.Problems = append(p.Problems, Problem{Label: *n.Problem, Ref: about})
		}
		for i := range n.Children {
			search(&n.Children[i], about)
		}
	}
	search(&p.Explanation.Needed, nil)
}

// notices tells what the figures alone do not.
func (c *counter) notices(p *Position, counted Use, lines []Line) []Label {
	var notices []Label
	if c.rule.InForceFrom > c.at {
		notices = append(notices, label("licence.notice.rule_later", fault.Args{"From": c.rule.InForceFrom}))
	}
	var virtual Amount
	for _, line := range lines {
		if line.Maintained {
			virtual = virtual.Plus(line.Node.Value)
		}
	}
	if virtual.Compare(p.Maintained) > 0 {
		notices = append(notices, label("licence.notice.maintenance", fault.Args{"Needed": virtual.Arg(), "Maintained": p.Maintained.Arg()}))
	}
	for _, each := range c.exemptions {
		ended := each.Until != "" && each.Until < c.at
		if ended && (slices.ContainsFunc(counted.Installations, func(i *Installation) bool { return c.covers(each, i) }) ||
			slices.ContainsFunc(counted.Assignments, func(a *Assignment) bool { return a.User == each.User })) {
			notices = append(notices, label("licence.notice.exemption_ended", fault.Args{"ID": each.ID, "Until": each.Until}))
		}
	}
	return notices
}
