package licence

import (
	"cmp"
	"math/big"
	"slices"

	"holdfast/server/fault"
)

// Money is an amount in whole cents.
type Money struct {
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
}

// WayOut is something that would end a shortage.
type WayOut struct {
	Label    Label  `json:"label"`
	Kind     string `json:"kind"` // buy or renew
	Packs    int64  `json:"packs"`
	PackSize int64  `json:"pack_size"`
	Rights   Amount `json:"rights"`
	LeftOver Amount `json:"left_over"` // rights that nothing needs afterwards
	Cost     *Money `json:"cost,omitempty"`
	Right    string `json:"entitlement,omitempty"` // whose price it is, or which to renew
}

// waysOut works out what to do about a shortage: purchases, the cheapest first,
// each at the price of the last one of the same pack; then what might be
// renewed. The exposure is the cost of the cheapest purchase.
func (c *counter) waysOut(p *Position, rights []right) {
	if p.Short.Sign() == 0 {
		return
	}
	last := c.lastPurchases(rights)
	for _, each := range last {
		p.WaysOut = append(p.WaysOut, buy(p.Short, max(each.PackSize, 1), each.Entitlement))
	}
	if len(last) == 0 {
		size := int64(1)
		if c.rule.Packs != nil {
			size = c.rule.Packs.Size
		}
		p.WaysOut = append(p.WaysOut, buy(p.Short, size, nil))
	}
	slices.SortStableFunc(p.WaysOut, cheaper)
	p.Exposure = p.WaysOut[0].Cost
	for i := range rights {
		if r := &rights[i]; r.BoundTo == "" && r.To != "" && r.To < c.at && r.node.WouldBe.Compare(p.Short) >= 0 {
			p.WaysOut = append(p.WaysOut, WayOut{
				Label: label("licence.way.renew", fault.Args{"ID": r.ID, "To": r.To}), Kind: "renew", Right: r.ID,
				Packs: r.Quantity, PackSize: max(r.PackSize, 1), Rights: *r.node.WouldBe,
				LeftOver: r.node.WouldBe.Minus(p.Short), Cost: priceOf(r.Entitlement, r.Quantity),
			})
		}
	}
}

// lastPurchases gives the last purchase of each size of pack up to the day,
// in the currency of the last of all. A right bound to a machine comes with
// the machine and cannot be bought alone.
func (c *counter) lastPurchases(rights []right) []right {
	var bought []right
	for _, r := range rights {
		if r.BoundTo == "" && r.From <= c.at && (r.Metric == "" || r.Metric == c.rule.Metric.Kind()) {
			bought = append(bought, r)
		}
	}
	slices.SortFunc(bought, func(a, b right) int {
		return cmp.Or(cmp.Compare(first(a.CostCents != nil), first(b.CostCents != nil)), cmp.Compare(b.From, a.From), cmp.Compare(a.ID, b.ID))
	})
	var last []right
	for _, r := range bought {
		sameSize := func(other right) bool { return max(other.PackSize, 1) == max(r.PackSize, 1) }
		if r.Currency == bought[0].Currency && !slices.ContainsFunc(last, sameSize) {
			last = append(last, r)
		}
	}
	return last
}

func buy(short Amount, size int64, at *Entitlement) WayOut {
	rights := short.Up(Whole(size))
	packs := Ratio(new(big.Rat).Quo(rights.rat(), Whole(size).rat())).whole
	way := WayOut{
		Label: label("licence.way.buy_rights", fault.Args{"Count": packs}), Kind: "buy",
		Packs: packs, PackSize: size, Rights: rights, LeftOver: rights.Minus(short),
	}
	if size > 1 {
		way.Label = label("licence.way.buy_packs", fault.Args{"Count": packs, "Size": size})
	}
	if at != nil {
		way.Cost, way.Right = priceOf(at, packs), at.ID
	}
	return way
}

// priceOf is what so many packs cost at the price of an entitlement, in whole
// cents, rounded up; nil when nobody knows.
func priceOf(each *Entitlement, packs int64) *Money {
	if each.CostCents == nil {
		return nil
	}
	cost := new(big.Rat).SetFrac(big.NewInt(*each.CostCents), big.NewInt(each.Quantity))
	cost.Mul(cost, Whole(packs).rat())
	cents := Ratio(cost).Up(Whole(1))
	if cents.exact != nil { // more than 64 bits of cents is a slip of the pen
		return nil
	}
	return &Money{Cents: cents.whole, Currency: each.Currency}
}

// cheaper puts known costs before unknown ones, and low ones before high.
func cheaper(a, b WayOut) int {
	if order := cmp.Compare(first(a.Cost != nil), first(b.Cost != nil)); order != 0 || a.Cost == nil {
		return order
	}
	return cmp.Or(cmp.Compare(a.Cost.Cents, b.Cost.Cents), cmp.Compare(a.PackSize, b.PackSize))
}
