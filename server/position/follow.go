package position

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"holdfast/server/device"
	"holdfast/server/outbox"
	"holdfast/server/recognition"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// licensed is the condition that a product p has, or should have, a position.
const licensed = `(p.class = 'licensed' OR EXISTS (SELECT 1 FROM positions t WHERE t.product_id = p.id)
	OR EXISTS (SELECT 1 FROM entitlements e WHERE e.product_id = p.id))`

// Reported is the outbox's handler of reports.
func (s *Service) Reported(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	var events []device.Event
	for _, message := range messages {
		var event device.Event
		if err := json.Unmarshal(message.Payload, &event); err != nil {
			return fmt.Errorf("read message %d: %w", message.ID, err)
		}
		events = append(events, event)
	}
	affected := gathering{tx: tx}
	if err := affected.moved(events); err != nil {
		return err
	}
	var first, hardware, users []device.Key
	for _, event := range events {
		switch {
		case event.First:
			first = append(first, event.Device)
			continue
		case slices.Contains(event.Sections, "cpu"), slices.Contains(event.Sections, "system"):
			hardware = append(hardware, event.Device)
		}
		if slices.Contains(event.Sections, device.UserSection) {
			users = append(users, event.Device)
		}
	}
	for metric, devices := range map[string][]device.Key{"": first, "per_core": hardware, "per_named_user": users} {
		if err := affected.installed(metric, devices); err != nil {
			return err
		}
	}
	return s.recompute(ctx, tx, ByReport, affected.products)
}

// Recognised is the outbox's handler of products whose releases are known
// otherwise.
func (s *Service) Recognised(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	return s.of(ctx, tx, ByRecognition, messages)
}

// Decided is the outbox's handler of what people decided about a product.
func (s *Service) Decided(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	return s.of(ctx, tx, ByDecision, messages)
}

// of works out the products that messages are about.
func (s *Service) of(ctx context.Context, tx *store.Tx, cause Cause, messages []outbox.Message) error {
	products := make([]ProductID, len(messages))
	for i, message := range messages {
		var err error
		if products[i], err = id.Parse[recognition.Product](message.Subject); err != nil {
			return fmt.Errorf("read message %d: %w", message.ID, err)
		}
	}
	affected := gathering{tx: tx}
	if err := affected.query("SELECT p.id FROM products p WHERE p.id IN ? AND "+licensed, products); err != nil {
		return err
	}
	return s.recompute(ctx, tx, cause, affected.products)
}

// AssetChanged is the outbox's handler of assets: another custodian may need a
// right of their own, and rights bound to an asset follow it to its device.
func (s *Service) AssetChanged(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	assets := make([]string, len(messages))
	for i, message := range messages {
		assets[i] = message.Subject
	}
	affected := gathering{tx: tx}
	if err := affected.query("SELECT DISTINCT product_id FROM entitlements WHERE asset_id IN ? AND removed_at IS NULL", assets); err != nil {
		return err
	}
	var devices []device.Key
	if err := tx.Raw("SELECT device_id FROM assets WHERE id IN ? AND device_id IS NOT NULL", assets).Scan(&devices).Error; err != nil {
		return fmt.Errorf("read devices of assets: %w", err)
	}
	if err := affected.installed("per_named_user", devices); err != nil {
		return err
	}
	return s.recompute(ctx, tx, ByAsset, affected.products)
}

// gathering gathers the products that something concerns.
type gathering struct {
	tx       *store.Tx
	products []ProductID
}

func (g *gathering) add(products ...ProductID) {
	for _, product := range products {
		if !slices.Contains(g.products, product) {
			g.products = append(g.products, product)
		}
	}
}

func (g *gathering) query(query string, args ...any) error {
	var found []ProductID
	if err := g.tx.Raw(query, args...).Scan(&found).Error; err != nil {
		return fmt.Errorf("read what is concerned: %w", err)
	}
	g.add(found...)
	return nil
}

