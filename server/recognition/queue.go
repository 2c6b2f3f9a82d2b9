package recognition

import (
	"context"
	"fmt"
	"iter"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/software"
	"holdfast/server/store"
)

// Waiting is a title in the queue: some device has a release of it that no
// rule catches.
type Waiting struct {
	Key       software.Key
	ID        software.TitleID
	Name      string
	Publisher string
	Source    string
	Versions  int64 // that nobody knows
	Devices   int64 // that have the title, as last counted
	FirstSeen time.Time
}

// QueueColumns is the list of titles that no rule catches.
func QueueColumns() *list.Definition[Waiting] {
	return &list.Definition[Waiting]{
		Name: "unrecognised",
		Select: `t.id, t.uid, t.name, t.publisher, t.source, (SELECT COUNT(DISTINCT r.version) FROM releases r
			WHERE r.title_id = t.id AND r.class IS NULL AND r.devices > 0), t.devices, t.first_seen_at`,
		Scan: func(w *Waiting) []any {
			return []any{&w.Key, &w.ID, &w.Name, &w.Publisher, &w.Source, &w.Versions, &w.Devices, &w.FirstSeen}
		},
		From: "titles t",
		ID:   "t.id", IDKind: list.Number,
		Default: "-devices",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("t.name", text), list.Contains("t.publisher", text))
		},
		Columns: []list.Column[Waiting]{
			{Field: list.Field{Key: "title", SQL: "t.name", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: func(w Waiting) any { return w.Name }},
			{Field: list.Field{Key: "publisher", SQL: "t.publisher", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, Value: func(w Waiting) any { return w.Publisher }},
			{Field: list.Field{Key: "source", SQL: "t.source", Kind: list.Enum, Filterable: true, Shown: true}, Value: func(w Waiting) any { return w.Source }},
			{Field: list.Field{Key: "versions", Kind: list.Number, Shown: true}, Value: func(w Waiting) any { return w.Versions }},
			{Field: list.Field{Key: "devices", SQL: "t.devices", Kind: list.Number, Sortable: true, Filterable: true, Shown: true}, Value: func(w Waiting) any { return w.Devices }},
			{Field: list.Field{Key: "first_seen", SQL: "t.first_seen_at", Kind: list.Time, Sortable: true, Filterable: true, Shown: true}, Value: func(w Waiting) any { return w.FirstSeen }},
		},
	}
}

// waits keeps to titles that some device has in a release that nobody knows.
func waits() list.Clause {
	return list.Where("EXISTS (SELECT 1 FROM releases r WHERE r.title_id = t.id AND r.class IS NULL AND r.devices > 0)")
}

// Queue answers one page of the titles that no rule catches. Faults: Invalid,
// Denied.
func (s *Service) Queue(ctx context.Context, q list.Query) (list.Page[Waiting], error) {
	if err := mayManage(ctx); err != nil {
		return list.Page[Waiting]{}, err
	}
	return list.Run(ctx, s.db, QueueColumns(), q, waits())
}

// CountQueue tells how many titles no rule catches. Fault: Denied.
func (s *Service) CountQueue(ctx context.Context) (count int, err error) {
	if err := mayManage(ctx); err != nil {
		return 0, err
	}
	err = s.db.Read(ctx).Raw("SELECT COUNT(DISTINCT title_id) FROM releases WHERE class IS NULL AND devices > 0").Row().Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count titles that nobody knows: %w", err)
	}
	return count, nil
}

// ExportQueue gives all titles of a query that no rule catches. Faults as
// those of Queue.
func (s *Service) ExportQueue(ctx context.Context, q list.Query) (iter.Seq2[Waiting, error], error) {
	if err := mayManage(ctx); err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, QueueColumns(), q, waits()), nil
}

// Shares tells how much of what devices have is recognised.
type Shares struct {
	Installations int64 // all there are
	Known         int64 // of products
	Sorted        int64 // out of sight: parts, and what is ignored
	Titles        int64 // in the queue
	Conflicts     int64 // releases about which two rules disagree
}

// Unknown are the installations of what nobody knows.
func (s Shares) Unknown() int64 { return s.Installations - s.Known - s.Sorted }

// Shares counts over all of the organisation. Fault: Denied.
func (s *Service) Shares(ctx context.Context) (Shares, error) {
	if err := mayManage(ctx); err != nil {
		return Shares{}, err
	}
	var found Shares
	err := s.db.Read(ctx).Raw(`SELECT coalesce(sum(r.devices), 0),
		coalesce(sum(CASE WHEN r.class = ? THEN r.devices END), 0), coalesce(sum(CASE WHEN r.class <> ? THEN r.devices END), 0),
		count(DISTINCT CASE WHEN r.class IS NULL THEN r.title_id END), count(r.rival_id)
		FROM releases r WHERE r.devices > 0`, IsProduct, IsProduct).Row().
		Scan(&found.Installations, &found.Known, &found.Sorted, &found.Titles, &found.Conflicts)
	if err != nil {
		return Shares{}, fmt.Errorf("count what is recognised: %w", err)
	}
	return found, nil
}

// RuleRow is a rule as lists show it.
type RuleRow struct {
	Rule
	ProductID   ProductID // of one product, where the rule names one
	ProductName string
	Releases    int64 // that it decides about and some device has
	Conflicts   int64 // of these, those about which another rule says otherwise
}

