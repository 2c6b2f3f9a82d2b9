package inventory

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/recognition"
	"holdfast/server/software"
)

// Title is one software title as lists show it.
type Title struct {
	Key       software.Key
	ID        software.TitleID
	Name      string
	Publisher string
	Source    string // package manager that it comes from
	Versions  int64  // that some device has
	Devices   int64  // that have it, in the units that the reader sees, as of CountedAt
	FirstSeen time.Time
	Class     string // product, part or ignored; unrecognised when some version is
	Product   string // name of what it is; of the first, when versions are several
	ProductID recognition.ProductID
}

// Unrecognised is the class of a title with a version that no rule catches.
const Unrecognised = "unrecognised"

// classSQL is the class of a title by its releases. What nobody knows comes
// first, then products.
const classSQL = `(SELECT CASE WHEN COUNT(*) > COUNT(r.class) THEN '` + Unrecognised + `' ELSE COALESCE(MAX(CASE WHEN r.class = 'product' THEN r.class END),
	MAX(r.class), '` + Unrecognised + `') END FROM releases r WHERE r.title_id = t.id)`

// recognisedSQL is whether rules catch all releases of a title.
const recognisedSQL = "(NOT EXISTS (SELECT 1 FROM releases r WHERE r.title_id = t.id AND r.class IS NULL))"

func titleSelect(devices string) string {
	return `t.id, t.uid, t.name, t.publisher, t.source, (SELECT COUNT(DISTINCT r.version) FROM releases r
		WHERE r.title_id = t.id AND r.devices > 0), ` + devices + `, t.first_seen_at, ` + classSQL + `,
		(SELECT MIN(p.name || ' ' || CAST(p.id AS text)) FROM releases r JOIN products p ON p.id = r.product_id WHERE r.title_id = t.id)`
}

// product scans the name and the identifier of a product, written as one text
// so that both are of the same.
type product struct{ of *Title }

// Scan implements sql.Scanner.
func (p product) Scan(source any) error {
	var both string
	if err := list.Blank(&both).Scan(source); err != nil || both == "" {
		return err
	}
	at := strings.LastIndexByte(both, ' ')
	p.of.Product = both[:at]
	return p.of.ProductID.UnmarshalText([]byte(both[at+1:]))
}

func (t *Title) scan() []any {
	return []any{&t.Key, &t.ID, &t.Name, &t.Publisher, &t.Source, &t.Versions, &t.Devices, &t.FirstSeen, &t.Class, product{t}}
}

// ofProduct finds titles by a part of the name of what they are, or by the
// identifier of a product.
func ofProduct(value string) list.Clause {
	const some = "EXISTS (SELECT 1 FROM releases r JOIN products p ON p.id = r.product_id WHERE r.title_id = t.id AND "
	if product, err := uuid.Parse(value); err == nil {
		return list.Where(some+"p.id = ?)", product.String())
	}
	named := list.Contains("p.name", value)
	return list.Where(some+"("+named.SQL+"))", named.Args...)
}

// classes lists what a title can be.
func classes() []string {
	var all []string
	for _, class := range recognition.Classes() {
		all = append(all, string(class))
	}
	return append(all, Unrecognised)
}

// Version is a version of a title in one edition and architecture.
type Version struct {
	Version   string
	Edition   string
	Arch      string
	Size      *int64 // bytes
	Devices   int64
	FirstSeen time.Time
}

// TitleColumns is the list of software titles as the actor may see it.
func TitleColumns(ctx context.Context) *list.Definition[Title] {
	return titleColumns(identity.ActorOf(ctx).Reach(identity.SoftwareRead))
}

