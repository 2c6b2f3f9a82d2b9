package recognition

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
	"holdfast/server/software"
	"holdfast/server/store"
)

// ProductRow is a product as lists show it.
type ProductRow struct {
	Product
	Versions int64 // that some device has
	Held     int64 // devices that have it, in the units that the reader sees, as last counted
}

// ProductColumns is the list of products as the actor may see it.
func ProductColumns(ctx context.Context) *list.Definition[ProductRow] {
	return productColumns(identity.ActorOf(ctx).Reach(identity.ProductsRead))
}

// productColumns counts devices in a part of the organisation. Over all of it
// the sum stands with the product; elsewhere the counts of the units are added.
func productColumns(reach identity.Scope) *list.Definition[ProductRow] {
	from, devices := "products p", "p.devices"
	if !reach.All {
		devices = "COALESCE(n.devices, 0)"
		from += ` LEFT JOIN (SELECT product_id, SUM(devices) AS devices FROM product_counts WHERE unit_id IN (` + quoted(reach.Units) + `)
			GROUP BY product_id) n ON n.product_id = p.id`
	}
	return &list.Definition[ProductRow]{
		Name: "products",
		Select: `p.id, p.key, p.name, p.publisher, p.category, p.class, p.family, p.edition, p.version, p.origin, p.created_at, p.updated_at, p.retired_at,
			(SELECT COUNT(DISTINCT r.version) FROM releases r WHERE r.product_id = p.id AND r.devices > 0), ` + devices,
		Scan: func(p *ProductRow) []any {
			return []any{
				&p.ID, &p.Key, &p.Name, &p.Publisher, &p.Category, &p.Class, &p.Family, &p.Edition, &p.Version, &p.Origin,
				&p.CreatedAt, &p.UpdatedAt, &p.RetiredAt, &p.Versions, &p.Held,
			}
		},
		From: from,
		ID:   "p.id", IDKind: list.UUID,
		Default: "-devices",
		Search: func(text string) list.Clause {
			var each []list.Clause
			for word := range strings.FieldsSeq(text) {
				each = append(each, list.Any(list.Contains("p.name", word), list.Contains("p.publisher", word), list.Contains("p.key", word)))
			}
			return list.All(each...)
		},
		Columns: []list.Column[ProductRow]{
			{Field: list.Field{Key: "product", SQL: "p.name", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: func(p ProductRow) any { return p.Name }},
			{Field: list.Field{Key: "publisher", SQL: "p.publisher", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: func(p ProductRow) any { return p.Publisher }},
			{Field: list.Field{Key: "category", SQL: "p.category", Kind: list.Enum, Values: Categories(), Sortable: true, Filterable: true, Shown: true}, Value: func(p ProductRow) any { return p.Category }},
			{Field: list.Field{Key: "licence", SQL: "p.class", Kind: list.Enum, Values: texts(Licences()), Filterable: true, Shown: true}, Value: func(p ProductRow) any { return string(p.Class) }},
			{Field: list.Field{Key: "versions", Kind: list.Number, Shown: true}, Value: func(p ProductRow) any { return p.Versions }},
			{Field: list.Field{Key: "devices", SQL: devices, Kind: list.Number, Sortable: true, Filterable: true, Shown: true}, Value: func(p ProductRow) any { return p.Held }},
			{Field: list.Field{Key: "origin", SQL: "p.origin", Kind: list.Enum, Values: texts(origins()), Filterable: true}, Value: func(p ProductRow) any { return string(p.Origin) }},
			{Field: list.Field{Key: "key", SQL: "p.key", Kind: list.Text, Sortable: true, Filterable: true}, Value: func(p ProductRow) any { return p.Key }},
			{Field: list.Field{Key: "family", SQL: "p.family", Kind: list.Text, Filterable: true}, Value: func(p ProductRow) any { return p.Family }},
			{Field: list.Field{Key: "edition", SQL: "p.edition", Kind: list.Text, Filterable: true}, Value: func(p ProductRow) any { return p.Edition }},
			{Field: list.Field{Key: "version", SQL: "p.version", Kind: list.Text, Filterable: true}, Value: func(p ProductRow) any { return p.Version }},
		},
	}
}

func origins() []Origin { return []Origin{Bundled, Local} }

func texts[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// quoted writes identifiers as SQL; they are UUIDs and need no escaping.
func quoted(units []identity.UnitID) string {
	if len(units) == 0 {
		return "NULL"
	}
	texts := make([]string, len(units))
	for i, unit := range units {
		texts[i] = "'" + unit.String() + "'"
	}
	return strings.Join(texts, ", ")
}

// inUse keeps to products of the present bundle and to those that some
// release is.
func inUse() list.Clause { return list.Where("p.retired_at IS NULL OR p.devices > 0") }

// Products answers one page of the products. Faults: Invalid, Denied.
func (s *Service) Products(ctx context.Context, q list.Query) (list.Page[ProductRow], error) {
	reach, err := identity.Reach(ctx, identity.ProductsRead)
	if err != nil {
		return list.Page[ProductRow]{}, err
	}
	return list.Run(ctx, s.db, productColumns(reach), q, inUse())
}

// ExportProducts gives all products of a query. Faults as those of Products;
// the actor needs software.export.
func (s *Service) ExportProducts(ctx context.Context, q list.Query) (iter.Seq2[ProductRow, error], error) {
	reach, err := identity.Reach(ctx, identity.SoftwareExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, productColumns(reach), q, inUse()), nil
}

// Product gives one product. Faults: Missing, Denied.
func (s *Service) Product(ctx context.Context, of ProductID) (ProductRow, error) {
	reach, err := identity.Reach(ctx, identity.ProductsRead)
	if err != nil {
		return ProductRow{}, err
	}
	d := productColumns(reach)
	var found ProductRow
	err = s.db.Read(ctx).Raw("SELECT "+d.Select+" FROM "+d.From+" WHERE p.id = ?", of).Row().Scan(d.Scan(&found)...)
	switch {
	case store.Missing(err):
		return ProductRow{}, fault.NewMissing("product")
	case err != nil:
		return ProductRow{}, fmt.Errorf("read product %s: %w", of, err)
	}
	return found, nil
}

// Choice is a product that a form offers.
type Choice struct {
	ID   ProductID
	Key  string
	Name string
}

// Choices lists the products that rules can name, by name. Fault: Denied.
func (s *Service) Choices(ctx context.Context) ([]Choice, error) {
	if err := identity.Allow(ctx, identity.ProductsRead); err != nil {
		return nil, err
	}
	var choices []Choice
	err := s.db.Read(ctx).Table("products").Select("id, key, name").Where("retired_at IS NULL").Order("name, id").Scan(&choices).Error
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	return choices, nil
}

// CountedAt tells when the devices of each product were last counted; the zero
// time is never.
func (s *Service) CountedAt(ctx context.Context) (time.Time, error) {
	var found []time.Time
	if err := s.db.Read(ctx).Table("count_runs").Where("name = ?", CountRun).Pluck("counted_at", &found).Error; err != nil {
		return time.Time{}, fmt.Errorf("read when products were counted: %w", err)
	}
	if len(found) == 0 {
		return time.Time{}, nil
	}
	return found[0], nil
}

// Release is a release that is held to be a product.
type Release struct {
	Key          software.Key
	TitleID      software.TitleID
	Title        string
	Publisher    string
	Source       string
	Version      string
	Edition      string
	Arch         string
	Devices      int64 // in the units that the reader sees
	Class        Class
	Product      ProductID
	ProductName  string
	Rule         RuleID
	RuleName     string
	RuleOrigin   Origin
	RulesVersion string
	Rival        RuleID // rule that has as good a claim and says otherwise
}

// ReleaseColumns is the list of the releases that are one product.
func ReleaseColumns(ctx context.Context) *list.Definition[Release] {
	return releaseList(identity.ActorOf(ctx).Reach(identity.ProductsRead))
}

func releaseList(reach identity.Scope) *list.Definition[Release] {
	devices := "r.devices"
	if !reach.All {
		devices = "(SELECT COUNT(*) FROM installations i JOIN devices d ON d.id = i.device_id WHERE i.release_id = r.id AND d.unit_id IN (" + quoted(reach.Units) + "))"
	}
	text := func(key, sql string, value func(Release) any) list.Column[Release] {
		return list.Column[Release]{Field: list.Field{Key: key, SQL: sql, Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: value}
	}
	return &list.Definition[Release]{
		Name: "releases",
		Select: `r.id, t.uid, t.name, t.publisher, t.source, r.version, r.edition, r.arch, ` + devices + `,
			r.class, r.product_id, p.name, r.rule_id, u.name, u.origin, r.rules_version, r.rival_id`,
		Scan: func(r *Release) []any {
			return []any{
				&r.Key, &r.TitleID, &r.Title, &r.Publisher, &r.Source, &r.Version, &r.Edition, &r.Arch, &r.Devices,
				list.Blank((*string)(&r.Class)), &r.Product, list.Blank(&r.ProductName),
				&r.Rule, list.Blank(&r.RuleName), list.Blank((*string)(&r.RuleOrigin)), list.Blank(&r.RulesVersion), &r.Rival,
			}
		},
		From: "releases r JOIN titles t ON t.id = r.title_id LEFT JOIN recognition_rules u ON u.id = r.rule_id LEFT JOIN products p ON p.id = r.product_id",
		ID:   "r.id", IDKind: list.Number,
		Default: "-devices",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("t.name", text), list.Contains("r.version", text))
		},
		Columns: []list.Column[Release]{
			text("title", "t.name", func(r Release) any { return r.Title }),
			text("version", "r.version", func(r Release) any { return r.Version }),
			text("edition", "r.edition", func(r Release) any { return r.Edition }),
			text("arch", "r.arch", func(r Release) any { return r.Arch }),
			text("source", "t.source", func(r Release) any { return r.Source }),
			{Field: list.Field{Key: "devices", SQL: devices, Kind: list.Number, Sortable: true, Filterable: true, Shown: true}, Value: func(r Release) any { return r.Devices }},
			{Field: list.Field{Key: "product", SQL: "p.name", Kind: list.Text, Filterable: true, Nullable: true}, Value: func(r Release) any { return r.ProductName }},
			{Field: list.Field{Key: "rule", SQL: "u.name", Kind: list.Text, Filterable: true, Shown: true, Nullable: true, Match: byRule}, Value: func(r Release) any { return r.RuleName }},
			{Field: list.Field{Key: "rules_version", SQL: "r.rules_version", Kind: list.Text, Filterable: true, Nullable: true}, Value: func(r Release) any { return r.RulesVersion }},
		},
	}
}

// byRule finds releases by a part of the name of their rule, or by its
// identifier.
func byRule(value string) list.Clause {
	if rule, err := uuid.Parse(value); err == nil {
		return list.Where("r.rule_id = ?", rule.String())
	}
	return list.Contains("u.name", value)
}

// Releases answers one page of the releases that are a product. Faults:
// Missing, Invalid, Denied.
func (s *Service) Releases(ctx context.Context, of ProductID, q list.Query) (list.Page[Release], error) {
	reach, err := identity.Reach(ctx, identity.ProductsRead)
	if err != nil {
		return list.Page[Release]{}, err
	}
	if _, err := s.Product(ctx, of); err != nil {
		return list.Page[Release]{}, err
	}
	return list.Run(ctx, s.db, releaseList(reach), q, list.Where("r.product_id = ? AND r.devices > 0", of))
}

// Decided answers one page of the releases that a rule decides about and some
// device has. Faults: Invalid, Denied.
func (s *Service) Decided(ctx context.Context, by RuleID, q list.Query) (list.Page[Release], error) {
	reach, err := identity.Reach(ctx, identity.ProductsRead)
	if err != nil {
		return list.Page[Release]{}, err
	}
	return list.Run(ctx, s.db, releaseList(reach), q, list.Where("r.rule_id = ? AND r.devices > 0", by))
}
