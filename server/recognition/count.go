package recognition

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"holdfast/server/store"
)

// CountRun is the name of our row in count_runs, which says as of when the
// counts are true.
const CountRun = "products"

// Count counts anew which product is on how many devices of each unit: set by
// set, and written only where it differs, as package software counts titles.
func (s *Service) Count(ctx context.Context) error {
	const query = `SELECT CAST(coalesce(n.product_id, c.product_id) AS text), CAST(coalesce(n.unit_id, c.unit_id) AS text), coalesce(n.devices, 0)
		FROM (
			SELECT product_id, unit_id, count(*) AS devices FROM (
				SELECT DISTINCT r.product_id, d.unit_id, i.device_id
				FROM releases r JOIN installations i ON i.release_id = r.id JOIN devices d ON d.id = i.device_id
				WHERE r.product_id IS NOT NULL
			) each_device GROUP BY product_id, unit_id
		) n
		FULL JOIN product_counts c ON c.product_id = n.product_id AND c.unit_id = n.unit_id
		WHERE coalesce(n.devices, 0) <> coalesce(c.devices, 0)
		ORDER BY 1, 2`
	began, started := s.db.Now(), time.Now()
	var products, units []string
	var devices []int32
	rows, err := s.db.Read(ctx).Raw(query).Rows()
	if err != nil {
		return fmt.Errorf("count products: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has the error of reading
	for rows.Next() {
		var product, unit string
		var count int32
		if err := rows.Scan(&product, &unit, &count); err != nil {
			return fmt.Errorf("count products: %w", err)
		}
		products, units, devices = append(products, product), append(units, unit), append(devices, count)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("count products: %w", err)
	}
	took := time.Since(started)
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := saveCounts(tx, products, units, devices); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO count_runs (name, counted_at, took_ms) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET counted_at = excluded.counted_at, took_ms = excluded.took_ms`,
			CountRun, began, took.Milliseconds()).Error
	})
	if err != nil {
		return fmt.Errorf("save product counts: %w", err)
	}
	return nil
}

func saveCounts(tx *store.Tx, products, units []string, devices []int32) error {
	if len(products) == 0 {
		return nil
	}
	err := tx.InsertRows("product_counts", "ON CONFLICT (product_id, unit_id) DO UPDATE SET devices = excluded.devices",
		store.Col("product_id", products).As("uuid"), store.Col("unit_id", units).As("uuid"), store.Col("devices", devices))
	if err != nil {
		return err
	}
	if err := tx.Exec("DELETE FROM product_counts WHERE devices = 0").Error; err != nil {
		return err
	}
	// There are few products beside titles: all sums are compared.
	var ids []string
	var sums []int32
	err = tx.EachRow(`SELECT CAST(p.id AS text), coalesce(n.devices, 0) FROM products p
		LEFT JOIN (SELECT product_id, SUM(devices) AS devices FROM product_counts GROUP BY product_id) n ON n.product_id = p.id
		WHERE p.devices <> coalesce(n.devices, 0) ORDER BY 1`, nil, func(rows *sql.Rows) error {
		var product string
		var sum int32
		err := rows.Scan(&product, &sum)
		ids, sums = append(ids, product), append(sums, sum)
		return err
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	return tx.UpdateRows("products", 1, store.Col("id", ids).As("uuid"), store.Col("devices", sums))
}
