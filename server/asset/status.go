package asset

import (
	"context"
	"slices"

	"holdfast/server/fault"
	"holdfast/server/identity"
)

// Status is where an asset stands in its life.
type Status string

// The statuses.
const (
	Ordered  Status = "ordered"
	InStock  Status = "in_stock"
	InUse    Status = "in_use"
	InRepair Status = "in_repair"
	Lost     Status = "lost"
	Surplus  Status = "surplus" // no longer needed; on its way out
	Disposed Status = "disposed"
)

// Statuses lists every status, from the beginning of a life to its end.
func Statuses() []Status {
	return []Status{Ordered, InStock, InUse, InRepair, Lost, Surplus, Disposed}
}

// Valid reports whether the status is one that there is.
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// Transition is a change of status that is allowed.
type Transition struct {
	From, To Status
	Needs    identity.Permission // what it takes by hand
	ByCase   bool                // only a disposal case does it, nobody by hand
}

// Transitions is the one table of what may follow what, and who may say so:
// the source of every check, of the pages, the manual and the tests. What is
// not in it is refused.
func Transitions() []Transition {
	const edit, retire = identity.AssetsEdit, identity.AssetsRetire
	return []Transition{
		{From: Ordered, To: InStock, Needs: edit},
		{From: Ordered, To: InUse, Needs: edit},
		{From: Ordered, To: Lost, Needs: edit},
		{From: InStock, To: InUse, Needs: edit},
		{From: InStock, To: InRepair, Needs: edit},
		{From: InStock, To: Lost, Needs: edit},
		{From: InStock, To: Surplus, Needs: retire},
		{From: InUse, To: InStock, Needs: edit},
		{From: InUse, To: InRepair, Needs: edit},
		{From: InUse, To: Lost, Needs: edit},
		{From: InUse, To: Surplus, Needs: retire},
		{From: InRepair, To: InStock, Needs: edit},
		{From: InRepair, To: InUse, Needs: edit},
		{From: InRepair, To: Lost, Needs: edit},
		{From: InRepair, To: Surplus, Needs: retire},
		{From: Lost, To: InStock, Needs: edit},
		{From: Lost, To: InUse, Needs: edit},
		{From: Lost, To: Disposed, ByCase: true},
		{From: Surplus, To: InStock, Needs: retire},
		{From: Surplus, To: InUse, Needs: retire},
		{From: Surplus, To: Lost, Needs: edit},
		{From: Surplus, To: Disposed, ByCase: true},
	}
}

// Next lists the changes of status that may follow, in the order of the table.
func (s Status) Next() []Transition {
	return slices.DeleteFunc(Transitions(), func(t Transition) bool { return t.From != s })
}

// transition finds the change in the table. Fault: Conflict when there is none.
func transition(from, to Status) (Transition, error) {
	for _, t := range Transitions() {
		if t.From == from && t.To == to {
			return t, nil
		}
	}
	return Transition{}, fault.NewConflict("fault.asset.transition", fault.Args{"From": string(from), "To": string(to)})
}

// byHand checks a change of status that the actor of ctx asks for. Faults:
// Conflict when it is not in the table or only a disposal case does it,
// Denied when the actor may not in this unit.
func byHand(ctx context.Context, from, to Status, unit identity.UnitID) error {
	t, err := transition(from, to)
	if err != nil {
		return err
	}
	if t.ByCase {
		return fault.NewConflict("fault.asset.only_by_case", nil)
	}
	return identity.AllowIn(ctx, t.Needs, unit)
}

// Starts lists the statuses that an asset may be recorded with by hand.
func Starts() []Status { return []Status{Ordered, InStock, InUse, InRepair, Lost, Surplus} }
