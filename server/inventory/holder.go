package inventory

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/software"
	"holdfast/server/store"
)

// Holder is a device that has a title, and the versions that it has of it.
type Holder struct {
	Device
	Version string // several are separated by commas
}

// HolderColumns is the list of the devices that have a title: the columns of
// devices and the version.
func HolderColumns(ctx context.Context, title software.TitleID) *list.Definition[Holder] {
	return holderColumns(ctx, fmt.Sprintf("r.title_id = (SELECT id FROM titles WHERE uid = '%s')", title)) // an identifier needs no quoting
}

// holderColumns is the list of the devices that have some releases.
func holderColumns(ctx context.Context, which string) *list.Definition[Holder] {
	devices := DeviceColumns(ctx)
	// CROSS JOIN makes SQLite start from the few releases; PostgreSQL finds that
	// out by itself.
	of := "FROM releases r CROSS JOIN installations i WHERE i.release_id = r.id AND " + which
	versions := "(SELECT string_agg(v.version, ', ') FROM (SELECT DISTINCT r.version " + of + " AND i.device_id = d.id) v)"
	holders := &list.Definition[Holder]{
		Name:   "holders",
		Select: devices.Select + ", " + versions,
		Scan:   func(h *Holder) []any { return append(h.scan(), list.Blank(&h.Version)) },
		From:   devices.From, Joins: devices.Joins, ID: devices.ID, IDKind: devices.IDKind,
		Default: devices.Default, Search: devices.Search,
	}
	for _, column := range devices.Columns {
		holders.Columns = append(holders.Columns, list.Column[Holder]{
			Field: column.Field,
			Value: func(h Holder) any { return column.Value(h.Device) },
		})
	}
	version := list.Column[Holder]{
		Field: list.Field{
			Key: "version", SQL: versions, Kind: list.Text, Filterable: true, Shown: true, Nullable: true,
			Match: func(value string) list.Clause {
				return list.Where("d.id IN (SELECT i.device_id "+of+" AND r.version = ?)", value)
			},
		},
		Value: func(h Holder) any { return h.Version },
	}
	holders.Columns = slices.Insert(holders.Columns, 1, version)
	return holders
}

// Holders answers one page of the devices that have a title. The total of a
// widespread title, unless narrowed by filters, is that of the last count.
// Faults: Missing, Invalid, Denied.
func (r *Reader) Holders(ctx context.Context, title software.TitleID, q list.Query) (list.Page[Holder], error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return list.Page[Holder]{}, err
	}
	held, err := r.spread(ctx, title, reach)
	if err != nil {
		return list.Page[Holder]{}, err
	}
	if held.wide() && q.Text == "" && len(q.Filters) == 0 {
		return list.RunCounted(ctx, r.db, HolderColumns(ctx, title), q, held.here, held.clause(r.db.Dialect()), within(reach))
	}
	return list.Run(ctx, r.db, HolderColumns(ctx, title), q, held.clause(r.db.Dialect()), within(reach))
}

// ExportHolders gives all devices that have a title and fit a query. Faults as
// those of Holders; the actor needs devices.export.
func (r *Reader) ExportHolders(ctx context.Context, title software.TitleID, q list.Query) (iter.Seq2[Holder, error], error) {
	reach, err := identity.Reach(ctx, identity.DevicesExport)
	if err != nil {
		return nil, err
	}
	held, err := r.spread(ctx, title, reach)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, r.db, HolderColumns(ctx, title), q, held.clause(r.db.Dialect()), within(reach)), nil
}

// spread is how widely a title is installed.
type spread struct {
	releases   []string // as numbers in SQL
	everywhere int      // devices, as last counted
	here       int      // the same in the units of the reader
}

func (r *Reader) spread(ctx context.Context, of software.TitleID, reach identity.Scope) (spread, error) {
	title, err := r.findTitle(ctx, of, identity.Scope{All: true})
	if err != nil {
		return spread{}, err
	}
	held := spread{everywhere: int(title.Devices), here: int(title.Devices)}
	if !reach.All {
		local, err := r.findTitle(ctx, of, reach)
		if err != nil {
			return spread{}, err
		}
		held.here = int(local.Devices)
	}
	held.releases, err = query(ctx, r, func(text *string) []any { return []any{text} },
		"SELECT CAST(r.id AS text) FROM releases r WHERE r.title_id = ? ORDER BY r.id", title.Key)
	if err != nil {
		return spread{}, fmt.Errorf("read releases of title %s: %w", of, err)
	}
	return held, nil
}

// wide reports whether so many devices have the title that looking at devices
// in their order soon finds a page of them.
func (s spread) wide() bool {
	const many = 2000
	return s.everywhere > many
}

// clause keeps to the devices that have the title. No database can guess how
// widely one of thousands of titles is installed, and each goes astray in its
// own way; we know, and write what leaves no choice. For a wide one each
// device is asked; for another the few devices are gathered first.
func (s spread) clause(dialect store.Dialect) list.Clause {
	if len(s.releases) == 0 {
		return list.Where("1 = 0")
	}
	releases := "i.release_id IN (" + strings.Join(s.releases, ", ") + ")"
	switch {
	case s.wide():
		return list.Where("EXISTS (SELECT 1 FROM installations i WHERE i.device_id = d.id AND " + releases + ")")
	case dialect == store.Postgres:
		return list.Where("d.id = ANY (ARRAY(SELECT i.device_id FROM installations i WHERE " + releases + "))")
	}
	return list.Where("d.id IN (SELECT i.device_id FROM installations i WHERE " + releases + ")")
}