// titleColumns counts devices in a part of the organisation. Over all of it
// the sum stands with the title; elsewhere the counts of the units are added.
func titleColumns(reach identity.Scope) *list.Definition[Title] {
	from, devices := "titles t", "t.devices"
	if !reach.All {
		devices = "n.devices"
		from = `(SELECT title_id, SUM(devices) AS devices FROM title_counts WHERE unit_id IN (` + quoted(reach.Units) + `)
			GROUP BY title_id) n JOIN titles t ON t.id = n.title_id`
	}
	return &list.Definition[Title]{
		Name:   "software",
		Select: titleSelect(devices), Scan: func(t *Title) []any { return t.scan() },
		From: from,
		ID:   "t.id", IDKind: list.Number,
		Default: "-devices",
		Search: func(text string) list.Clause {
			var each []list.Clause
			for word := range strings.FieldsSeq(text) {
				each = append(each, list.Any(list.Contains("t.name", word), list.Contains("t.publisher", word)))
			}
			return list.All(each...)
		},
		Columns: []list.Column[Title]{
			{Field: list.Field{Key: "title", SQL: "t.name", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: func(t Title) any { return t.Name }},
			{Field: list.Field{Key: "publisher", SQL: "t.publisher", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: func(t Title) any { return t.Publisher }},
			{Field: list.Field{Key: "source", SQL: "t.source", Kind: list.Enum, Filterable: true, Shown: true}, Value: func(t Title) any { return t.Source }},
			{Field: list.Field{Key: "class", SQL: classSQL, Kind: list.Enum, Values: classes(), Filterable: true, Shown: true}, Value: func(t Title) any { return t.Class }},
			{Field: list.Field{Key: "product", Kind: list.Text, Filterable: true, Match: ofProduct}, Value: func(t Title) any { return t.Product }},
			{Field: list.Field{Key: "recognised", SQL: recognisedSQL, Kind: list.Flag, Filterable: true}, Value: func(t Title) any { return t.Class != Unrecognised }},
			{Field: list.Field{Key: "versions", Kind: list.Number, Shown: true}, Value: func(t Title) any { return t.Versions }},
			{Field: list.Field{Key: "devices", SQL: devices, Kind: list.Number, Sortable: true, Filterable: true, Shown: true}, Value: func(t Title) any { return t.Devices }},
			{Field: list.Field{Key: "first_seen", SQL: "t.first_seen_at", Kind: list.Time, Sortable: true, Filterable: true, Shown: true}, Value: func(t Title) any { return t.FirstSeen }},
		},
	}
}

// quoted writes identifiers as SQL; they are UUIDs and need no escaping.
func quoted(units []identity.UnitID) string {
	texts := make([]string, 0, len(units)+1)
	for _, unit := range units {
		texts = append(texts, "'"+unit.String()+"'")
	}
	if len(texts) == 0 {
		return "NULL"
	}
	return strings.Join(texts, ", ")
}

// Titles answers one page of the software. Faults: Invalid, Denied.
func (r *Reader) Titles(ctx context.Context, q list.Query) (list.Page[Title], error) {
	reach, err := identity.Reach(ctx, identity.SoftwareRead)
	if err != nil {
		return list.Page[Title]{}, err
	}
	return list.Run(ctx, r.db, titleColumns(reach), q)
}

// ExportTitles gives all software of a query. Faults as those of Titles; the
// actor needs software.export.
func (r *Reader) ExportTitles(ctx context.Context, q list.Query) (iter.Seq2[Title, error], error) {
	reach, err := identity.Reach(ctx, identity.SoftwareExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, r.db, titleColumns(reach), q), nil
}

// Title gives one title with the versions that some device has, the most
// installed first, counted where the actor has software.read. Faults: Missing,
// Denied.
func (r *Reader) Title(ctx context.Context, of software.TitleID) (Title, []Version, error) {
	reach, err := identity.Reach(ctx, identity.SoftwareRead)
	if err != nil {
		return Title{}, nil, err
	}
	title, err := r.findTitle(ctx, of, reach)
	if err != nil {
		return Title{}, nil, err
	}
	counts := "r.devices"
	if !reach.All {
		counts = "(SELECT COUNT(*) FROM installations i JOIN devices d ON d.id = i.device_id WHERE i.release_id = r.id AND d.unit_id IN (" + quoted(reach.Units) + "))"
	}
	versions, err := query(ctx, r, func(v *Version) []any {
		return []any{&v.Version, &v.Edition, &v.Arch, &v.Size, &v.Devices, &v.FirstSeen}
	}, "SELECT version, edition, arch, size_bytes, held, first_seen_at FROM (SELECT r.*, "+counts+` AS held
		FROM releases r WHERE r.title_id = ?) v WHERE held > 0 ORDER BY held DESC, version, edition, arch`, title.Key)
	if err != nil {
		return Title{}, nil, fmt.Errorf("read versions of title %s: %w", of, err)
	}
	return title, versions, nil
}

func (r *Reader) findTitle(ctx context.Context, of software.TitleID, reach identity.Scope) (Title, error) {
	d := titleColumns(reach)
	titles, err := query(ctx, r, d.Scan, "SELECT "+d.Select+" FROM "+d.From+" WHERE t.uid = ?", of)
	if err != nil {
		return Title{}, fmt.Errorf("read title %s: %w", of, err)
	}
	if len(titles) == 0 {
		return Title{}, fault.NewMissing("title")
	}
	return titles[0], nil
}

// CountedAt tells when the devices of each title were last counted; the zero
// time is never.
func (r *Reader) CountedAt(ctx context.Context) (time.Time, error) {
	runs, err := query(ctx, r, func(t *time.Time) []any { return []any{t} },
		"SELECT counted_at FROM count_runs ORDER BY counted_at DESC LIMIT 1")
	if err != nil {
		return time.Time{}, fmt.Errorf("read when software was counted: %w", err)
	}
	if len(runs) == 0 {
		return time.Time{}, nil
	}
	return runs[0], nil
}

// searchTitles finds titles with all words of the text in their name, the
// most installed first. Only the few that are found are counted by units.
func (r *Reader) searchTitles(ctx context.Context, text string, limit int, reach identity.Scope) ([]Title, error) {
	var each []list.Clause
	for _, word := range strings.Fields(text) {
		each = append(each, list.Contains("t.name", word))
	}
	devices := "t.devices"
	if !reach.All {
		within := " FROM title_counts n WHERE n.title_id = t.id AND n.unit_id IN (" + quoted(reach.Units) + ")"
		devices = "(SELECT SUM(n.devices)" + within + ")"
		each = append(each, list.Where("EXISTS (SELECT 1"+within+")"))
	}
	where := list.All(each...)
	titles, err := query(ctx, r, func(t *Title) []any { return t.scan() }, fmt.Sprintf(
		"SELECT %s FROM titles t WHERE %s ORDER BY t.devices DESC, t.id DESC LIMIT %d", titleSelect(devices), where.SQL, limit), where.Args...)
	if err != nil {
		return nil, fmt.Errorf("search software: %w", err)
	}
	return titles, nil
}
