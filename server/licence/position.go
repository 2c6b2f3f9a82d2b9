package licence

import "fmt"

// Result is the positions of an estate on a day.
type Result struct {
	Estate       string     `json:"estate,omitempty"`
	At           Date       `json:"at"`
	RulesVersion string     `json:"rules_version"`
	Positions    []Position `json:"positions"` // by product key
}

// Status says in one word how a position stands.
type Status string

// The statuses.
const (
	Short   Status = "short"   // rights are missing
	Exact   Status = "exact"   // none missing, none left
	Ample   Status = "ample"   // some left
	Unknown Status = "unknown" // enough, if what cannot be counted needs no more
)

// Position is the effective licence position of one product.
// Owned = Needed + Idle + Available.
type Position struct {
	Product ProductRef `json:"product"`
	Rule    RuleRef    `json:"rule"`
	Unit    Label      `json:"unit"` // what is counted

	Status     Status `json:"status"`
	Owned      Amount `json:"owned"`     // rights in force
	Needed     Amount `json:"needed"`    // the least, when not certain
	Idle       Amount `json:"idle"`      // owned, but bound where nothing needs them
	Available  Amount `json:"available"` // below zero is short; the most, when not certain
	Short      Amount `json:"short"`
	Over       Amount `json:"over_licensed"`  // owned and not needed: idle and available
	Remainder  Amount `json:"pack_remainder"` // part of needed: rests of packs that cannot be split
	Maintained Amount `json:"maintained"`     // part of owned: under maintenance or a term that ends

	Certain  bool      `json:"certain"`
	Problems []Problem `json:"problems,omitempty"` // why not certain
	Notices  []Label   `json:"notices,omitempty"`

	Exposure *Money   `json:"exposure,omitempty"` // cost of what is missing, at the last known price
	WaysOut  []WayOut `json:"ways_out,omitempty"` // purchases, the cheapest first; then renewals

	Groups      []Group     `json:"groups,omitempty"` // the same figures by unit
	Explanation Explanation `json:"explanation"`
}

// ProductRef names the product of a position.
type ProductRef struct {
	Key       string `json:"key"`
	Name      string `json:"name"`
	Publisher string `json:"publisher,omitempty"`
}

// RuleRef is the rule that a position was counted by.
type RuleRef struct {
	ID          string   `json:"id,omitempty"` // none when the product brings its metric
	InForceFrom Date     `json:"in_force_from,omitempty"`
	Source      *Source  `json:"source,omitempty"`
	Metric      Counting `json:"metric"`
	Packs       *Packs   `json:"packs,omitempty"`
}

// Problem is something that cannot be counted.
type Problem struct {
	Label Label `json:"label"`
	Ref   *Ref  `json:"ref,omitempty"`
}

// Group is the part of a position that belongs to one unit. Groups add up to
// the position; rights that no unit bought stand in the one without a unit.
type Group struct {
	Unit      *Ref   `json:"unit,omitempty"`
	Owned     Amount `json:"owned"`
	Needed    Amount `json:"needed"`
	Idle      Amount `json:"idle"`
	Available Amount `json:"available"`
}

// Explanation is what the figures are the sums of.
type Explanation struct {
	Needed     Node `json:"needed"`
	NotCounted Node `json:"not_counted"` // uses that need no right
	Owned      Node `json:"owned"`
	NotInForce Node `json:"not_in_force"` // rights that do not count
}

// Check reports the first line that does not add up.
func (p *Position) Check() error {
	e := &p.Explanation
	for _, root := range []*Node{&e.Needed, &e.NotCounted, &e.Owned, &e.NotInForce} {
		if err := root.Check(); err != nil {
			return err
		}
	}
	rest := p.Owned.Minus(p.Needed).Minus(p.Idle).Minus(p.Available)
	if rest.Sign() != 0 || e.Needed.Value.Compare(p.Needed) != 0 || e.Owned.Value.Compare(p.Owned) != 0 {
		return fmt.Errorf("%s: the figures are not those of the explanation", p.Product.Key)
	}
	return nil
}

// Translate writes the text of every label of the result.
func (r *Result) Translate(text func(Label) string) {
	write := func(l *Label) { l.Text = text(*l) }
	for i := range r.Positions {
		p := &r.Positions[i]
		write(&p.Unit)
		for j := range p.Problems {
			write(&p.Problems[j].Label)
		}
		for j := range p.Notices {
			write(&p.Notices[j])
		}
		for j := range p.WaysOut {
			write(&p.WaysOut[j].Label)
		}
		for _, root := range []*Node{&p.Explanation.Needed, &p.Explanation.NotCounted, &p.Explanation.Owned, &p.Explanation.NotInForce} {
			root.Walk(func(n *Node) {
				write(&n.Label)
				for _, l := range []*Label{n.Reason, n.Problem} {
					if l != nil {
						write(l)
					}
				}
				for j := range n.Notes {
					write(&n.Notes[j])
				}
			})
		}
	}
}