// installed adds what is installed on devices and counted by a metric, or not
// counted yet; no metric is any.
func (g *gathering) installed(metric string, devices []device.Key) error {
	if len(devices) == 0 {
		return nil
	}
	where, keys := among(g.tx.Dialect(), "i.device_id", numbers(devices))
	return g.query(`SELECT DISTINCT r.product_id FROM installations i JOIN releases r ON r.id = i.release_id
		JOIN products p ON p.id = r.product_id WHERE `+where+` AND `+licensed+`
		AND (? = '' OR NOT EXISTS (SELECT 1 FROM positions t WHERE t.product_id = p.id AND t.metric <> ?))`, keys, metric, metric)
}

// moved adds the products of releases that came or went. A device on which a
// release gave way to another one of the same product and edition counts as
// before: most updates change nothing.
func (g *gathering) moved(events []device.Event) error {
	var releases []int32
	for _, event := range events {
		releases = append(releases, event.Added...)
		releases = append(releases, event.Removed...)
	}
	if len(releases) == 0 {
		return nil
	}
	slices.Sort(releases)
	where, keys := among(g.tx.Dialect(), "r.id", numbers(slices.Compact(releases)))
	var found []struct {
		ID        int32
		ProductID ProductID
		Edition   string
	}
	err := g.tx.Raw("SELECT r.id, r.product_id, r.edition FROM releases r JOIN products p ON p.id = r.product_id WHERE "+where+" AND "+licensed, keys).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("read products of releases: %w", err)
	}
	type use struct {
		product ProductID
		edition string
	}
	uses := make(map[int32]use, len(found))
	for _, one := range found {
		uses[one.ID] = use{one.ProductID, one.Edition}
	}
	for _, event := range events {
		balance := map[use]int{}
		for sign, moved := range map[int][]int32{1: event.Added, -1: event.Removed} {
			for _, release := range moved {
				if what, known := uses[release]; known {
					balance[what] += sign
				}
			}
		}
		for what, change := range balance {
			if change != 0 {
				g.add(what.product)
			}
		}
	}
	return nil
}

func numbers[T ~int32](values []T) string {
	var b strings.Builder
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(value)))
	}
	return b.String()
}

// atOnce is how many installations are worked out in one transaction when all
// products are: few enough that memory and the lock are soon free again.
const atOnce = 200_000

// Follow works out what no longer holds for today: everything after midnight,
// and at the first start. It is a periodic job, and cheap when there is nothing
// to do.
func (s *Service) Follow(ctx context.Context) error {
	var stale []struct {
		ID      ProductID
		Devices int
		Fresh   bool
	}
	err := s.db.Read(ctx).Raw(`SELECT p.id, p.devices, t.product_id IS NULL AS fresh FROM products p LEFT JOIN positions t ON t.product_id = p.id
		WHERE t.evaluated_on <> ? OR t.product_id IS NULL AND (EXISTS (SELECT 1 FROM entitlements e WHERE e.product_id = p.id)
		OR EXISTS (SELECT 1 FROM assignments g WHERE g.product_id = p.id)
		OR p.class = 'licensed' AND EXISTS (SELECT 1 FROM releases r JOIN installations i ON i.release_id = r.id WHERE r.product_id = p.id))
		ORDER BY p.id`, s.now().days()).Scan(&stale).Error
	if err != nil {
		return fmt.Errorf("look for positions of other days: %w", err)
	}
	var products []ProductID
	cause, installed := ByDay, 0
	work := func() error {
		err := s.db.Tx(ctx, func(tx *store.Tx) error { return s.recompute(ctx, tx, cause, products) })
		products, cause, installed = nil, ByDay, 0
		return err
	}
	for _, one := range stale {
		products = append(products, one.ID)
		if one.Fresh {
			cause = ByStart
		}
		if installed += one.Devices; installed >= atOnce || len(products) >= 500 {
			if err := work(); err != nil {
				return err
			}
		}
	}
	return work()
}

// Recompute works some products out at once, in the transaction of a test or
// of the command line.
func (s *Service) Recompute(ctx context.Context, products ...ProductID) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error { return s.recompute(ctx, tx, ByDecision, products) })
}
