package disposal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Route is a rung of the ladder.
type Route struct {
	Key       string
	Position  int
	English   string
	French    string
	OfferDays int  // how long an offer stands; 0 is not offered
	Approvals int  // different people who must approve
	Keeps     bool // the body keeps the thing
}

// Name is what the route is called in a language.
func (r Route) Name(language string) string {
	if language == "fr" {
		return r.French
	}
	return r.English
}

// Ladder gives the routes in the order in which they are tried.
func (s *Service) Ladder(ctx context.Context) ([]Route, error) { return ladder(s.db.Read(ctx)) }

func ladder(db *gorm.DB) (routes []Route, err error) {
	err = each(db, "read the ladder", func(rows *sql.Rows) error {
		var r Route
		err := rows.Scan(&r.Key, &r.Position, &r.English, &r.French, &r.OfferDays, &r.Approvals, &r.Keeps)
		routes = append(routes, r)
		return err
	}, "SELECT key, position, name_en, name_fr, offer_days, approvals, keeps FROM disposal_routes ORDER BY position")
	return routes, err
}

// Rung finds a route by its key; the zero Route when there is none.
func Rung(routes []Route, key string) Route {
	at := slices.IndexFunc(routes, func(r Route) bool { return r.Key == key })
	if at < 0 {
		return Route{}
	}
	return routes[at]
}

// checkRoute checks a route and why it is chosen: who skips a rung says why.
// Fault: Invalid.
func checkRoute(tx *store.Tx, route, reason string) (string, error) {
	routes, err := ladder(tx.DB)
	if err != nil {
		return "", err
	}
	var fields check.Fields
	reason = fields.Note("reason", reason, noteLimit)
	switch {
	case route == "":
		fields.Add("route", "fault.field.required", nil)
	case Rung(routes, route).Key == "":
		fields.Add("route", "fault.field.choice", nil)
	case route != routes[0].Key && reason == "":
		fields.Add("reason", "fault.disposal.skipped", nil)
	}
	return reason, fields.Err()
}

// Approvals tells how many different people must approve a case.
func (c *Case) approvals(routes []Route) int {
	most := 1
	for _, line := range c.Lines {
		most = max(most, Rung(routes, line.Route).Approvals)
	}
	return most
}

// Wanted tells how many different people must approve a case.
func (s *Service) Wanted(ctx context.Context, c *Case) (int, error) {
	routes, err := s.Ladder(ctx)
	return c.approvals(routes), err
}

// Reroute sends a line of a draft another way. Faults: Missing, Denied,
// Invalid, Conflict.
func (s *Service) Reroute(ctx context.Context, of ID, line LineID, route, reason string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.routed", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		l, err := c.lineIn(line, Draft)
		if err != nil {
			return nil, err
		}
		reason, err := checkRoute(tx, route, reason)
		if err != nil {
			return nil, err
		}
		c.Version++
		return audit.Fields{"asset": l.Tag, "route": route}, direct(tx, line, route, reason)
	})
}

func direct(tx *store.Tx, line LineID, route, reason string) error {
	err := tx.Exec("UPDATE disposal_lines SET route = ?, reason = ?, settled_at = NULL, taker = NULL WHERE id = ?", route, store.Null(reason), line).Error
	if err != nil {
		return fmt.Errorf("route line %s: %w", line, err)
	}
	return nil
}

// Offer proposes a case: each line is offered on its rung, those above it are
// skipped for the reason given. What is not offered to anybody is settled at
// once. Faults: Missing, Denied, Conflict when there is nothing in it.
func (s *Service) Offer(ctx context.Context, of ID) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.offered", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.move(Offered, tx.Now); err != nil {
			return nil, err
		}
		if len(c.Lines) == 0 {
			return nil, fault.NewConflict("fault.disposal.empty", nil)
		}
		proposer, name, err := signer(ctx, tx)
		if err != nil {
			return nil, err
		}
		c.ProposedByID, c.ProposedBy = proposer, name
		routes, err := ladder(tx.DB)
		if err != nil {
			return nil, err
		}
		for _, line := range c.Lines {
			for _, rung := range routes {
				if rung.Key == line.Route {
					break
				}
				if err := offer(ctx, tx, line.ID, rung, OfferSkipped, line.Reason); err != nil {
					return nil, err
				}
			}
			if err := begin(ctx, tx, line.ID, Rung(routes, line.Route), line.Reason); err != nil {
				return nil, err
			}
		}
		return audit.Fields{"assets": len(c.Lines)}, nil
	})
}

