package ticket

import (
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/server/asset"
	"holdfast/server/check"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/person"
	"holdfast/shared/id"
)

const reasonLimit = 500 // characters

// to gives the ticket another state, and its clocks what follows. Fault:
// Conflict when the table does not have it.
func (w *work) to(state State, who by) error {
	from := w.t.State
	if from == state {
		return nil
	}
	if err := allowed(from, state, who); err != nil {
		return err
	}
	now, warn := w.tx.Now, w.rules.Settings.WarnPercent
	switch {
	case state.runs() && !from.runs():
		w.t.Clock = w.t.Clock.resume(w.calendar(), warn, now)
	case !state.runs() && from.runs():
		w.t.Clock = w.t.Clock.pause(w.calendar(), now)
	}
	w.t.PlannedFor, w.t.PendingReason, w.t.WakeAt = time.Time{}, "", time.Time{}
	switch {
	case state == Solved:
		w.t.SolvedAt, w.t.AskedAt = now, time.Time{}
		w.t.Clock = w.t.Clock.own(now)
	case state == Closed:
		w.t.ClosedAt, w.t.ClearedAt = now, time.Time{}
	case !from.Open():
		w.t.SolvedAt, w.t.ConfirmedAt, w.t.ClosedAt = time.Time{}, time.Time{}, time.Time{}
		if from == Solved {
			w.t.Reopened++
		}
	}
	w.t.State = state
	return nil
}

// Take makes the actor the owner. Faults: Missing, Denied, Conflict when
// somebody else owns it or it is over.
func (s *Service) Take(ctx context.Context, of ID) (Row, error) {
	me, err := self(ctx)
	if err != nil {
		return Row{}, err
	}
	return s.handle(ctx, of, func(w *work) error {
		switch {
		case w.t.OwnerID == me:
			return nil
		case !w.t.OwnerID.IsZero():
			return fault.NewConflict("fault.ticket.owned", fault.Args{"Name": w.t.Owner})
		case !w.t.State.Open():
			return allowed(w.t.State, Assigned, byMerge) // says why
		}
		w.happened("taken", nil)
		return w.owned(me)
	})
}

// owned gives the ticket an owner, who is at it unless it is planned or waits.
func (w *work) owned(owner identity.UserID) error {
	w.t.OwnerID = owner
	w.t.Clock = w.t.Clock.own(w.tx.Now)
	if w.t.State == Fresh {
		return w.to(Assigned, byDesk)
	}
	return nil
}

// Assignment is who is to deal with a ticket: a member of the desk, or a team
// of which somebody takes it.
type Assignment struct {
	Owner identity.UserID
	Team  identity.Role
}

