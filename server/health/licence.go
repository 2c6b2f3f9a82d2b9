package health

import (
	"context"
	"database/sql"
	"fmt"

	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/store"
)

const checkLicenceShort = "licence_short"

// licenceShort finds products of which more is in use than was bought. It is
// about no device: its subject is the product, and it follows positions as
// they are worked out (see PositionChanged). It has no hold: a position is
// worked out, not measured, and has no noise.
func licenceShort() Check {
	return Check{ID: checkLicenceShort, Reads: []string{"position"}}
}

// PositionChanged lets alerts follow the licence positions of products. It
// handles the topic "position.changed" of the outbox.
func (s *Service) PositionChanged(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	products := make([]string, len(messages))
	for i, message := range messages {
		products[i] = message.Subject
	}
	return s.followPositions(ctx, tx, products)
}

// position is the licence position of one product, as far as alerts follow it.
type position struct {
	product, name            string
	status                   string // short, exact, ample or unknown
	owned, needed, available int64
}

// level is how it stands with the product, given the alert about it, if any.
// Where not all can be counted, what was last known to be needed still is: that
// much owned is enough, and less tells nothing.
func (p *position) level(last *Alert) Level {
	switch p.status {
	case "short":
		return Warn
	case "unknown":
		if last != nil {
			if needed, known := last.Args["Needed"].(int64); known && p.owned >= max(needed, p.needed) {
				return OK
			}
		}
		return Unknown
	}
	return OK
}

// followPositions brings the alerts about products in line with their
// positions; a product without one has no alert.
func (s *Service) followPositions(_ context.Context, tx *store.Tx, products []string) error {
	if len(products) == 0 {
		return nil
	}
	if err := lock(tx); err != nil {
		return err
	}
	enabled, err := s.enabled(tx, checkLicenceShort)
	if err != nil {
		return err
	}
	positions, err := readPositions(tx, products)
	if err != nil {
		return err
	}
	alerts, err := readAbout(tx, products)
	if err != nil {
		return err
	}
	var root identity.UnitID
	if err := tx.Raw("SELECT id FROM units WHERE parent_id IS NULL").Row().Scan(&root); err != nil {
		return fmt.Errorf("find the whole organisation: %w", err)
	}
	w := &writes{now: tx.Now}
	done := map[string]bool{}
	for _, product := range products {
		if done[product] {
			continue
		}
		done[product] = true
		c := &condition{check: checkLicenceShort, subject: product, unit: root, since: tx.Now, gone: Gone}
		if one := positions[product]; one != nil {
			c.level, c.gone = one.level(alerts[product]), ""
			c.args = Args{"Product": one.name, "Owned": one.owned, "Needed": one.needed, "Short": -one.available}
		}
		if !enabled {
			c.gone = Disabled
		}
		w.alert(alerts[product], c.follow(alerts[product], tx.Now))
	}
	return s.save(tx, w)
}

// enabled reports whether a check is in force.
func (s *Service) enabled(tx *store.Tx, checkID string) (bool, error) {
	checks, err := s.active(tx)
	if err != nil {
		return false, err
	}
	for _, check := range checks {
		if check.ID == checkID {
			return check.Enabled, nil
		}
	}
	return false, nil
}

func readPositions(tx *store.Tx, products []string) (map[string]*position, error) {
	found := map[string]*position{}
	err := tx.EachRow(`SELECT CAST(p.product_id AS text), r.name, p.status, p.owned, p.needed, p.available
		FROM positions p JOIN products r ON r.id = p.product_id WHERE `+tx.Among("CAST(p.product_id AS text)", 1),
		[]any{tx.List(products)}, func(rows *sql.Rows) error {
			one := &position{}
			err := rows.Scan(&one.product, &one.name, &one.status, &one.owned, &one.needed, &one.available)
			found[one.product] = one
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	return found, nil
}

// readAbout reads the newest alert about each product, open or resolved within
// Grace.
func readAbout(tx *store.Tx, products []string) (map[string]*Alert, error) {
	found := map[string]*Alert{}
	err := tx.EachRow("SELECT "+alertColumns+" FROM alerts a WHERE a.check_id = $1 AND a.device_id IS NULL AND "+tx.Among("a.subject", 2)+
		" AND (a.state = 'open' OR a.resolved_at >= $3) ORDER BY a.first_seen_at, a.id",
		[]any{checkLicenceShort, tx.List(products), tx.Now.Add(-Grace)}, func(rows *sql.Rows) error {
			var alert Alert
			err := rows.Scan(alert.scan()...)
			found[alert.Subject] = &alert
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read alerts about products: %w", err)
	}
	return found, nil
}

// followAllPositions is followPositions for every product that has a position
// or an alert, after the check was switched on or off.
func (s *Service) followAllPositions(ctx context.Context, tx *store.Tx) error {
	var products []string
	err := tx.Raw(`SELECT CAST(product_id AS text) FROM positions
		UNION SELECT subject FROM alerts WHERE check_id = ? AND state = 'open'`, checkLicenceShort).Scan(&products).Error
	if err != nil {
		return fmt.Errorf("list products: %w", err)
	}
	return s.followPositions(ctx, tx, products)
}
