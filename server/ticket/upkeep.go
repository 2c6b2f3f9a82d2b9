package ticket

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/desk"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/job"
	"holdfast/server/store"
)

// Jobs lists the periodic work of tickets.
func (s *Service) Jobs() []job.Job {
	return []job.Job{
		{Name: "tickets.settle", Every: 30 * time.Second, Run: s.Settle},
		{Name: "tickets.follow", Every: time.Hour, Run: s.FollowAll},
	}
}

// atOnce is how many tickets share a transaction.
const atOnce = 100

// Settle does what time brings: it solves tickets whose alerts have all been
// over for the grace time, wakes those that waited until now, and closes those
// that were solved long ago.
func (s *Service) Settle(ctx context.Context) error {
	ctx = identity.WithActor(ctx, identity.System("holdfast"))
	rules, err := desk.Load(s.db.Read(ctx))
	if err != nil {
		return err
	}
	now, settings := s.db.Now(), rules.Settings
	for _, what := range []struct {
		where string
		bound time.Time
		do    func(*work) error
	}{
		{isOpen + " AND t.source = 'alert' AND t.cleared_at <= ?", now.Add(-settings.Grace), (*work).settle},
		{"t.state = 'pending' AND t.wake_at <= ?", now, (*work).wake},
		{"t.state = 'solved' AND t.solved_at <= ?", now.Add(-settings.CloseAfter), (*work).expire},
	} {
		if err := s.each(ctx, what.where, what.bound, what.do); err != nil {
			return err
		}
	}
	return nil
}

// each does something to all tickets of a condition, some at a time. What is
// done must take a ticket out of the condition.
func (s *Service) each(ctx context.Context, where string, bound time.Time, do func(*work) error) error {
	for found := atOnce; found == atOnce; {
		err := s.db.Tx(ctx, func(tx *store.Tx) error {
			var due []ID
			err := tx.Raw(fmt.Sprintf("SELECT t.id FROM tickets t WHERE %s ORDER BY t.id LIMIT %d", where, atOnce), bound).Scan(&due).Error
			if err != nil {
				return fmt.Errorf("find tickets to see to: %w", err)
			}
			found = len(due)
			for _, of := range due {
				w, err := s.begin(tx, of)
				if err != nil {
					return err
				}
				if err := do(w); err != nil {
					return err
				}
				if _, err := w.save(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) settle() error {
	if !w.t.State.Open() || w.t.ClearedAt.IsZero() { // another server was first
		return nil
	}
	w.happened("settled", nil)
	return w.to(Solved, byItself)
}

func (w *work) wake() error {
	if w.t.State != Pending {
		return nil
	}
	w.happened("woken", nil)
	return w.to(w.again(), byItself)
}

func (w *work) expire() error {
	if w.t.State != Solved {
		return nil
	}
	w.happened("closed", nil)
	return w.to(Closed, byItself)
}

// FollowAll makes tickets of open alerts that have none though the rules want
// one: those of before the rules were changed, or of before tickets were kept.
func (s *Service) FollowAll(ctx context.Context) error {
	rules, err := desk.Load(s.db.Read(ctx))
	if err != nil {
		return err
	}
	var warn, crit []string
	for _, check := range health.Checks() {
		rule := rules.Alert(check.ID)
		switch {
		case rule.Concerns(string(health.Warn)):
			warn = append(warn, check.ID)
		case rule.Concerns(string(health.Crit)):
			crit = append(crit, check.ID)
		}
	}
	const most = 200
	for found := most; found == most; {
		err := s.db.Tx(ctx, func(tx *store.Tx) error {
			var alerts []string
			err := tx.Raw(fmt.Sprintf(`SELECT a.id FROM alerts a WHERE a.state = 'open'
				AND (a.check_id IN ? OR a.check_id IN ? AND a.severity = 'crit')
				AND NOT EXISTS (SELECT 1 FROM ticket_alerts x WHERE x.alert_id = a.id)
				ORDER BY a.first_seen_at, a.id LIMIT %d`, most), warn, crit).Scan(&alerts).Error
			if err != nil {
				return fmt.Errorf("find alerts without a ticket: %w", err)
			}
			found = len(alerts)
			return s.follow(ctx, tx, alerts)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
