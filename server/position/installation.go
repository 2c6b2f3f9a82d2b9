package position

import (
	"context"
	"iter"
	"time"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/recognition"
)

// Installation is a release of a product on a device.
type Installation struct {
	DeviceID device.ID
	Device   string
	Kind     device.Kind
	UnitID   identity.UnitID
	Unit     string
	Title    string // as it was reported
	Version  string
	Edition  string
	LastUser string
	Since    time.Time
	SeenAt   time.Time
}

// InstallationColumns is the list of installations of a product as far as the
// actor may see it: who uses a device is left out unless the actor has
// people.read wherever they have devices.read.
func InstallationColumns(ctx context.Context) *list.Definition[Installation] {
	all := AllInstallationColumns()
	actor := identity.ActorOf(ctx)
	if actor.Reach(identity.PeopleRead).Covers(actor.Reach(identity.DevicesRead)) {
		return all
	}
	less := all.Without("user")
	less.Select = `d.uid, d.name, d.kind, d.unit_id, u.name, n.name, r.version, r.edition, NULL, i.since, c.seen_at`
	return less
}

// AllInstallationColumns is the same with every column there is, for the
// documentation of the API.
func AllInstallationColumns() *list.Definition[Installation] {
	column := func(field list.Field, value func(Installation) any) list.Column[Installation] {
		field.Filterable = true
		return list.Column[Installation]{Field: field, Value: value}
	}
	return &list.Definition[Installation]{
		Name:   "licence_installations",
		Select: `d.uid, d.name, d.kind, d.unit_id, u.name, n.name, r.version, r.edition, d.last_user, i.since, c.seen_at`,
		Scan: func(i *Installation) []any {
			return []any{
				&i.DeviceID, &i.Device, &i.Kind, &i.UnitID, &i.Unit, &i.Title, &i.Version, &i.Edition, list.Blank(&i.LastUser), &i.Since, list.Blank(&i.SeenAt),
			}
		},
		From: "releases r JOIN installations i ON i.release_id = r.id JOIN devices d ON d.id = i.device_id LEFT JOIN device_contacts c ON c.device_id = d.id",
		Joins: []list.Join{
			{Alias: "u", SQL: "JOIN units u ON u.id = d.unit_id"},
			{Alias: "n", SQL: "JOIN titles n ON n.id = r.title_id"},
		},
		ID: "(CAST(i.device_id AS bigint) * 4294967296 + i.release_id)", IDKind: list.Number,
		Default: "device",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("d.name", text), list.Contains("r.version", text), list.Contains("r.edition", text))
		},
		Columns: []list.Column[Installation]{
			column(list.Field{Key: "device", SQL: "d.name", Kind: list.Text, Sortable: true, Shown: true}, func(i Installation) any { return i.Device }),
			column(list.Field{Key: "kind", SQL: "d.kind", Kind: list.Enum, Sortable: true, Shown: true}, func(i Installation) any { return string(i.Kind) }),
			column(list.Field{Key: "title", SQL: "n.name", Kind: list.Text}, func(i Installation) any { return i.Title }),
			column(list.Field{Key: "version", SQL: "r.version", Kind: list.Text, Sortable: true, Shown: true}, func(i Installation) any { return i.Version }),
			column(list.Field{Key: "edition", SQL: "r.edition", Kind: list.Text, Sortable: true, Shown: true}, func(i Installation) any { return i.Edition }),
			column(list.Field{Key: "user", SQL: "d.last_user", Kind: list.Text, Shown: true, Nullable: true}, func(i Installation) any { return i.LastUser }),
			column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Shown: true}, func(i Installation) any { return i.Unit }),
			column(list.Field{Key: "since", SQL: "i.since", Kind: list.Time, Sortable: true, Shown: true}, func(i Installation) any { return i.Since }),
			column(list.Field{Key: "seen_at", SQL: "c.seen_at", Kind: list.Time, Sortable: true, Shown: true, Nullable: true}, func(i Installation) any { return i.SeenAt }),
		},
	}
}

// installed narrows to what counts of a product, and to what the actor may
// see of it.
func installed(of recognition.ProductID, reach identity.Scope) list.Clause {
	where := list.Where("r.product_id = ? AND c.revoked_at IS NULL", of)
	if reach.All {
		return where
	}
	return list.All(where, list.Where("d.unit_id IN ?", append([]identity.UnitID{{}}, reach.Units...)))
}

// Installations answers one page of the installations of a product, as far as
// the actor may see the devices. Faults: Invalid, Denied.
func (s *Service) Installations(ctx context.Context, of ProductID, q list.Query) (list.Page[Installation], error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return list.Page[Installation]{}, err
	}
	return list.Run(ctx, s.db, InstallationColumns(ctx), q, installed(of, reachOf(ctx, identity.DevicesRead)))
}

// ExportInstallations gives all installations of a query. Faults: Invalid,
// Denied; the actor needs devices.export too.
func (s *Service) ExportInstallations(ctx context.Context, of ProductID, q list.Query) (iter.Seq2[Installation, error], error) {
	if err := identity.Allow(ctx, identity.LicencesExport); err != nil {
		return nil, err
	}
	reach, err := identity.Reach(ctx, identity.DevicesExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, InstallationColumns(ctx), q, installed(of, reach)), nil
}

// CountInstallations tells on how many devices and in how many releases a
// product is installed, as far as the actor may see the devices. Fault: Denied.
func (s *Service) CountInstallations(ctx context.Context, of ProductID) (int, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return 0, err
	}
	return list.Count(ctx, s.db, InstallationColumns(ctx), list.Query{}, installed(of, reachOf(ctx, identity.DevicesRead)))
}
