package position

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/server/identity"
)

// Past is what the figures of a product were from a moment on.
type Past struct {
	At time.Time
	Figures
	Cause Cause
	Rules string // version of the bundle
}

// History gives what the figures of a product were, the newest first, of at
// most so many changes. Fault: Denied.
func (s *Service) History(ctx context.Context, of ProductID, most int) ([]Past, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	var rows []struct {
		At                             time.Time
		Owned, Needed, Idle, Available int64
		Certain                        bool
		Cause                          Cause
		RuleVersion                    string
	}
	err := s.db.Read(ctx).Raw("SELECT h.at, h.owned, h.needed, h.idle, h.available, h.certain, h.cause, h.rule_version FROM position_history h "+
		"WHERE h.product_id = ? ORDER BY h.at DESC LIMIT ?", of, most).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read history of positions: %w", err)
	}
	past := make([]Past, len(rows))
	for i, r := range rows {
		past[i] = Past{r.At, Figures{r.Owned, r.Needed, r.Idle, r.Available, r.Certain}, r.Cause, r.RuleVersion}
	}
	return past, nil
}

// Point is what the figures were at the end of a month, or are now.
type Point struct {
	Month time.Time // its first day, midnight UTC
	Figures
}

// Months gives the figures at the ends of the last so many months, and now as
// the end of this one. Months before the first record are left out. Fault:
// Denied.
func (s *Service) Months(ctx context.Context, of ProductID, most int) ([]Point, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	year, month, _ := s.db.Now().In(time.Local).Date()
	ends, args := make([]string, most), make([]any, 0, 2*most)
	for back := range most {
		ends[back] = fmt.Sprintf(`SELECT * FROM (SELECT %d AS back, h.owned, h.needed, h.idle, h.available, h.certain FROM position_history h
			WHERE h.product_id = ? AND h.at < ? ORDER BY h.at DESC LIMIT 1) m%d`, back, back)
		args = append(args, of, time.Date(year, month-time.Month(back)+1, 1, 0, 0, 0, 0, time.Local).UTC())
	}
	var rows []struct {
		Back                           int
		Owned, Needed, Idle, Available int64
		Certain                        bool
	}
	err := s.db.Read(ctx).Raw(strings.Join(ends, " UNION ALL ")+" ORDER BY back DESC", args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read positions at the ends of months: %w", err)
	}
	points := make([]Point, len(rows))
	for i, r := range rows {
		points[i] = Point{time.Date(year, month-time.Month(r.Back), 1, 0, 0, 0, 0, time.UTC), Figures{r.Owned, r.Needed, r.Idle, r.Available, r.Certain}}
	}
	return points, nil
}
