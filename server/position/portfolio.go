package position

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/identity"
	"holdfast/server/licence"
)

// Portfolio is what the positions come to together, and how much they can be
// trusted.
type Portfolio struct {
	Products     int
	Short        int             // products
	Unknown      int             // products that cannot be counted in full
	Exposure     []licence.Money // by currency
	Unpriced     int             // products that are short and nobody knows for how much
	Renewals     Renewals
	Devices      int // whose agents are not revoked
	Reported     int // of Devices, those that reported within 14 days
	Unrecognised int // titles that nobody knows what they are
	Titles       int
	ComputedAt   time.Time // of the position that is the oldest
}

// Renewals are the rights in force that end within 90 days.
type Renewals struct {
	Rights int
	Cost   []licence.Money // by currency
}

// What the figures count by.
const (
	Fresh       = 14 * 24 * time.Hour // a device that was heard of within it is known well
	RenewalDays = 90
)

// Portfolio sums all positions up. Fault: Denied.
func (s *Service) Portfolio(ctx context.Context) (Portfolio, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return Portfolio{}, err
	}
	var p Portfolio
	db, now := s.db.Read(ctx), s.db.Now()
	today := s.now().days()
	var statuses []struct {
		Status   licence.Status
		Count    int
		Unpriced int
	}
	var exposures, renewals []sum
	var oldest []time.Time
	var agents struct{ AllAgents, Fresh int }
	var unheard int // agents that came and never reported
	for _, query := range []struct {
		into any
		sql  string
		args []any
	}{
		{&statuses, "SELECT status, COUNT(*) AS count, SUM(CASE WHEN exposure_cents IS NULL THEN 1 ELSE 0 END) AS unpriced FROM positions t WHERE " + inUse().SQL + " GROUP BY status", nil},
		{&exposures, "SELECT currency, SUM(exposure_cents) AS cents, COUNT(*) AS count FROM positions WHERE status = 'short' GROUP BY currency ORDER BY currency", nil},
		{&renewals, `SELECT currency, SUM(cost_cents) AS cents, COUNT(*) AS count FROM entitlements WHERE removed_at IS NULL
			AND (starts_on IS NULL OR starts_on <= ?) AND ends_on >= ? AND ends_on <= ? GROUP BY currency ORDER BY currency`, []any{today, today, today + RenewalDays}},
		{&agents, "SELECT COUNT(*) AS all_agents, COUNT(CASE WHEN seen_at >= ? THEN 1 END) AS fresh FROM device_contacts WHERE revoked_at IS NULL", []any{now.Add(-Fresh)}},
		{&unheard, `SELECT COUNT(*) FROM devices d JOIN device_contacts c ON c.device_id = d.id
			WHERE d.reported_at IS NULL AND c.revoked_at IS NULL AND c.seen_at >= ?`, []any{now.Add(-Fresh)}},
		{&p.Unrecognised, "SELECT COUNT(DISTINCT title_id) FROM releases WHERE class IS NULL AND devices > 0", nil},
		{&p.Titles, "SELECT COUNT(*) FROM titles WHERE devices > 0", nil},
		{&oldest, "SELECT computed_at FROM positions ORDER BY computed_at LIMIT 1", nil},
	} {
		if err := db.Raw(query.sql, query.args...).Scan(query.into).Error; err != nil {
			return Portfolio{}, fmt.Errorf("sum positions up: %w", err)
		}
	}
	p.Devices, p.Reported = agents.AllAgents, agents.Fresh-unheard
	for _, each := range statuses {
		p.Products += each.Count
		switch each.Status {
		case licence.Short:
			p.Short, p.Unpriced = each.Count, each.Unpriced
		case licence.Unknown:
			p.Unknown = each.Count
		case licence.Exact, licence.Ample:
		}
	}
	p.Exposure, _ = money(exposures)
	p.Renewals.Cost, p.Renewals.Rights = money(renewals)
	if len(oldest) > 0 {
		p.ComputedAt = oldest[0]
	}
	return p, nil
}

// sum is money of one currency, and how many rows it is of.
type sum struct {
	Currency *string
	Cents    *int64
	Count    int
}

func money(sums []sum) (known []licence.Money, count int) {
	for _, each := range sums {
		count += each.Count
		if each.Currency != nil && each.Cents != nil {
			known = append(known, licence.Money{Cents: *each.Cents, Currency: *each.Currency})
		}
	}
	return known, count
}
