package device

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/store"
)

// CountRun is the name of our row in count_runs, which says as of when the
// counts are true.
const CountRun = "devices"

// SystemSQL is the name and version of the operating system of a device d, as
// the index devices_os has it.
const SystemSQL = "TRIM(d.os_name || ' ' || COALESCE(d.os_version, ''))"

// counts is a part of the devices of a unit that are alike.
type counts struct {
	unit, kind, system       string
	devices, restart, update int32
}

// Count counts anew how many devices of each unit are of which kind and run
// which system, and how many of those wait for a restart or for updates that
// mend security. An overview of a hundred thousand devices reads these few
// rows. They are written only where they differ, as package software counts
// titles.
func Count(ctx context.Context, db *store.DB) error {
	const query = `SELECT CAST(coalesce(n.unit_id, c.unit_id) AS text), coalesce(n.kind, c.kind), coalesce(n.system, c.system),
			coalesce(n.devices, 0), coalesce(n.restart, 0), coalesce(n.security, 0)
		FROM (
			SELECT d.unit_id, d.kind, coalesce(` + SystemSQL + `, '') AS system, count(*) AS devices,
				count(CASE WHEN d.restart_required THEN 1 END) AS restart, count(CASE WHEN d.security_updates > 0 THEN 1 END) AS security
			FROM devices d GROUP BY 1, 2, 3
		) n
		FULL JOIN device_counts c ON c.unit_id = n.unit_id AND c.kind = n.kind AND c.system = n.system
		WHERE coalesce(n.devices, 0) <> coalesce(c.devices, 0) OR n.restart <> c.restart OR n.security <> c.security
		ORDER BY 1, 2, 3`
	began, started := db.Now(), time.Now()
	var found []counts
	rows, err := db.Read(ctx).Raw(query).Rows()
	if err != nil {
		return fmt.Errorf("count devices: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has the error of reading
	for rows.Next() {
		var one counts
		if err := rows.Scan(&one.unit, &one.kind, &one.system, &one.devices, &one.restart, &one.update); err != nil {
			return fmt.Errorf("count devices: %w", err)
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("count devices: %w", err)
	}
	took := time.Since(started)
	err = db.Tx(ctx, func(tx *store.Tx) error {
		if err := saveCounts(tx, found); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO count_runs (name, counted_at, took_ms) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET counted_at = excluded.counted_at, took_ms = excluded.took_ms`,
			CountRun, began, took.Milliseconds()).Error
	})
	if err != nil {
		return fmt.Errorf("save counts of devices: %w", err)
	}
	return nil
}

func saveCounts(tx *store.Tx, found []counts) error {
	if len(found) == 0 {
		return nil
	}
	err := tx.InsertRows("device_counts", `ON CONFLICT (unit_id, kind, system) DO UPDATE SET
			devices = excluded.devices, restart = excluded.restart, security = excluded.security`,
		store.ColOf("unit_id", found, func(c *counts) string { return c.unit }).As("uuid"),
		store.ColOf("kind", found, func(c *counts) string { return c.kind }),
		store.ColOf("system", found, func(c *counts) string { return c.system }),
		store.ColOf("devices", found, func(c *counts) int32 { return c.devices }),
		store.ColOf("restart", found, func(c *counts) int32 { return c.restart }),
		store.ColOf("security", found, func(c *counts) int32 { return c.update }))
	if err != nil {
		return err
	}
	return tx.Exec("DELETE FROM device_counts WHERE devices = 0").Error
}
