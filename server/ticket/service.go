package ticket

import (
	"context"
	"fmt"
	"log/slog"

	"holdfast/server/audit"
	"holdfast/server/calendar"
	"holdfast/server/desk"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/notify"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Publish says in a transaction that something happened to subject; it is the
// outbox's.
type Publish func(tx *store.Tx, topic, subject string, payload any) error

// Options are what the service works with.
type Options struct {
	Public    func() string // address that people use, without a slash at the end
	Translate func(language, key string, args fault.Args) string
	Log       *slog.Logger
}

// Service has the use cases of tickets.
type Service struct {
	db      *store.DB
	publish Publish
	notices *notify.Service
	options Options
	live    *live
}

// New makes the service.
func New(db *store.DB, publish Publish, notices *notify.Service, options Options) *Service {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: db, publish: publish, notices: notices, options: options, live: newLive(db)}
}

// event is something that happened to a ticket, as a line of its history.
type event struct {
	action string
	args   fault.Args
}

// work is a use case on one ticket: what it was, what it becomes, what is to
// be said about it.
type work struct {
	s       *Service
	tx      *store.Tx
	rules   *desk.Rules
	was     Ticket
	t       *Row
	events  []event
	notices []string // templates
	args    fault.Args
}

// handle does something to a ticket on behalf of the desk. Faults: Missing,
// Denied, and those of do.
func (s *Service) handle(ctx context.Context, of ID, do func(w *work) error) (done Row, err error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return Row{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		w, err := s.begin(tx, of)
		if err != nil {
			return err
		}
		if !reach.Has(w.t.UnitID) {
			return fault.NewMissing("ticket")
		}
		if err := identity.AllowIn(ctx, identity.TicketsHandle, w.t.UnitID); err != nil {
			return err
		}
		if err := do(w); err != nil {
			return err
		}
		done, err = w.save(ctx)
		return err
	})
	return done, err
}

// begin reads a ticket to change it.
func (s *Service) begin(tx *store.Tx, of ID) (*work, error) {
	rules, err := desk.Load(tx.DB)
	if err != nil {
		return nil, err
	}
	row, err := stored(tx, of)
	if err != nil {
		return nil, err
	}
	return &work{s: s, tx: tx, rules: rules, was: row.Ticket, t: &row, args: fault.Args{}}, nil
}

// calendar is that of the ticket.
func (w *work) calendar() *calendar.Calendar { return calendarOf(w.rules, &w.t.Ticket) }

func calendarOf(rules *desk.Rules, t *Ticket) *calendar.Calendar {
	if c := rules.Calendars[t.CalendarID]; c != nil {
		return &c.Calendar
	}
	return &calendar.Calendar{} // it cannot be removed while tickets have it
}

// happened notes a line of the history.
func (w *work) happened(action string, args fault.Args) {
	w.events = append(w.events, event{action, args})
}

// tell has the requester and the followers told, unless they did it
// themselves. The values of the text are w.args.
func (w *work) tell(template string) { w.notices = append(w.notices, template) }

// save writes what became of the ticket, and says so.
func (w *work) save(ctx context.Context) (Row, error) {
	w.t.UpdatedAt = w.tx.Now
	if err := update(w.tx, &w.t.Ticket); err != nil {
		return Row{}, err
	}
	if err := w.record(ctx); err != nil {
		return Row{}, err
	}
	after, err := find(w.tx.DB, list.Where("t.id = ?", w.t.ID))
	if err != nil {
		return Row{}, err
	}
	w.t = &after
	w.tx.OnCommit(w.s.live.ring)
	if err := w.send(ctx); err != nil {
		return Row{}, err
	}
	return w.s.shown(w.rules, after), w.s.publish(w.tx, Topic, w.t.ID.String(), nil)
}

// record writes the history: the ticket's own, and for what people and
// programs did the audit trail's.
func (w *work) record(ctx context.Context) error {
	actor := identity.ActorOf(ctx)
	for _, e := range w.events {
		if err := appendEvent(w.tx, w.t.ID, actor, e); err != nil {
			return err
		}
	}
	if actor.Kind == identity.SystemKind || len(w.events) == 0 {
		return nil
	}
	was, is := audit.Differing(w.was.fields(), w.t.fields())
	if len(is) == 0 && w.events[0].action != "opened" {
		return nil // something was said, which the ticket itself keeps
	}
	return audit.Record(ctx, w.tx, "ticket."+w.events[0].action, audit.Object{Kind: "ticket", ID: w.t.ID.String()}, was, is)
}

func appendEvent(tx *store.Tx, of ID, actor identity.Actor, e event) error {
	name := actor.Name
	if actor.Kind == identity.SystemKind {
		name = ""
	}
	args, err := encode(e.args)
	if err != nil {
		return err
	}
	err = tx.Exec("INSERT INTO ticket_events (id, ticket_id, at, action, actor, args) VALUES (?, ?, ?, ?, ?, ?)",
		id.New[Event](), of, tx.Now, e.action, orNull(name), args).Error
	if err != nil {
		return fmt.Errorf("write history of ticket %s: %w", of, err)
	}
	return nil
}

// fields are the values of a ticket for the audit trail.
func (t *Ticket) fields() audit.Fields {
	return audit.Fields{
		"number": t.Name(), "title": t.Title, "state": string(t.State), "impact": string(t.Impact), "urgency": string(t.Urgency),
		"priority": string(t.Priority), "category_id": t.CategoryID.String(), "team": string(t.Team), "level": t.Level,
		"owner_id": t.OwnerID.String(), "requester_id": t.RequesterID.String(), "device": t.Device, "asset_id": t.AssetID.String(),
		"unit_id": t.UnitID.String(), "merged_into": t.MergedInto.String(), "pending_reason": t.PendingReason,
	}
}

// shown adds what the clocks show now.
func (s *Service) shown(rules *desk.Rules, row Row) Row {
	in, now := calendarOf(rules, &row.Ticket), s.db.Now()
	row.Own = row.Clock.Own(in, row.OpenedAt, now)
	row.Resolve = row.Clock.Resolve(in, row.State, now)
	return row
}
