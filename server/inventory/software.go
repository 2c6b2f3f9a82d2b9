package inventory

import (
	"context"
	"iter"
	"time"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/recognition"
	"holdfast/server/software"
)

// Installation is a release that a device has now.
type Installation struct {
	Release     software.Key
	TitleID     software.TitleID
	Title       string
	Version     string
	Edition     string
	Arch        string
	Publisher   string
	Source      string
	Size        *int64 // bytes
	Since       time.Time
	InstalledOn time.Time // the day; zero when it is not known
	Class       string    // product, part, ignored or unrecognised
	Product     string    // name of what it is
	ProductID   recognition.ProductID
}

// InstallationColumns is the list of the software of one device.
func InstallationColumns() *list.Definition[Installation] {
	text := func(key, sql string, value func(Installation) any) list.Column[Installation] {
		return list.Column[Installation]{Field: list.Field{Key: key, SQL: sql, Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: value}
	}
	const class = "COALESCE(r.class, '" + Unrecognised + "')"
	return &list.Definition[Installation]{
		Name: "installations",
		Select: `r.id, t.uid, t.name, r.version, r.edition, r.arch, t.publisher, t.source, r.size_bytes, i.since,
			i.installed_on, ` + class + `, p.name, p.id`,
		Scan: func(i *Installation) []any {
			return []any{
				&i.Release, &i.TitleID, &i.Title, &i.Version, &i.Edition, &i.Arch, &i.Publisher, &i.Source, &i.Size, &i.Since,
				list.Day(&i.InstalledOn), &i.Class, list.Blank(&i.Product), &i.ProductID,
			}
		},
		From:  "installations i JOIN releases r ON r.id = i.release_id JOIN titles t ON t.id = r.title_id",
		Joins: []list.Join{{Alias: "p", SQL: "LEFT JOIN products p ON p.id = r.product_id"}},
		ID:    "i.release_id", IDKind: list.Number,
		Default: "title",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("t.name", text), list.Contains("t.publisher", text))
		},
		Columns: []list.Column[Installation]{
			text("title", "t.name", func(i Installation) any { return i.Title }),
			text("version", "r.version", func(i Installation) any { return i.Version }),
			text("publisher", "t.publisher", func(i Installation) any { return i.Publisher }),
			text("source", "t.source", func(i Installation) any { return i.Source }),
			text("arch", "r.arch", func(i Installation) any { return i.Arch }),
			{Field: list.Field{Key: "class", SQL: class, Kind: list.Enum, Values: classes(), Filterable: true, Shown: true}, Value: func(i Installation) any { return i.Class }},
			{Field: list.Field{Key: "product", SQL: "p.name", Kind: list.Text, Sortable: true, Filterable: true, Nullable: true}, Value: func(i Installation) any { return i.Product }},
			{Field: list.Field{Key: "size", SQL: "r.size_bytes", Kind: list.Bytes, Sortable: true, Filterable: true, Nullable: true}, Value: func(i Installation) any { return i.Size }},
			{Field: list.Field{Key: "installed_on", SQL: "i.installed_on", Kind: list.Date, Sortable: true, Filterable: true, Shown: true, Nullable: true}, Value: func(i Installation) any { return i.InstalledOn }},
			{Field: list.Field{Key: "since", SQL: "i.since", Kind: list.Time, Sortable: true, Filterable: true, Shown: true}, Value: func(i Installation) any { return i.Since }},
		},
	}
}

// Software answers one page of what is installed on a device. Faults as those
// of Get, and Invalid.
func (r *Reader) Software(ctx context.Context, of device.ID, q list.Query) (list.Page[Installation], error) {
	row, err := r.find(ctx, of)
	if err != nil {
		return list.Page[Installation]{}, err
	}
	return list.Run(ctx, r.db, InstallationColumns(), q, list.Where("i.device_id = ?", row.Key))
}

// ExportSoftware gives all that is installed on a device and fits a query.
// Faults as those of Software; the actor needs devices.export.
func (r *Reader) ExportSoftware(ctx context.Context, of device.ID, q list.Query) (iter.Seq2[Installation, error], error) {
	row, err := r.find(ctx, of)
	if err != nil {
		return nil, err
	}
	if err := identity.AllowIn(ctx, identity.DevicesExport, row.UnitID); err != nil {
		return nil, err
	}
	return list.Rows(ctx, r.db, InstallationColumns(), q, list.Where("i.device_id = ?", row.Key)), nil
}