// begin offers a line on a rung, or settles it where nothing is offered.
func begin(ctx context.Context, tx *store.Tx, line LineID, rung Route, reason string) error {
	if rung.OfferDays > 0 {
		return offer(ctx, tx, line, rung, OfferOpen, reason)
	}
	if err := offer(ctx, tx, line, rung, OfferTaken, reason); err != nil {
		return err
	}
	return settle(tx, line, "")
}

func settle(tx *store.Tx, line LineID, taker string) error {
	if err := tx.Exec("UPDATE disposal_lines SET settled_at = ?, taker = ? WHERE id = ?", tx.Now, store.Null(taker), line).Error; err != nil {
		return fmt.Errorf("settle line %s: %w", line, err)
	}
	return nil
}

func offer(ctx context.Context, tx *store.Tx, line LineID, rung Route, outcome, reason string) error {
	var ends, ended any
	by := ""
	if outcome == OfferOpen {
		ends = tx.Now.AddDate(0, 0, rung.OfferDays)
	} else {
		ended, by = tx.Now, identity.ActorOf(ctx).Name
	}
	err := tx.Exec(`INSERT INTO disposal_offers (id, line_id, route, outcome, started_at, ends_at, ended_at, reason, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id.New[Offer](), line, rung.Key, outcome, tx.Now, ends, ended, store.Null(reason), store.Null(by)).Error
	if err != nil {
		return fmt.Errorf("offer line %s: %w", line, err)
	}
	return nil
}

func end(ctx context.Context, tx *store.Tx, line LineID, outcome, taker, reason string) error {
	err := tx.Exec(`UPDATE disposal_offers SET outcome = ?, ended_at = ?, taker = ?, reason = COALESCE(?, reason), ended_by = ? WHERE line_id = ? AND outcome = ?`,
		outcome, tx.Now, store.Null(taker), store.Null(reason), identity.ActorOf(ctx).Name, line, OfferOpen).Error
	if err != nil {
		return fmt.Errorf("end the offer of line %s: %w", line, err)
	}
	return nil
}

// Settle says who takes a line that is offered. Faults: Missing, Denied,
// Invalid, Conflict when it is settled already.
func (s *Service) Settle(ctx context.Context, of ID, line LineID, taker string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.settled", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		l, err := c.open(line)
		if err != nil {
			return nil, err
		}
		if taker, err = required("taker", taker, nameLimit); err != nil {
			return nil, err
		}
		if err := end(ctx, tx, line, OfferTaken, taker, ""); err != nil {
			return nil, err
		}
		c.Version++
		return audit.Fields{"asset": l.Tag, "taker": taker, "route": l.Route}, settle(tx, line, taker)
	})
}

// Pass says that nobody takes a line on its rung, and offers it on the next.
// An offer may end early when those who might have taken it have declined,
// which the reason says. Faults: as those of Settle.
func (s *Service) Pass(ctx context.Context, of ID, line LineID, reason string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.passed", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		l, err := c.open(line)
		if err != nil {
			return nil, err
		}
		if reason, err = required("reason", reason, noteLimit); err != nil {
			return nil, err
		}
		routes, err := ladder(tx.DB)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(routes, func(r Route) bool { return r.Key == l.Route })
		if at+1 >= len(routes) {
			return nil, fault.NewConflict("fault.disposal.last_rung", nil)
		}
		if err := end(ctx, tx, line, OfferPassed, "", reason); err != nil {
			return nil, err
		}
		next := routes[at+1]
		if err := direct(tx, line, next.Key, reason); err != nil {
			return nil, err
		}
		c.Version++
		return audit.Fields{"asset": l.Tag, "route": next.Key, "reason": reason}, begin(ctx, tx, line, next, "")
	})
}

// open finds a line that is offered and not settled. Faults: Missing,
// Conflict.
func (c *Case) open(of LineID) (*Line, error) {
	line, err := c.lineIn(of, Offered)
	if err != nil {
		return nil, err
	}
	if !line.SettledAt.IsZero() {
		return nil, fault.NewConflict("fault.disposal.settled", fault.Args{"Tag": line.Tag})
	}
	return line, nil
}
