package position

import (
	"context"
	"fmt"
	"iter"
	"time"

	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
)

// Row is the position of a product as lists show it.
type Row struct {
	ID        ProductID
	Key       string
	Name      string
	Publisher string
	Category  string
	Status    licence.Status
	Metric    string
	Rule      string // empty when the product has a metric of its own
	Figures
	ExposureCents *int64
	Currency      string
	TermEnds      time.Time // of the right in force that ends first; zero is perpetual, or no right
	Lines         int
	Spared        int
	Rights        int
	ComputedAt    time.Time
	ChangedAt     time.Time
	ByHand        bool // people decided how it is counted
	standing      int64
}

// statuses lists the statuses in the order of forms: the worst first.
func statuses() []string {
	return []string{string(licence.Short), string(licence.Unknown), string(licence.Exact), string(licence.Ample)}
}

// standing puts what needs a person first: what is short, the dearest first,
// then what cannot be counted, what has none left, and what has the fewest
// left. No sum of money is near the steps between them.
const standing = `(CASE t.status WHEN 'short' THEN -4000000000000000 - COALESCE(t.exposure_cents, 0)
	WHEN 'unknown' THEN -3000000000000000 WHEN 'exact' THEN -2000000000000000 ELSE t.available END)`

// Columns is the list of positions.
func Columns() *list.Definition[Row] {
	column := func(field list.Field, value func(Row) any) list.Column[Row] {
		field.Filterable = true
		return list.Column[Row]{Field: field, Value: value}
	}
	var kinds []string
	for _, metric := range licence.Metrics() {
		kinds = append(kinds, metric.Kind())
	}
	return &list.Definition[Row]{
		Name: "licences",
		Select: `t.product_id, p.key, p.name, p.publisher, p.category, t.status, t.metric, t.rule_id, t.owned, t.needed, t.idle, t.available,
			t.certain, t.exposure_cents, t.currency, t.term_ends_on, t.lines, t.spared, t.rights, t.computed_at, t.changed_at,
			EXISTS (SELECT 1 FROM product_metrics m WHERE m.product_id = t.product_id AND (m.rule_id IS NOT NULL OR m.metric IS NOT NULL)), ` + standing,
		Scan: func(r *Row) []any {
			return []any{
				&r.ID, &r.Key, &r.Name, &r.Publisher, &r.Category, &r.Status, &r.Metric, list.Blank(&r.Rule), &r.Owned, &r.Needed, &r.Idle, &r.Available,
				&r.Certain, &r.ExposureCents, list.Blank(&r.Currency), list.Day(&r.TermEnds), &r.Lines, &r.Spared, &r.Rights, &r.ComputedAt, &r.ChangedAt,
				&r.ByHand, &r.standing,
			}
		},
		From:  "positions t",
		Joins: []list.Join{{Alias: "p", SQL: "JOIN products p ON p.id = t.product_id"}},
		ID:    "t.product_id", IDKind: list.UUID,
		Default: "standing",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("p.name", text), list.Contains("p.publisher", text), list.Contains("p.key", text))
		},
		Columns: []list.Column[Row]{
			column(list.Field{Key: "product", SQL: "p.name", Kind: list.Text, Sortable: true, Shown: true}, func(r Row) any { return r.Name }),
			column(list.Field{Key: "publisher", SQL: "p.publisher", Kind: list.Text, Sortable: true}, func(r Row) any { return r.Publisher }),
			column(list.Field{Key: "category", SQL: "p.category", Kind: list.Text}, func(r Row) any { return r.Category }),
			column(list.Field{Key: "status", SQL: "t.status", Kind: list.Enum, Values: statuses(), Sortable: true}, func(r Row) any { return string(r.Status) }),
			column(list.Field{Key: "metric", SQL: "t.metric", Kind: list.Enum, Values: kinds, Sortable: true, Shown: true}, func(r Row) any { return r.Metric }),
			column(list.Field{Key: "owned", SQL: "t.owned", Kind: list.Number, Sortable: true, Shown: true}, func(r Row) any { return r.Owned }),
			column(list.Field{Key: "needed", SQL: "t.needed", Kind: list.Number, Sortable: true, Shown: true}, func(r Row) any { return r.Needed }),
			column(list.Field{Key: "idle", SQL: "t.idle", Kind: list.Number}, func(r Row) any { return r.Idle }),
			column(list.Field{Key: "available", SQL: "t.available", Kind: list.Number, Sortable: true, Shown: true}, func(r Row) any { return r.Available }),
			{Field: list.Field{Key: "standing", SQL: standing, Kind: list.Number, Sortable: true, Shown: true}, Value: func(r Row) any { return string(r.Status) }},
			column(list.Field{Key: "exposure", SQL: "t.exposure_cents", Kind: list.Money, Sortable: true, Shown: true, Nullable: true}, func(r Row) any { return r.ExposureCents }),
			column(list.Field{Key: "currency", SQL: "t.currency", Kind: list.Text, Nullable: true}, func(r Row) any { return r.Currency }),
			column(list.Field{Key: "term_ends", SQL: "t.term_ends_on", Kind: list.Date, Sortable: true, Shown: true, Nullable: true}, func(r Row) any { return r.TermEnds }),
			column(list.Field{Key: "certain", SQL: "t.certain", Kind: list.Flag}, func(r Row) any { return r.Certain }),
			column(list.Field{Key: "rule", SQL: "t.rule_id", Kind: list.Text, Nullable: true}, func(r Row) any { return r.Rule }),
			column(list.Field{Key: "computed_at", SQL: "t.computed_at", Kind: list.Time, Sortable: true}, func(r Row) any { return r.ComputedAt }),
			column(list.Field{Key: "changed_at", SQL: "t.changed_at", Kind: list.Time, Sortable: true}, func(r Row) any { return r.ChangedAt }),
		},
	}
}

// inUse leaves out products that nobody has, needs or bought any more.
func inUse() list.Clause { return list.Where("t.owned + t.needed + t.lines + t.spared + t.rights > 0") }

// List answers one page of the positions. Faults: Invalid, Denied.
func (s *Service) List(ctx context.Context, q list.Query) (list.Page[Row], error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return list.Page[Row]{}, err
	}
	return list.Run(ctx, s.db, Columns(), q, inUse())
}

// CountShort tells how many products are short. Fault: Denied.
func (s *Service) CountShort(ctx context.Context) (count int, err error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return 0, err
	}
	err = s.db.Read(ctx).Raw("SELECT COUNT(*) FROM positions t WHERE t.status = ? AND "+inUse().SQL, licence.Short).Row().Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count products that are short: %w", err)
	}
	return count, nil
}

// Export gives all positions of a query. Faults: Invalid, Denied.
func (s *Service) Export(ctx context.Context, q list.Query) (iter.Seq2[Row, error], error) {
	if err := identity.Allow(ctx, identity.LicencesExport); err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, Columns(), q, inUse()), nil
}
