package position

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Detail is the position of one product with its explanation.
type Detail struct {
	ID       ProductID
	Key      string
	Name     string
	Position licence.Position
	At       licence.Date
	Past     bool      // of a day that is over, worked out just now
	Kept     bool      // as it was kept: with at most a few hundred lines under each heading
	Computed time.Time // when
	Changed  time.Time // since when the figures are what they are; zero for the past
	Took     time.Duration
	Rules    string // version of the bundle
}

// Product gives the position of a product as it is kept, or of a past day.
// Faults: Missing, Denied.
func (s *Service) Product(ctx context.Context, of ProductID, day time.Time) (Detail, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return Detail{}, err
	}
	at := s.on(day)
	if at != s.now() {
		return s.Explain(ctx, of, day)
	}
	d, err := s.kept(ctx, of)
	if store.Missing(err) {
		return s.Explain(ctx, of, day)
	}
	if err != nil {
		return Detail{}, fmt.Errorf("read position of product %s: %w", of, err)
	}
	return d, s.hide(ctx, &d.Position)
}

func (s *Service) kept(ctx context.Context, of ProductID) (Detail, error) {
	d := Detail{ID: of, Kept: true}
	var explanation json.RawMessage
	var day time.Time
	var took int64
	row := s.db.Read(ctx).Raw(`SELECT p.key, p.name, t.evaluated_on, t.computed_at, t.changed_at, t.took_us, t.rule_version, t.explanation
		FROM positions t JOIN products p ON p.id = t.product_id WHERE t.product_id = ?`, of).Row()
	err := row.Scan(&d.Key, &d.Name, list.Day(&day), &d.Computed, &d.Changed, &took, &d.Rules, list.JSON(&explanation))
	if err != nil {
		return Detail{}, err
	}
	d.At, d.Took = date(day), time.Duration(took)*time.Microsecond
	if err := json.Unmarshal(explanation, &d.Position); err != nil {
		return Detail{}, fmt.Errorf("read explanation: %w", err)
	}
	return d, nil
}

// Explain works the position of a product out anew, now or of another day,
// with every line. Faults: Missing, Denied.
func (s *Service) Explain(ctx context.Context, of ProductID, day time.Time) (Detail, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return Detail{}, err
	}
	started, at := time.Now(), s.on(day)
	l, err := load(ctx, s.db.Read(ctx), s.db.Dialect(), at, []ProductID{of})
	if err != nil {
		return Detail{}, err
	}
	found, err := evaluate(ctx, l)
	if err != nil {
		return Detail{}, err
	}
	if len(found) == 0 {
		return Detail{}, fault.NewMissing("product")
	}
	p := found[0].Position
	d := Detail{
		ID: of, Key: p.Product.Key, Name: p.Product.Name, Position: p, At: at.day, Past: !at.past.IsZero(),
		Computed: s.db.Now(), Took: time.Since(started), Rules: l.rules.Version,
	}
	return d, s.hide(ctx, &d.Position)
}

// Find gives the identifier of the product with a key. Faults: Missing, Denied.
func (s *Service) Find(ctx context.Context, key string) (ProductID, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return ProductID{}, err
	}
	var found ProductID
	if err := s.db.Read(ctx).Raw("SELECT id FROM products WHERE key = ?", key).Scan(&found).Error; err != nil {
		return ProductID{}, fmt.Errorf("find product %s: %w", key, err)
	}
	if found.IsZero() {
		return ProductID{}, fault.NewMissing("product")
	}
	return found, nil
}

// Of works out the positions of some products, or of all that are in use, now
// or as of a day. Faults: Missing, Denied.
func (s *Service) Of(ctx context.Context, day time.Time, products ...ProductID) (*licence.Result, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	at := s.on(day)
	if len(products) == 0 {
		err := s.db.Read(ctx).Raw(`SELECT p.id FROM products p WHERE EXISTS (SELECT 1 FROM positions t WHERE t.product_id = p.id)
			OR EXISTS (SELECT 1 FROM entitlements e WHERE e.product_id = p.id) ORDER BY p.key`).Scan(&products).Error
		if err != nil {
			return nil, fmt.Errorf("list products: %w", err)
		}
	}
	l, err := load(ctx, s.db.Read(ctx), s.db.Dialect(), at, products)
	if err != nil {
		return nil, err
	}
	found, err := evaluate(ctx, l)
	if err != nil {
		return nil, err
	}
	result := &licence.Result{At: at.day, RulesVersion: l.rules.Version, Positions: []licence.Position{}}
	for i := range found {
		if err := s.hide(ctx, &found[i].Position); err != nil {
			return nil, err
		}
		result.Positions = append(result.Positions, found[i].Position)
	}
	return result, nil
}

// All gives the positions of all products in use as rows, as of a day, the
// worst first. Faults: Missing, Denied.
func (s *Service) All(ctx context.Context, day time.Time) ([]Row, error) {
	result, err := s.Of(ctx, day)
	if err != nil {
		return nil, err
	}
	var known []struct {
		ID                  ProductID
		Key, Name, Category string
	}
	if err := s.db.Read(ctx).Raw("SELECT id, key, name, category FROM products").Scan(&known).Error; err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	ids := make(map[string]ProductID, len(known))
	categories := make(map[string]string, len(known))
	for _, one := range known {
		ids[one.Key], categories[one.Key] = one.ID, one.Category
	}
	var rows []Row
	for i := range result.Positions {
		p := &result.Positions[i]
		if isEmpty(p) {
			continue
		}
		row := Row{
			ID: ids[p.Product.Key], Key: p.Product.Key, Name: p.Product.Name, Publisher: p.Product.Publisher, Category: categories[p.Product.Key],
			Status: p.Status, Metric: p.Rule.Metric.Kind(), Rule: p.Rule.ID, Figures: figuresOf(p),
			Lines: len(leaves(&p.Explanation.Needed)), Spared: len(p.Explanation.NotCounted.Children), Rights: len(p.Explanation.Owned.Children),
		}
		if p.Exposure != nil {
			row.ExposureCents, row.Currency = &p.Exposure.Cents, p.Exposure.Currency
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Key, b.Key)) })
	return rows, nil
}

// isEmpty reports whether a position is about nothing at all.
func isEmpty(p *licence.Position) bool {
	e := &p.Explanation
	return len(e.Needed.Children)+len(e.NotCounted.Children)+len(e.Owned.Children) == 0
}

// rank is the standing of a row, as the database works it out.
func (r Row) rank() int64 {
	const step = 1_000_000_000_000_000
	switch r.Status {
	case licence.Short:
		rank := int64(-4 * step)
		if r.ExposureCents != nil {
			rank -= *r.ExposureCents
		}
		return rank
	case licence.Unknown:
		return -3 * step
	case licence.Exact:
		return -2 * step
	case licence.Ample:
	}
	return r.Available
}