// RuleColumns is the list of the rules that are in force.
func RuleColumns() *list.Definition[RuleRow] {
	column := func(field list.Field, value func(RuleRow) any) list.Column[RuleRow] {
		field.Filterable = true
		return list.Column[RuleRow]{Field: field, Value: value}
	}
	const releases = "(SELECT COUNT(*) FROM releases r WHERE r.rule_id = u.id AND r.devices > 0)"
	const conflicts = "(SELECT COUNT(*) FROM releases r WHERE r.rule_id = u.id AND r.rival_id IS NOT NULL AND r.devices > 0)"
	return &list.Definition[RuleRow]{
		Name: "rules",
		Select: `u.id, u.origin, u.match, u.name, u.publisher, u.sources, u.version_from, u.version_until, u.edition, u.arch, u.class,
			u.product, u.priority, u.note, u.bundle_version, u.before, u.created_at, u.updated_at, u.updated_by, u.retired_at,
			p.id, p.name, ` + releases + ", " + conflicts,
		Scan: func(r *RuleRow) []any {
			return []any{
				&r.ID, &r.Origin, &r.Match, &r.Name, &r.Publisher, &r.Sources, &r.VersionFrom, &r.VersionUntil, &r.Edition, &r.Arch, &r.Class,
				&r.Product, &r.Priority, &r.Note, &r.BundleVersion, &r.Before, &r.CreatedAt, &r.UpdatedAt, &r.UpdatedBy, &r.RetiredAt,
				&r.ProductID, list.Blank(&r.ProductName), &r.Releases, &r.Conflicts,
			}
		},
		From: "recognition_rules u LEFT JOIN products p ON p.key = u.product",
		ID:   "u.id", IDKind: list.UUID,
		Default: "-updated_at",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("u.name", text), list.Contains("u.publisher", text), list.Contains("u.product", text), list.Contains("p.name", text))
		},
		Columns: []list.Column[RuleRow]{
			column(list.Field{Key: "name", SQL: "u.name", Kind: list.Text, Sortable: true, Shown: true}, func(r RuleRow) any { return r.Name }),
			column(list.Field{Key: "match", SQL: "u.match", Kind: list.Enum, Values: texts(Matches()), Shown: true}, func(r RuleRow) any { return string(r.Match) }),
			column(list.Field{Key: "publisher", SQL: "u.publisher", Kind: list.Text, Shown: true}, func(r RuleRow) any { return r.Publisher }),
			column(list.Field{Key: "sources", SQL: "u.sources", Kind: list.Text}, func(r RuleRow) any { return r.Sources }),
			column(list.Field{Key: "class", SQL: "u.class", Kind: list.Enum, Values: texts(Classes()), Shown: true}, func(r RuleRow) any { return string(r.Class) }),
			column(list.Field{Key: "product", SQL: "u.product", Kind: list.Text, Sortable: true, Shown: true}, func(r RuleRow) any { return r.Product }),
			column(list.Field{Key: "releases", SQL: releases, Kind: list.Number, Shown: true}, func(r RuleRow) any { return r.Releases }),
			column(list.Field{Key: "conflicts", SQL: conflicts, Kind: list.Number}, func(r RuleRow) any { return r.Conflicts }),
			column(list.Field{Key: "origin", SQL: "u.origin", Kind: list.Enum, Values: texts(origins()), Shown: true}, func(r RuleRow) any { return string(r.Origin) }),
			column(list.Field{Key: "priority", SQL: "u.priority", Kind: list.Number}, func(r RuleRow) any { return r.Priority }),
			column(list.Field{Key: "note", SQL: "u.note", Kind: list.Text}, func(r RuleRow) any { return r.Note }),
			column(list.Field{Key: "updated_at", SQL: "u.updated_at", Kind: list.Time, Sortable: true, Shown: true}, func(r RuleRow) any { return r.UpdatedAt }),
			column(list.Field{Key: "updated_by", SQL: "u.updated_by", Kind: list.Text}, func(r RuleRow) any { return r.UpdatedBy }),
		},
	}
}

// Rules answers one page of the rules that are in force. Faults: Invalid,
// Denied.
func (s *Service) Rules(ctx context.Context, q list.Query) (list.Page[RuleRow], error) {
	if err := mayManage(ctx); err != nil {
		return list.Page[RuleRow]{}, err
	}
	return list.Run(ctx, s.db, RuleColumns(), q, list.Where("u.retired_at IS NULL"))
}

// ExportRules gives all rules of a query that are in force. Faults as those of
// Rules.
func (s *Service) ExportRules(ctx context.Context, q list.Query) (iter.Seq2[RuleRow, error], error) {
	if err := mayManage(ctx); err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, RuleColumns(), q, list.Where("u.retired_at IS NULL")), nil
}

// Rule gives one rule, in force or not. Who may see products may see why
// something is one. Faults: Missing, Denied.
func (s *Service) Rule(ctx context.Context, of RuleID) (RuleRow, error) {
	if err := identity.Allow(ctx, identity.ProductsRead); err != nil {
		return RuleRow{}, err
	}
	d := RuleColumns()
	var found RuleRow
	err := s.db.Read(ctx).Raw("SELECT "+d.Select+" FROM "+d.From+" WHERE u.id = ?", of).Row().Scan(d.Scan(&found)...)
	switch {
	case store.Missing(err):
		return RuleRow{}, fault.NewMissing("recognition_rule")
	case err != nil:
		return RuleRow{}, fmt.Errorf("read rule %s: %w", of, err)
	}
	return found, nil
}
