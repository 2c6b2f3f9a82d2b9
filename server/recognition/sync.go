package recognition

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/store"
	"holdfast/shared/id"
)

// Sync brings the bundle of this program into the database, unless it is
// there, and says anew what every release is. What is no longer in the bundle
// is retired. Products keep their identifiers, whoever made them first.
func (s *Service) Sync(ctx context.Context) error { return s.sync(ctx, TheBundle()) }

func (s *Service) sync(ctx context.Context, bundle *Bundle) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		present, err := find(tx, forChange)
		if err != nil || present.BundleHash == bundle.hash {
			return err
		}
		if err := bundle.saveProducts(tx); err != nil {
			return err
		}
		if err := bundle.saveRules(tx); err != nil {
			return err
		}
		present.BundleVersion, present.BundleHash = bundle.Version, bundle.hash
		if err := present.save(tx); err != nil {
			return err
		}
		return s.recognise(tx, present)
	})
	if err != nil {
		return fmt.Errorf("bring in the recognition bundle %s: %w", bundle.Version, err)
	}
	return nil
}

func (b *Bundle) saveProducts(tx *store.Tx) error {
	if err := tx.Exec("UPDATE products SET retired_at = ? WHERE origin = ? AND retired_at IS NULL", tx.Now, Bundled).Error; err != nil {
		return fmt.Errorf("retire products: %w", err)
	}
	texts := func(of func(Product) string) []string {
		values := make([]string, len(b.Products))
		for i, product := range b.Products {
			values[i] = of(product)
		}
		return values
	}
	now := make([]time.Time, len(b.Products))
	for i := range now {
		now[i] = tx.Now
	}
	// What is local and now comes with the bundle becomes the bundle's.
	err := tx.InsertRows("products", `ON CONFLICT (key) DO UPDATE SET name = excluded.name, publisher = excluded.publisher,
			category = excluded.category, class = excluded.class, family = excluded.family, edition = excluded.edition,
			version = excluded.version, origin = excluded.origin, updated_at = excluded.updated_at, retired_at = NULL`,
		store.Col("id", texts(func(Product) string { return id.New[Product]().String() })).As("uuid"),
		store.Col("key", texts(func(p Product) string { return p.Key })),
		store.Col("name", texts(func(p Product) string { return p.Name })),
		store.Col("publisher", texts(func(p Product) string { return p.Publisher })),
		store.Col("category", texts(func(p Product) string { return p.Category })),
		store.Col("class", texts(func(p Product) string { return string(p.Class) })),
		store.Col("family", texts(func(p Product) string { return p.Family })),
		store.Col("edition", texts(func(p Product) string { return p.Edition })),
		store.Col("version", texts(func(p Product) string { return p.Version })),
		store.Col("origin", texts(func(Product) string { return string(Bundled) })),
		store.Col("created_at", now), store.Col("updated_at", now))
	if err != nil {
		return fmt.Errorf("store products: %w", err)
	}
	return nil
}

func (b *Bundle) saveRules(tx *store.Tx) error {
	if err := tx.Exec("UPDATE recognition_rules SET retired_at = ? WHERE origin = ? AND retired_at IS NULL", tx.Now, Bundled).Error; err != nil {
		return fmt.Errorf("retire rules: %w", err)
	}
	texts := func(of func(Rule) string) []string {
		values := make([]string, len(b.Rules))
		for i, rule := range b.Rules {
			values[i] = of(rule)
		}
		return values
	}
	now, priorities := make([]time.Time, len(b.Rules)), make([]int, len(b.Rules))
	for i, rule := range b.Rules {
		now[i], priorities[i] = tx.Now, rule.Priority
	}
	// Its identifier says what a bundled rule says: only the note can differ.
	err := tx.InsertRows("recognition_rules", `ON CONFLICT (id) DO UPDATE SET note = excluded.note,
			bundle_version = excluded.bundle_version, retired_at = NULL`,
		store.Col("id", texts(func(r Rule) string { return r.ID.String() })).As("uuid"),
		store.Col("origin", texts(func(r Rule) string { return string(r.Origin) })),
		store.Col("match", texts(func(r Rule) string { return string(r.Match) })),
		store.Col("name", texts(func(r Rule) string { return r.Name })),
		store.Col("publisher", texts(func(r Rule) string { return r.Publisher })),
		store.Col("sources", texts(func(r Rule) string { return r.Sources })),
		store.Col("version_from", texts(func(r Rule) string { return r.VersionFrom })),
		store.Col("version_until", texts(func(r Rule) string { return r.VersionUntil })),
		store.Col("edition", texts(func(r Rule) string { return r.Edition })),
		store.Col("class", texts(func(r Rule) string { return string(r.Class) })),
		store.Col("product", texts(func(r Rule) string { return r.Product })),
		store.Col("priority", priorities),
		store.Col("note", texts(func(r Rule) string { return r.Note })),
		store.Col("bundle_version", texts(func(r Rule) string { return r.BundleVersion })),
		store.Col("created_at", now), store.Col("updated_at", now),
		store.Col("updated_by", texts(func(r Rule) string { return "Holdfast " + r.BundleVersion })))
	if err != nil {
		return fmt.Errorf("store rules: %w", err)
	}
	return nil
}