// Assign gives a ticket to somebody, or back to a team. Faults: Missing,
// Denied, Invalid (somebody who may not handle it, an unknown team), Conflict
// when it is over.
func (s *Service) Assign(ctx context.Context, of ID, to Assignment) (Row, error) {
	return s.handle(ctx, of, func(w *work) error {
		if !w.t.State.Open() {
			return fault.NewConflict("fault.ticket.over", nil)
		}
		if to.Team != "" && !slices.Contains(desk.Teams(), to.Team) {
			return fault.NewInvalid(fault.Field{Name: "team", Key: "fault.ticket.team"})
		}
		if to.Owner.IsZero() {
			return w.release(to.Team)
		}
		handlers, err := handlers(w.tx.DB, w.t.UnitID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(handlers, func(h Handler) bool { return h.ID == to.Owner })
		if i < 0 {
			return fault.NewInvalid(fault.Field{Name: "owner_id", Key: "fault.ticket.owner"})
		}
		if to.Owner == w.t.OwnerID && (to.Team == "" || to.Team == w.t.Team) {
			return nil
		}
		another := !w.t.OwnerID.IsZero() && w.t.OwnerID != to.Owner
		if to.Team != "" {
			w.t.Team = to.Team
		} else if !slices.Contains(handlers[i].Teams, w.t.Team) && len(handlers[i].Teams) > 0 {
			w.t.Team = handlers[i].Teams[0]
		}
		w.happened("assigned", fault.Args{"Owner": handlers[i].Name, "Team": string(w.t.Team)})
		if another || w.t.Team != w.was.Team {
			w.tell("reassigned")
		}
		return w.owned(to.Owner)
	})
}

// release gives the ticket back to a team.
func (w *work) release(team identity.Role) error {
	if team == "" {
		team = w.t.Team
	}
	if team == w.t.Team && w.t.OwnerID.IsZero() {
		return nil
	}
	w.happened("released", fault.Args{"Team": string(team)})
	if team != w.t.Team {
		w.tell("reassigned")
	}
	w.t.Team, w.t.OwnerID = team, identity.UserID{}
	if w.t.State == Assigned {
		return w.to(Fresh, byDesk)
	}
	return nil
}

// Escalate hands a ticket to the next level of its category's route, or to a
// team of choice, with a note that says what was tried. Faults: Missing,
// Denied, Invalid, Conflict when it is over or the route ends here.
func (s *Service) Escalate(ctx context.Context, of ID, note string, team identity.Role) (Row, error) {
	return s.handle(ctx, of, func(w *work) error {
		if !w.t.State.Open() {
			return fault.NewConflict("fault.ticket.over", nil)
		}
		if team != "" && !slices.Contains(desk.Teams(), team) {
			return fault.NewInvalid(fault.Field{Name: "team", Key: "fault.ticket.team"})
		}
		next, level, err := w.next(team)
		if err != nil {
			return err
		}
		if err := w.say(ctx, Note, note, nil); err != nil {
			return err
		}
		w.happened("escalated", fault.Args{"From": string(w.t.Team), "To": string(next), "Level": level})
		w.t.Team, w.t.Level, w.t.OwnerID = next, level, identity.UserID{}
		w.tell("escalated")
		return w.to(Fresh, byDesk)
	})
}

// next is where an escalation leads. Fault: Conflict when there is nowhere.
func (w *work) next(team identity.Role) (identity.Role, int, error) {
	level := w.t.Level + 1
	if team != "" {
		return team, level, nil
	}
	team, found := nextTeam(w.rules, &w.t.Ticket)
	if !found {
		return "", 0, fault.NewConflict("fault.ticket.last_level", nil)
	}
	return team, level, nil
}

// nextTeam is the team that comes after the ticket's own on the route of its
// category.
func nextTeam(rules *desk.Rules, t *Ticket) (identity.Role, bool) {
	category, err := rules.Category(t.CategoryID)
	if err != nil {
		return "", false
	}
	at := slices.Index(category.Route, t.Team)
	if at < 0 {
		at = t.Level - 1
	}
	if at+1 >= len(category.Route) {
		return "", false
	}
	return category.Route[at+1], true
}

// Move is a change of state by the desk.
type Move struct {
	To   State
	Text string    // Solved: what was done; Pending: what it waits for; Fresh, Assigned: why, which may be ""
	At   time.Time // Planned: for when; Pending: when it is to come back by itself, or zero
}

// Move gives a ticket another state. Faults: Missing, Denied, Invalid, and
// Conflict when the table of transitions does not have it.
func (s *Service) Move(ctx context.Context, of ID, move Move) (Row, error) {
	return s.handle(ctx, of, func(w *work) error {
		if !slices.Contains(States(), move.To) {
			return fault.NewInvalid(fault.Field{Name: "state", Key: "fault.field.choice", Args: fault.Args{"Known": fmt.Sprint(texts(States()))}})
		}
		if err := allowed(w.t.State, move.To, byDesk); err != nil {
			return err
		}
		return w.move(ctx, move)
	})
}

func (w *work) move(ctx context.Context, move Move) error {
	var fields check.Fields
	now := w.tx.Now
	switch move.To {
	case Planned:
		if !move.At.After(now) {
			fields.Add("at", "fault.ticket.future", nil)
		}
	case Pending:
		move.Text = fields.Name("text", move.Text, reasonLimit)
		if !move.At.IsZero() && !move.At.After(now) {
			fields.Add("at", "fault.ticket.future", nil)
		}
	default:
	}
	if err := fields.Err(); err != nil {
		return err
	}
	reopened := !w.t.State.Open()
	switch move.To {
	case Solved:
		if err := w.say(ctx, Solution, move.Text, nil); err != nil {
			return err
		}
		w.args["Text"] = move.Text
		return w.solve(ctx)
	case Fresh:
		w.t.OwnerID = identity.UserID{}
	case Assigned:
		if me, err := self(ctx); err == nil && w.t.OwnerID.IsZero() {
			w.t.OwnerID = me
			w.t.Clock = w.t.Clock.own(now)
		}
		if w.t.OwnerID.IsZero() {
			return fault.NewConflict("fault.ticket.no_owner", nil)
		}
	default:
	}
	if move.Text != "" && move.To != Pending {
		if err := w.say(ctx, Note, move.Text, nil); err != nil {
			return err
		}
	}
	if err := w.to(move.To, byDesk); err != nil {
		return err
	}
	w.stands(move, reopened)
	return nil
}

// stands notes what a move by hand left.
func (w *work) stands(move Move, reopened bool) {
	switch {
	case reopened && move.To.Open():
		w.happened("reopened", nil)
	case move.To == Planned:
		w.t.PlannedFor = move.At.UTC()
		w.happened("planned", fault.Args{"At": w.t.PlannedFor.Format(time.RFC3339)})
	case move.To == Pending:
		w.t.PendingReason, w.t.WakeAt = move.Text, move.At.UTC()
		args := fault.Args{"Reason": move.Text}
		if !move.At.IsZero() {
			args["At"] = w.t.WakeAt.Format(time.RFC3339)
		} else {
			w.t.WakeAt = time.Time{}
		}
		w.happened("pending", args)
	case move.To == Fresh:
		w.happened("released", fault.Args{"Team": string(w.t.Team)})
	case move.To == Closed:
		w.happened("closed", nil)
	default:
		w.happened("resumed", nil)
	}
}

// solve makes the ticket solved, of which the requester is told. One that
// nobody owned is its solver's.
func (w *work) solve(ctx context.Context) error {
	if me, err := self(ctx); err == nil && w.t.OwnerID.IsZero() {
		w.t.OwnerID = me
	}
	if err := w.to(Solved, byDesk); err != nil {
		return err
	}
	w.happened("solved", nil)
	w.tell("solved")
	return nil
}

// Change is what may be changed about a ticket besides its state; nil leaves
// it as it is.
type Change struct {
	Title     *string
	Kind      *desk.Kind
	Impact    *desk.Impact
	Urgency   *desk.Urgency
	Category  *desk.CategoryID
	Requester *person.ID
	Device    *device.Key // 0 for none
	Asset     *asset.ID
}

// Change changes what a ticket says. Another impact or urgency gives it
// another priority and other targets; another category routes a ticket that
// nobody has taken yet to another team. Faults: Missing, Denied, Invalid,
// Conflict when it is closed.
func (s *Service) Change(ctx context.Context, of ID, change Change) (Row, error) {
	return s.handle(ctx, of, func(w *work) error {
		if w.t.State == Closed {
			return fault.NewConflict("fault.ticket.over", nil)
		}
		if err := w.change(change); err != nil {
			return err
		}
		if err := reachable(ctx, w.tx, w.newly()); err != nil {
			return err
		}
		return w.follows()
	})
}

// newly is what the ticket is about now and was not before. What it was about
// already stays, although the unit of that may be another by now.
func (w *work) newly() (about Wish) {
	if w.t.Device != w.was.Device {
		about.Device = w.t.Device
	}
	if w.t.AssetID != w.was.AssetID {
		about.Asset = w.t.AssetID
	}
	if w.t.RequesterID != w.was.RequesterID {
		about.Requester = w.t.RequesterID
	}
	return about
}

func (w *work) change(c Change) error {
	var fields check.Fields
	if c.Title != nil {
		if title := fields.Name("title", *c.Title, titleLimit); title != w.t.Title {
			w.t.Title, w.t.TitleKey, w.t.TitleArgs = title, "", nil
		}
	}
	set(&w.t.Kind, c.Kind, "kind", desk.Kinds(), &fields)
	set(&w.t.Impact, c.Impact, "impact", desk.Impacts(), &fields)
	set(&w.t.Urgency, c.Urgency, "urgency", desk.Urgencies(), &fields)
	if c.Category != nil {
		if category, err := w.rules.Category(*c.Category); err != nil || !category.Active && *c.Category != w.t.CategoryID {
			fields.Add("category_id", "fault.ticket.category", nil)
		}
		w.t.CategoryID = *c.Category
	}
	if c.Requester != nil {
		w.t.RequesterID = *c.Requester
	}
	if c.Device != nil {
		w.t.Device = *c.Device
	}
	if c.Asset != nil {
		w.t.AssetID = *c.Asset
	}
	return fields.Err()
}

// set takes a choice over, when one was made.
func set[T ~string](into, wanted *T, name string, known []T, fields *check.Fields) {
	if wanted == nil {
		return
	}
	fields.Choice(name, string(*wanted), texts(known)...)
	*into = *wanted
}

// follows works out what follows from the values that were changed, and notes
// each.
func (w *work) follows() error {
	t, was := &w.t.Ticket, &w.was
	t.Priority = w.rules.Priority(t.Impact, t.Urgency)
	if t.Priority != was.Priority || t.Kind != was.Kind {
		level, err := w.rules.Level(t.Kind, t.Priority)
		if err != nil {
			return err
		}
		t.CalendarID = level.CalendarID
		t.Clock = t.Clock.retarget(level, w.calendar(), w.rules.Settings.WarnPercent, t.OpenedAt, w.tx.Now)
	}
	for _, change := range []struct {
		name          string
		before, after string
	}{
		{"title", was.Title, t.Title},
		{"kind", string(was.Kind), string(t.Kind)},
		{"impact", string(was.Impact), string(t.Impact)},
		{"urgency", string(was.Urgency), string(t.Urgency)},
		{"priority", string(was.Priority), string(t.Priority)},
	} {
		if change.before != change.after {
			w.happened("changed", fault.Args{"Field": change.name, "Before": change.before, "After": change.after})
		}
	}
	if t.CategoryID != was.CategoryID {
		if err := w.reroute(); err != nil {
			return err
		}
	}
	if t.RequesterID != was.RequesterID {
		w.happened("requester", nil)
	}
	if t.Device != was.Device || t.AssetID != was.AssetID {
		return w.aboutAnother()
	}
	return nil
}

func (w *work) reroute() error {
	category, err := w.rules.Category(w.t.CategoryID)
	if err != nil {
		return err
	}
	w.happened("category", fault.Args{"After": category.Key})
	if w.t.State == Fresh && w.t.OwnerID.IsZero() && len(category.Route) > 0 && w.t.Level == 1 {
		w.t.Team = category.Route[0]
	}
	return nil
}

// aboutAnother notes that the ticket is about another device or asset, and how
// that one is.
func (w *work) aboutAnother() error {
	t := &w.t.Ticket
	t.Opening = nil
	if t.Device != 0 && t.Device != w.was.Device {
		var err error
		if t.Opening, err = snapshot(w.tx, t.Device); err != nil {
			return err
		}
	}
	return w.aboutDevice()
}

// aboutDevice records which device the ticket is about, or none, and how that
// one is.
func (w *work) aboutDevice() error {
	if w.t.Device == 0 {
		w.happened("no_device", nil)
		return nil
	}
	var name string
	if err := w.tx.Raw("SELECT name FROM devices WHERE id = ?", w.t.Device).Row().Scan(&name); err != nil {
		return fmt.Errorf("name device %d: %w", w.t.Device, err)
	}
	args := fault.Args{"Name": name}
	if is := w.t.Opening; is != nil {
		args["Level"], args["Count"] = string(is.Level), len(is.Findings)
	}
	w.happened("device", args)
	return nil
}

// self is the user who acts. Fault: Denied when a program does.
func self(ctx context.Context) (identity.UserID, error) {
	actor := identity.ActorOf(ctx)
	if actor.Kind != identity.UserKind {
		return identity.UserID{}, fault.NewConflict("fault.ticket.take_person", nil)
	}
	me, err := id.Parse[identity.User](actor.ID)
	if err != nil {
		return identity.UserID{}, fmt.Errorf("read who acts: %w", err)
	}
	return me, nil
}
