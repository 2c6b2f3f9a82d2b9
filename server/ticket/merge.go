package ticket

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// What was said moves, and remembers where it came from first: a ticket that
// was merged into one that is merged in turn can still be parted from it.
const (
	moveMessages  = "UPDATE ticket_messages SET ticket_id = ?, merged_from = COALESCE(merged_from, ticket_id) WHERE ticket_id = ?"
	returnMessage = "UPDATE ticket_messages SET ticket_id = ?, merged_from = NULL WHERE ticket_id = ? AND merged_from = ?"
)

// Merge makes a ticket part of another: what was said, its alerts and who
// follows move there, its requester follows the other one, and it is closed
// and points there. It can be undone. Faults: Missing, Denied, Conflict when
// one of them is over or merged already, or they are the same.
func (s *Service) Merge(ctx context.Context, of, into ID) (Row, error) {
	if of == into {
		return Row{}, fault.NewConflict("fault.ticket.merge_itself", nil)
	}
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return Row{}, err
	}
	var done Row
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		// The locks of two tickets are taken in one order, whoever merges what.
		first, second := of, into
		if second.String() < first.String() {
			first, second = second, first
		}
		both := map[ID]*work{}
		for _, each := range []ID{first, second} {
			w, err := s.begin(tx, each)
			if err != nil {
				return err
			}
			if !reach.Has(w.t.UnitID) {
				return fault.NewMissing("ticket")
			}
			if err := identity.AllowIn(ctx, identity.TicketsHandle, w.t.UnitID); err != nil {
				return err
			}
			both[each] = w
		}
		done, err = s.merge(ctx, both[of], both[into])
		return err
	})
	return done, err
}

// merge is Merge between tickets that were read to be changed.
func (s *Service) merge(ctx context.Context, from, into *work) (Row, error) {
	switch {
	case !into.t.MergedInto.IsZero():
		return Row{}, merged(into.t)
	case !into.t.State.Open():
		return Row{}, fault.NewConflict("fault.ticket.merge_over", fault.Args{"Number": into.t.Name()})
	case !from.t.MergedInto.IsZero():
		return Row{}, merged(from.t)
	}
	tx, a, b := from.tx, from.t.ID, into.t.ID
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{moveMessages, []any{b, a}},
		{`INSERT INTO ticket_followers (ticket_id, person_id, merged_from)
			SELECT b.id, f.person_id, COALESCE(f.merged_from, f.ticket_id) FROM ticket_followers f JOIN tickets b ON b.id = ? WHERE f.ticket_id = ?
			AND NOT EXISTS (SELECT 1 FROM ticket_followers o WHERE o.ticket_id = b.id AND o.person_id = f.person_id)`, []any{b, a}},
		{`INSERT INTO ticket_followers (ticket_id, person_id, merged_from)
			SELECT b.id, a.requester_id, a.id FROM tickets a JOIN tickets b ON b.id = ? WHERE a.id = ? AND a.requester_id IS NOT NULL
			AND (b.requester_id IS NULL OR b.requester_id <> a.requester_id)
			AND NOT EXISTS (SELECT 1 FROM ticket_followers o WHERE o.ticket_id = b.id AND o.person_id = a.requester_id)`, []any{b, a}},
		{`INSERT INTO ticket_alerts (ticket_id, alert_id, joined_at, cleared_at)
			SELECT b.id, x.alert_id, x.joined_at, x.cleared_at FROM ticket_alerts x JOIN tickets b ON b.id = ? WHERE x.ticket_id = ?
			AND NOT EXISTS (SELECT 1 FROM ticket_alerts o WHERE o.ticket_id = b.id AND o.alert_id = x.alert_id)`, []any{b, a}},
		{"UPDATE tickets SET merged_into = ? WHERE merged_into = ?", []any{b, a}},
	} {
		if err := tx.Exec(step.sql, step.args...).Error; err != nil {
			return Row{}, fmt.Errorf("merge %s into %s: %w", from.t.Name(), into.t.Name(), err)
		}
	}
	from.happened("merged_into", fault.Args{"Number": into.t.Name(), "Ticket": b.String(), "State": string(from.t.State)})
	into.happened("merged", fault.Args{"Number": from.t.Name(), "Ticket": a.String()})
	if into.t.AskedAt.IsZero() {
		into.t.AskedAt = from.t.AskedAt
	}
	if from.t.State != Closed {
		if err := from.to(Closed, byMerge); err != nil {
			return Row{}, err
		}
	}
	from.t.MergedInto, from.t.AskedAt = b, time.Time{}
	if _, err := from.save(ctx); err != nil {
		return Row{}, err
	}
	return into.save(ctx)
}

// Unmerge undoes Merge: what had moved moves back, and the ticket is open
// again. Faults: Missing, Denied, Conflict when it was not merged.
func (s *Service) Unmerge(ctx context.Context, of ID) (Row, error) {
	return s.handle(ctx, of, func(w *work) error {
		into := w.t.MergedInto
		if into.IsZero() {
			return fault.NewConflict("fault.ticket.not_merged", nil)
		}
		for _, step := range []struct {
			sql  string
			args []any
		}{
			{returnMessage, []any{of, into, of}},
			{"DELETE FROM ticket_followers WHERE ticket_id = ? AND merged_from = ?", []any{into, of}},
			{`DELETE FROM ticket_alerts WHERE ticket_id = ? AND alert_id IN (SELECT alert_id FROM ticket_alerts WHERE ticket_id = ?)`, []any{into, of}},
		} {
			if err := w.tx.Exec(step.sql, step.args...).Error; err != nil {
				return fmt.Errorf("undo the merging of %s: %w", w.t.Name(), err)
			}
		}
		number := Name(w.t.MergedKind, w.t.MergedNumber)
		err := appendEvent(w.tx, into, identity.ActorOf(ctx), event{"unmerged", fault.Args{"Number": w.t.Name(), "Ticket": of.String()}})
		if err != nil {
			return err
		}
		if err := w.tx.Exec("UPDATE tickets SET updated_at = ? WHERE id = ?", w.tx.Now, into).Error; err != nil {
			return fmt.Errorf("touch %s: %w", number, err)
		}
		w.t.MergedInto = ID{}
		w.happened("unmerged_from", fault.Args{"Number": number, "Ticket": into.String()})
		state := Fresh
		if !w.t.OwnerID.IsZero() {
			state = Assigned
		}
		return w.to(state, byMerge)
	})
}
