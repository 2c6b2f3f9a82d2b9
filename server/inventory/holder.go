package inventory

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/software"
)

// Holder is a device that has a title, and the versions that it has of it.
type Holder struct {
	Device
	Version string // several are separated by commas
}

// HolderColumns is the list of the devices that have a title: the columns of
// devices and the version.
func HolderColumns(ctx context.Context, title software.TitleID) *list.Definition[Holder] {
	devices := DeviceColumns(ctx)
	// CROSS JOIN makes SQLite start from the few releases of the title;
	// PostgreSQL finds that out by itself.
	of := fmt.Sprintf(`FROM releases r CROSS JOIN installations i WHERE i.release_id = r.id
		AND r.title_id = (SELECT id FROM titles WHERE uid = '%s')`, title) // an identifier needs no quoting
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

// Holders answers one page of the devices that have a title. Faults: Invalid,
// Denied.
func (r *Reader) Holders(ctx context.Context, title software.TitleID, q list.Query) (list.Page[Holder], error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return list.Page[Holder]{}, err
	}
	return list.Run(ctx, r.db, HolderColumns(ctx, title), q, holding(title), within(reach))
}

// ExportHolders gives all devices that have a title and fit a query. Faults as
// those of Holders; the actor needs devices.export.
func (r *Reader) ExportHolders(ctx context.Context, title software.TitleID, q list.Query) (iter.Seq2[Holder, error], error) {
	reach, err := identity.Reach(ctx, identity.DevicesExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, r.db, HolderColumns(ctx, title), q, holding(title), within(reach)), nil
}

func holding(title software.TitleID) list.Clause {
	return list.Where(`d.id IN (SELECT i.device_id FROM releases r CROSS JOIN installations i
		WHERE i.release_id = r.id AND r.title_id = (SELECT id FROM titles WHERE uid = ?))`, title)
}
