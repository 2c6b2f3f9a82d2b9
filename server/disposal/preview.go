package disposal

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"holdfast/server/asset"
	"holdfast/server/device"
)

// Change is what release changes: before it happens, as approvers saw it, and
// as it happened.
type Change struct {
	At       time.Time     `json:"at"`
	Assets   int           `json:"assets"`   // all of the case
	Disposed int           `json:"disposed"` // that leave the body
	Kept     int           `json:"kept"`     // that go back to stock
	Held     int           `json:"held"`     // that somebody holds
	People   int           `json:"people"`   // who hold them
	Agents   int           `json:"agents"`   // credentials revoked
	Alerts   int           `json:"alerts"`   // open ones closed
	Drives   int           `json:"drives"`
	Rights   []RightChange `json:"rights,omitempty"`
	Tickets  []OpenTicket  `json:"tickets,omitempty"` // that somebody must decide about
	Costs    []Cost        `json:"costs,omitempty"`   // of purchase
}

// RightChange is what release does to the licences of a product.
type RightChange struct {
	Product string `json:"product"`
	Leave   int64  `json:"leave"`  // rights bound to the things, which go with them
	Return  int64  `json:"return"` // rights that are free again
	Before  int64  `json:"before"` // available; below zero is short
	After   int64  `json:"after"`
}

// OpenTicket is a ticket that is open about a thing of the case. What it says
// is for those who read tickets.
type OpenTicket struct {
	ID     TicketID `json:"id"`
	Number int      `json:"number"`
	Kind   string   `json:"kind"`
}

// Cost is what things cost when they were bought, in one currency.
type Cost struct {
	Currency string `json:"currency"`
	Cents    int64  `json:"cents"`
}

// Preview tells what release would change now. Faults: as those of Get.
func (s *Service) Preview(ctx context.Context, of ID) (*Change, error) {
	c, err := s.Get(ctx, of)
	if err != nil {
		return nil, err
	}
	return s.Foretell(ctx, c)
}

// Foretell is Preview for a case just read.
func (s *Service) Foretell(ctx context.Context, c *Case) (*Change, error) {
	return s.preview(ctx, s.db.Read(ctx), c)
}

func (s *Service) preview(ctx context.Context, db *gorm.DB, c *Case) (*Change, error) {
	routes, err := ladder(db)
	if err != nil {
		return nil, err
	}
	change := &Change{Assets: len(c.Lines)}
	change.Drives, _ = c.Drives()
	var all, leaving []asset.ID
	keys := []device.Key{}
	for _, line := range c.Lines {
		all = append(all, line.AssetID)
		if Rung(routes, line.Route).Keeps {
			change.Kept++
			continue
		}
		change.Disposed++
		leaving = append(leaving, line.AssetID)
	}
	keys = append(keys, c.leaving(routes)...)
	if len(all) == 0 {
		return change, nil
	}
	for _, count := range []struct {
		into  *int
		query string
		among any
	}{
		{&change.Held, "SELECT COUNT(*) FROM assets WHERE id IN ? AND custodian_id IS NOT NULL", all},
		{&change.People, "SELECT COUNT(DISTINCT custodian_id) FROM assets WHERE id IN ?", all},
		{&change.Agents, "SELECT COUNT(*) FROM device_contacts WHERE device_id IN ? AND revoked_at IS NULL", keys},
		{&change.Alerts, "SELECT COUNT(*) FROM alerts WHERE device_id IN ? AND state = 'open'", keys},
	} {
		if len(keys) == 0 && (count.into == &change.Agents || count.into == &change.Alerts) {
			continue
		}
		take := func(rows *sql.Rows) error { return rows.Scan(count.into) }
		if err := each(db, "foretell a release", take, count.query, count.among); err != nil {
			return nil, err
		}
	}
	err = each(db, "add up costs", func(rows *sql.Rows) error {
		var one Cost
		err := rows.Scan(&one.Currency, &one.Cents)
		change.Costs = append(change.Costs, one)
		return err
	}, `SELECT currency, CAST(SUM(cost_cents) AS bigint) FROM assets WHERE id IN ? AND cost_cents IS NOT NULL AND currency IS NOT NULL
		GROUP BY currency ORDER BY currency`, all)
	if err != nil {
		return nil, err
	}
	if err := change.readTickets(db, all, keys); err != nil {
		return nil, err
	}
	if s.peers.PreviewRights != nil && len(leaving) > 0 {
		change.Rights, err = s.peers.PreviewRights(ctx, leaving)
	}
	return change, err
}

func (change *Change) readTickets(db *gorm.DB, assets []asset.ID, keys []device.Key) error {
	const open = "SELECT id, number, kind FROM tickets WHERE state NOT IN ('solved', 'closed') AND merged_into IS NULL AND "
	query, args := open+"asset_id IN ?", []any{assets}
	if len(keys) > 0 {
		query, args = open+"(asset_id IN ? OR device_id IN ?)", []any{assets, keys}
	}
	return each(db, "read open tickets", func(rows *sql.Rows) error {
		var t OpenTicket
		err := rows.Scan(&t.ID, &t.Number, &t.Kind)
		change.Tickets = append(change.Tickets, t)
		return err
	}, query+" ORDER BY number LIMIT 50", args...)
}
