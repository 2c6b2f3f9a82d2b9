package ticket

import (
	"slices"

	"holdfast/server/fault"
)

// State is where a ticket stands.
type State string

// The states.
const (
	Fresh    State = "new"      // nobody has taken it
	Assigned State = "assigned" // somebody is at it
	Planned  State = "planned"  // it will be done at a set time
	Pending  State = "pending"  // it waits for somebody else; its clock stands
	Solved   State = "solved"   // done, unless the requester objects
	Closed   State = "closed"   // over
)

// States lists every state, from the beginning of a ticket to its end.
func States() []State { return []State{Fresh, Assigned, Planned, Pending, Solved, Closed} }

// Open reports whether there is still something to do.
func (s State) Open() bool { return s != Solved && s != Closed }

// runs reports whether the clock to resolve runs.
func (s State) runs() bool { return s == Fresh || s == Assigned || s == Planned }

// Transition is a change of state that is allowed.
type Transition struct {
	From, To  State
	Requester bool // the requester may do it too
	ByMerge   bool // only merging does it, or undoing that
}

// Transitions is the one table of what may follow what: the source of every
// check, of the pages, the manual and the tests. What is not in it is refused.
func Transitions() []Transition {
	return []Transition{
		{From: Fresh, To: Assigned},
		{From: Fresh, To: Planned},
		{From: Fresh, To: Pending},
		{From: Fresh, To: Solved, Requester: true},
		{From: Fresh, To: Closed, ByMerge: true},
		{From: Assigned, To: Fresh}, // given back, or escalated
		{From: Assigned, To: Planned},
		{From: Assigned, To: Pending},
		{From: Assigned, To: Solved, Requester: true},
		{From: Assigned, To: Closed, ByMerge: true},
		{From: Planned, To: Fresh},
		{From: Planned, To: Assigned},
		{From: Planned, To: Pending},
		{From: Planned, To: Solved, Requester: true},
		{From: Planned, To: Closed, ByMerge: true},
		{From: Pending, To: Fresh, Requester: true},
		{From: Pending, To: Assigned, Requester: true}, // an answer wakes it
		{From: Pending, To: Planned},
		{From: Pending, To: Solved, Requester: true},
		{From: Pending, To: Closed, ByMerge: true},
		{From: Solved, To: Fresh, Requester: true}, // reopened, and nobody owns it
		{From: Solved, To: Assigned, Requester: true},
		{From: Solved, To: Closed, Requester: true}, // confirmed, or nobody objected
		{From: Closed, To: Fresh, ByMerge: true},
		{From: Closed, To: Assigned, ByMerge: true},
	}
}

// Next lists the states that people may give a ticket of this state, in the
// order of the table.
func (s State) Next() []State {
	var next []State
	for _, t := range Transitions() {
		if t.From == s && !t.ByMerge {
			next = append(next, t.To)
		}
	}
	return next
}

// by is on whose behalf a state changes.
type by int

const (
	byDesk by = iota
	byRequester
	byMerge
	byItself // the clock, or alerts; bound to the table as the desk is
)

// allowed checks a change of state against the table. Fault: Conflict.
func allowed(from, to State, who by) error {
	i := slices.IndexFunc(Transitions(), func(t Transition) bool { return t.From == from && t.To == to })
	if i >= 0 {
		t := Transitions()[i]
		if who == byMerge || !t.ByMerge && (who != byRequester || t.Requester) {
			return nil
		}
	}
	return fault.NewConflict("fault.ticket.transition", fault.Args{"From": string(from), "To": string(to)})
}
