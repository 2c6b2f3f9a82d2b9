package disposal

import (
	"slices"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
)

// State is where a case stands.
type State string

// The states, in order; Cancelled is the other end.
const (
	Draft     State = "draft"
	Offered   State = "offered"
	Approved  State = "approved"
	Cleared   State = "data_cleared"
	Released  State = "released"
	Collected State = "collected"
	Closed    State = "closed"
	Cancelled State = "cancelled"
)

// States lists every state, in order.
func States() []State {
	return []State{Draft, Offered, Approved, Cleared, Released, Collected, Closed, Cancelled}
}

// Steps lists the states that a case passes when nothing stops it.
func Steps() []State { return []State{Draft, Offered, Approved, Cleared, Released, Collected, Closed} }

// Ended reports whether nothing more can happen.
func (s State) Ended() bool { return s == Closed || s == Cancelled }

// Transition is a change of state that is allowed.
type Transition struct {
	From, To State
	Needs    identity.Permission
}

// Transitions is the one table of what may follow what, and who may say so.
// What is not in it is refused.
func Transitions() []Transition {
	const edit, approve = identity.DisposalEdit, identity.DisposalApprove
	return []Transition{
		{Draft, Offered, edit},
		{Draft, Cancelled, edit},
		{Offered, Approved, approve},
		{Offered, Draft, edit}, // to change it; approvals are void
		{Offered, Cancelled, edit},
		{Approved, Cleared, edit},
		{Approved, Draft, edit},
		{Approved, Cancelled, edit},
		{Cleared, Released, edit},
		{Cleared, Draft, edit},
		{Cleared, Cancelled, edit},
		{Released, Collected, edit},
		{Collected, Closed, edit},
	}
}

// Next lists the changes of state that may follow.
func (s State) Next() []Transition {
	return slices.DeleteFunc(Transitions(), func(t Transition) bool { return t.From != s })
}

// May reports whether the other state may follow.
func (s State) May(to State) bool {
	return slices.ContainsFunc(Transitions(), func(t Transition) bool { return t.From == s && t.To == to })
}

// move gives the case another state. Fault: Conflict when the table does not
// have it.
func (c *Case) move(to State, now time.Time) error {
	if !c.State.May(to) {
		return fault.NewConflict("fault.disposal.transition", fault.Args{"From": string(c.State), "To": string(to)})
	}
	c.State = to
	switch to {
	case Draft:
		c.OfferedAt, c.ApprovedAt, c.ClearedAt = time.Time{}, time.Time{}, time.Time{}
		c.ProposedByID, c.ProposedBy = identity.UserID{}, ""
	case Offered:
		c.OfferedAt = now
	case Approved:
		c.ApprovedAt = now
	case Cleared:
		c.ClearedAt = now
	case Released:
		c.ReleasedAt = now
	case Collected:
		c.CollectedAt = now
	case Closed:
		c.ClosedAt = now
	case Cancelled:
		c.CancelledAt = now
	}
	return nil
}

// only refuses what cannot be done in the present state. Fault: Conflict.
func (c *Case) only(states ...State) error {
	if slices.Contains(states, c.State) {
		return nil
	}
	return fault.NewConflict("fault.disposal.state", fault.Args{"State": string(c.State)})
}

// clear refuses while a drive or a thing still needs something. Fault:
// Conflict.
func (c *Case) clear() error {
	if open := len(c.Problems()); open > 0 {
		return fault.NewConflict("fault.disposal.blocked", fault.Args{"Count": open})
	}
	return nil
}
