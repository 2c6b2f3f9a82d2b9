package entitlement

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
)

// Columns is the list of entitlements as they stand on a day.
func Columns(day time.Time) *list.Definition[Row] {
	column := func(field list.Field, value func(Row) any) list.Column[Row] {
		field.Filterable = true
		return list.Column[Row]{Field: field, Value: value}
	}
	var kinds []string
	for _, metric := range licence.Metrics() {
		kinds = append(kinds, metric.Kind())
	}
	return &list.Definition[Row]{
		Name:   "entitlements",
		Select: selected,
		Scan:   func(r *Row) []any { return r.scan() },
		From:   "entitlements e",
		Joins:  joins(),
		ID:     "e.id", IDKind: list.UUID,
		Default: "-updated_at",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("e.reference", text), list.Contains("p.name", text), list.Contains("k.number", text), list.Contains("e.note", text))
		},
		Columns: []list.Column[Row]{
			column(list.Field{Key: "reference", SQL: "e.reference", Kind: list.Text, Sortable: true, Shown: true}, func(r Row) any { return r.Reference }),
			column(list.Field{Key: "product", SQL: "p.name", Kind: list.Text, Sortable: true, Shown: true, Match: ofProduct}, func(r Row) any { return r.Product }),
			column(list.Field{Key: "state", SQL: "e.removed_at", Kind: list.Enum, Values: texts(States()), Shown: true, Match: inState(day)}, func(r Row) any { return string(r.StateOn(day)) }),
			column(list.Field{Key: "quantity", SQL: "e.quantity", Kind: list.Number, Sortable: true, Shown: true}, func(r Row) any { return r.Quantity }),
			column(list.Field{Key: "pack_size", SQL: "e.pack_size", Kind: list.Number, Shown: true}, func(r Row) any { return r.PackSize }),
			column(list.Field{Key: "metric", SQL: "e.metric", Kind: list.Enum, Values: kinds, Nullable: true}, func(r Row) any { return r.Metric }),
			column(list.Field{Key: "starts_on", SQL: "e.starts_on", Kind: list.Date, Sortable: true, Nullable: true}, func(r Row) any { return r.StartsOn }),
			column(list.Field{Key: "ends_on", SQL: "e.ends_on", Kind: list.Date, Sortable: true, Shown: true, Nullable: true}, func(r Row) any { return r.EndsOn }),
			column(list.Field{Key: "maintained_until", SQL: "e.maintained_until", Kind: list.Date, Nullable: true}, func(r Row) any { return r.MaintainedUntil }),
			column(list.Field{Key: "cost", SQL: "e.cost_cents", Kind: list.Money, Sortable: true, Shown: true, Nullable: true}, func(r Row) any { return r.CostCents }),
			column(list.Field{Key: "currency", SQL: "e.currency", Kind: list.Text, Nullable: true}, func(r Row) any { return r.Currency }),
			column(list.Field{Key: "paper", SQL: "k.number", Kind: list.Text, Shown: true, Nullable: true}, func(r Row) any { return r.Paper }),
			column(list.Field{Key: "asset", SQL: "a.tag", Kind: list.Text, Nullable: true}, func(r Row) any { return r.AssetTag }),
			column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Match: list.InUnit("e.unit_id")}, func(r Row) any { return r.Unit }),
			column(list.Field{Key: "updated_at", SQL: "e.updated_at", Kind: list.Time, Sortable: true}, func(r Row) any { return r.UpdatedAt }),
			column(list.Field{Key: "updated_by", SQL: "e.updated_by", Kind: list.Text}, func(r Row) any { return r.UpdatedBy }),
		},
	}
}

// ofProduct finds by a part of the product's name, or by its identifier.
func ofProduct(value string) list.Clause {
	if product, err := uuid.Parse(value); err == nil {
		return list.Where("e.product_id = ?", product.String())
	}
	return list.Contains("p.name", value)
}

// inState finds what is in a state on a day.
func inState(day time.Time) func(string) list.Clause {
	at := day.Unix() / (24 * 60 * 60)
	return func(value string) list.Clause {
		switch State(value) {
		case InForce:
			return list.Where("e.removed_at IS NULL AND (e.starts_on IS NULL OR e.starts_on <= ?) AND (e.ends_on IS NULL OR e.ends_on >= ?)", at, at)
		case Coming:
			return list.Where("e.removed_at IS NULL AND e.starts_on > ?", at)
		case Ended:
			return list.Where("e.removed_at IS NULL AND e.ends_on < ? AND (e.starts_on IS NULL OR e.starts_on <= ?)", at, at)
		case Removed:
			return list.Where("e.removed_at IS NOT NULL")
		}
		return list.Where("1 = 0")
	}
}

// List answers one page of the entitlements. Faults: Invalid, Denied.
func (s *Service) List(ctx context.Context, q list.Query) (list.Page[Row], error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return list.Page[Row]{}, err
	}
	return list.Run(ctx, s.db, Columns(s.Today()), q)
}

// Export gives all entitlements of a query. Faults: Invalid, Denied.
func (s *Service) Export(ctx context.Context, q list.Query) (iter.Seq2[Row, error], error) {
	if err := identity.Allow(ctx, identity.LicencesExport); err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, Columns(s.Today()), q), nil
}

// Today is the day that it is where the server stands, as midnight UTC: terms
// begin and end with it.
func (s *Service) Today() time.Time { return dayOf(s.db.Now().In(time.Local)) }
