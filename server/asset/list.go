package asset

import (
	"context"
	"iter"
	"strings"

	"github.com/google/uuid"

	"holdfast/server/identity"
	"holdfast/server/list"
)

// Columns is the list of assets as far as the actor may see it: who holds an
// asset is left out unless the actor has people.read wherever they have
// assets.read, and devices of units whose devices they may not see.
func Columns(ctx context.Context) *list.Definition[Row] {
	all := AllColumns()
	fence(all.Joins, identity.ActorOf(ctx).Reach(identity.DevicesRead))
	if knowsPeople(ctx) {
		return all
	}
	less := all.Without("custodian")
	less.Select = strings.NewReplacer("a.custodian_id", "NULL", "c.name", "NULL").Replace(less.Select)
	less.Search = searchedWithoutPeople
	return less
}

// fence joins only devices of a part of the organisation, so that nobody
// finds an asset by the name of a device that they may not see.
func fence(joins []list.Join, scope identity.Scope) {
	if scope.All {
		return
	}
	units := make([]string, len(scope.Units))
	for i, unit := range scope.Units {
		units[i] = "'" + unit.String() + "'"
	}
	for i := range joins {
		switch alias := joins[i].Alias; {
		case alias != "d" && alias != "h":
		case len(units) == 0:
			joins[i].SQL += " AND 1 = 0"
		default:
			joins[i].SQL += " AND " + alias + ".unit_id IN (" + strings.Join(units, ", ") + ")"
		}
	}
}

func knowsPeople(ctx context.Context) bool {
	actor := identity.ActorOf(ctx)
	return actor.Reach(identity.PeopleRead).Covers(actor.Reach(identity.AssetsRead))
}

// AllColumns is the list of assets with every column there is, for the
// documentation of the API.
func AllColumns() *list.Definition[Row] {
	return &list.Definition[Row]{
		Name:   "assets",
		Select: selected,
		Scan:   func(r *Row) []any { return r.scan() },
		From:   "assets a",
		Joins:  joins(),
		ID:     "a.id", IDKind: list.UUID,
		Default: "tag",
		Search:  searched,
		Columns: []list.Column[Row]{
			column(list.Field{Key: "tag", SQL: "a.tag", Kind: list.Text, Sortable: true, Shown: true}, func(r Row) any { return r.Tag }),
			column(list.Field{Key: "status", SQL: "a.status", Kind: list.Enum, Values: texts(Statuses()), Sortable: true, Shown: true}, func(r Row) any { return string(r.Status) }),
			column(list.Field{Key: "kind", SQL: "a.kind", Kind: list.Enum, Values: texts(Kinds()), Sortable: true, Shown: true}, func(r Row) any { return string(r.Kind) }),
			column(list.Field{Key: "maker", SQL: "a.maker", Kind: list.Text, Nullable: true}, func(r Row) any { return r.Maker }),
			column(list.Field{Key: "model", SQL: "a.model", Kind: list.Text, Sortable: true, Shown: true, Nullable: true}, func(r Row) any { return r.Model }),
			column(list.Field{Key: "serial", SQL: "a.serial", Kind: list.Text, Sortable: true, Nullable: true}, func(r Row) any { return r.Serial }),
			column(list.Field{Key: "custodian", SQL: "c.name", Kind: list.Text, Shown: true, Nullable: true, Match: heldBy}, func(r Row) any { return r.Custodian }),
			column(list.Field{Key: "place", SQL: "p.path", Kind: list.Text, Shown: true, Nullable: true, Match: atPlace}, func(r Row) any { return r.Place }),
			column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Match: list.InUnit("a.unit_id")}, func(r Row) any { return r.Unit }),
			column(list.Field{Key: "device", SQL: "d.name", Kind: list.Text, Nullable: true}, func(r Row) any { return r.DeviceName }),
			column(list.Field{Key: "host", SQL: "h.name", Kind: list.Text, Nullable: true}, func(r Row) any { return r.Host }),
			column(list.Field{Key: "purchased_on", SQL: "a.purchased_on", Kind: list.Date, Sortable: true, Nullable: true}, func(r Row) any { return r.PurchasedOn }),
			column(list.Field{Key: "cost", SQL: "a.cost_cents", Kind: list.Money, Sortable: true, Nullable: true}, func(r Row) any { return r.CostCents }),
			column(list.Field{Key: "currency", SQL: "a.currency", Kind: list.Text, Nullable: true}, func(r Row) any { return r.Currency }),
			column(list.Field{Key: "warranty_ends_on", SQL: "a.warranty_ends_on", Kind: list.Date, Sortable: true, Shown: true, Nullable: true}, func(r Row) any { return r.WarrantyEnds }),
			column(list.Field{Key: "order_number", SQL: "a.order_number", Kind: list.Text, Sortable: true, Nullable: true}, func(r Row) any { return r.OrderNumber }),
			column(list.Field{Key: "updated_at", SQL: "a.updated_at", Kind: list.Time, Sortable: true}, func(r Row) any { return r.UpdatedAt }),
		},
	}
}

