package person

import (
	"context"
	"iter"

	"holdfast/server/identity"
	"holdfast/server/list"
)

// Columns is the list of people.
func Columns() *list.Definition[Person] {
	return &list.Definition[Person]{
		Name:   "people",
		Select: selected,
		Scan:   func(p *Person) []any { return p.scan() },
		From:   "people p",
		Joins:  []list.Join{{Alias: "u", SQL: joinUnit}},
		ID:     "p.id", IDKind: list.UUID,
		Default: "name",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("p.name", text), list.Contains("p.email", text), list.Contains("p.login", text))
		},
		Columns: []list.Column[Person]{
			column(list.Field{Key: "name", SQL: "p.name", Kind: list.Text, Sortable: true, Shown: true}, func(p Person) any { return p.Name }),
			column(list.Field{Key: "email", SQL: "p.email", Kind: list.Text, Sortable: true, Shown: true, Nullable: true}, func(p Person) any { return p.Email }),
			column(list.Field{Key: "login", SQL: "p.login", Kind: list.Text, Sortable: true, Nullable: true}, func(p Person) any { return p.Login }),
			column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Shown: true, Match: list.InUnit("p.unit_id")}, func(p Person) any { return p.Unit }),
			{
				Field: list.Field{Key: "assets", SQL: "(SELECT COUNT(*) FROM assets a WHERE a.custodian_id = p.id AND a.status <> 'disposed')", Kind: list.Number, Filterable: true, Shown: true},
				Value: func(p Person) any { return p.Assets },
			},
			column(list.Field{Key: "active", SQL: "p.active", Kind: list.Flag, Shown: true}, func(p Person) any { return p.Active }),
			column(list.Field{Key: "language", SQL: "p.language", Kind: list.Enum, Values: []string{"en", "fr"}, Nullable: true}, func(p Person) any { return p.Language }),
			column(list.Field{Key: "updated_at", SQL: "p.updated_at", Kind: list.Time, Sortable: true}, func(p Person) any { return p.UpdatedAt }),
		},
	}
}

func column(field list.Field, value func(Person) any) list.Column[Person] {
	field.Filterable = true
	return list.Column[Person]{Field: field, Value: value}
}

// List answers one page of the people. Faults: Invalid, Denied.
func (s *Service) List(ctx context.Context, q list.Query) (list.Page[Person], error) {
	reach, err := identity.Reach(ctx, identity.PeopleRead)
	if err != nil {
		return list.Page[Person]{}, err
	}
	return list.Run(ctx, s.db, Columns(), q, within(reach))
}

// Export gives all people of a query. Faults as those of List; the actor needs
// assets.export too.
func (s *Service) Export(ctx context.Context, q list.Query) (iter.Seq2[Person, error], error) {
	reach, err := identity.Reach(ctx, identity.PeopleRead)
	if err != nil {
		return nil, err
	}
	export, err := identity.Reach(ctx, identity.AssetsExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, Columns(), q, within(reach), within(export)), nil
}

// Suggest gives up to limit people whose name, address or login contains the
// text, and who have not left, for a field in which somebody is chosen.
// Faults: Denied.
func (s *Service) Suggest(ctx context.Context, text string, limit int) ([]Person, error) {
	reach, err := identity.Reach(ctx, identity.PeopleRead)
	if err != nil {
		return nil, err
	}
	where := list.All(list.Where("p.active"), within(reach), list.Clause{})
	if text != "" {
		where = list.All(where, Columns().Search(text))
	}
	return read(s.db.Read(ctx), where, limit)
}

// Named finds the one person of the actor's that a text names, as Named within
// a transaction does. Faults: Missing, Denied, Conflict when several have that
// name.
func (s *Service) Named(ctx context.Context, text string) (Person, error) {
	reach, err := identity.Reach(ctx, identity.PeopleRead)
	if err != nil {
		return Person{}, err
	}
	return named(s.db.Read(ctx), text, reach)
}