// column is a filterable column: all of the assets' are.
func column(field list.Field, value func(Row) any) list.Column[Row] {
	field.Filterable = true
	return list.Column[Row]{Field: field, Value: value}
}

func texts[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// searched is what free text means: the start of a tag or a serial number, or
// a part of a model, an order number or the custodian's name.
func searched(text string) list.Clause {
	named := list.Contains("name", text)
	return list.Any(searchedWithoutPeople(text),
		list.Where("a.custodian_id IN (SELECT id FROM people WHERE "+named.SQL+")", named.Args...))
}

func searchedWithoutPeople(text string) list.Clause {
	start := fold(text)
	return list.Any(
		list.Where("LOWER(a.tag) >= ? AND LOWER(a.tag) < ?", start, start+lastRune),
		list.Where("LOWER(a.serial) >= ? AND LOWER(a.serial) < ?", start, start+lastRune),
		list.Contains("a.model", text), list.Contains("a.order_number", text),
	)
}

// heldBy finds assets by a part of their custodian's name, or by the
// identifier of a person.
func heldBy(value string) list.Clause {
	if person, err := uuid.Parse(value); err == nil {
		return list.Where("a.custodian_id = ?", person.String())
	}
	named := list.Contains("name", value)
	return list.Where("a.custodian_id IN (SELECT id FROM people WHERE "+named.SQL+")", named.Args...)
}

// atPlace finds assets by a part of their place's names, or by the identifier
// of a place, which means everything in it too.
func atPlace(value string) list.Clause {
	if place, err := uuid.Parse(value); err == nil {
		return list.Where(`a.place_id IN (WITH RECURSIVE inside (id) AS (SELECT id FROM places WHERE id = ?
			UNION ALL SELECT q.id FROM places q JOIN inside i ON q.parent_id = i.id) SELECT id FROM inside)`, place.String())
	}
	named := list.Contains("path", value)
	return list.Where("a.place_id IN (SELECT id FROM places WHERE "+named.SQL+")", named.Args...)
}

// List answers one page of the assets. Faults: Invalid, Denied.
func (s *Service) List(ctx context.Context, q list.Query) (list.Page[Row], error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return list.Page[Row]{}, err
	}
	return list.Run(ctx, s.db, Columns(ctx), q, within(reach))
}

// Search finds assets by the start of their tag or serial number, whatever the
// case: up to limit of them, and none for an actor who may not read assets.
func (s *Service) Search(ctx context.Context, text string, limit int) ([]Row, error) {
	reach := identity.ActorOf(ctx).Reach(identity.AssetsRead)
	start := fold(text)
	if reach.Empty() || start == "" {
		return nil, nil
	}
	rows, err := read(s.db.Read(ctx), list.All(list.Any(
		list.Where("LOWER(a.tag) >= ? AND LOWER(a.tag) < ?", start, start+lastRune),
		list.Where("LOWER(a.serial) >= ? AND LOWER(a.serial) < ?", start, start+lastRune)), within(reach)), limit)
	return allHidden(ctx, rows, err)
}

// lastRune sorts after everything that can follow a prefix.
const lastRune = "\U0010FFFF"

// Count tells how many assets a query has. Faults as those of List.
func (s *Service) Count(ctx context.Context, q list.Query) (int, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return 0, err
	}
	return list.Count(ctx, s.db, Columns(ctx), q, within(reach))
}

// Export gives all assets of a query. Faults as those of List; the actor needs
// assets.export.
func (s *Service) Export(ctx context.Context, q list.Query) (iter.Seq2[Row, error], error) {
	if err := identity.Allow(ctx, identity.AssetsRead); err != nil {
		return nil, err
	}
	reach, err := identity.Reach(ctx, identity.AssetsExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, Columns(ctx), q, within(reach)), nil
}
