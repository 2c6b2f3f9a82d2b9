package device

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/store"
)

// KeepReports is how long the numbers of stored reports are kept: an agent
// that was cut off for longer sends what it has as a new report.
const KeepReports = 30 * 24 * time.Hour

// PruneReports deletes the numbers of reports that were stored long ago. A
// job calls it.
func PruneReports(ctx context.Context, db *store.DB) error {
	before := db.Now().Add(-KeepReports)
	err := db.Tx(ctx, func(tx *store.Tx) error {
		return tx.Exec("DELETE FROM device_reports WHERE stored_at < ?", before).Error
	})
	if err != nil {
		return fmt.Errorf("prune report numbers: %w", err)
	}
	return nil
}

// MakePartitions makes the monthly partitions of the history for this month
// and the next three. A job calls it; SQLite has none. A month whose rows are
// already in the default partition stays there, which costs nothing but size.
func MakePartitions(ctx context.Context, db *store.DB) error {
	if db.Dialect() != store.Postgres {
		return nil
	}
	now := db.Now()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for _, table := range []struct{ name, column string }{{"device_changes", "at"}, {"installations_past", "until"}} {
		for ahead := range 4 {
			from := first.AddDate(0, ahead, 0)
			if err := makePartition(ctx, db, table.name, table.column, from); err != nil {
				return fmt.Errorf("make partition of %s for %s: %w", table.name, from.Format("2006-01"), err)
			}
		}
	}
	return nil
}

func makePartition(ctx context.Context, db *store.DB, table, column string, from time.Time) error {
	name, to := table+from.Format("_2006_01"), from.AddDate(0, 1, 0)
	return db.Tx(ctx, func(tx *store.Tx) error {
		const one = 7062 // any number, the same on every server
		if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", one).Error; err != nil {
			return err
		}
		var there, used bool
		if err := tx.Raw("SELECT to_regclass(?) IS NOT NULL", name).Scan(&there).Error; err != nil || there {
			return err
		}
		err := tx.Raw("SELECT EXISTS (SELECT 1 FROM "+table+"_default WHERE "+column+" >= ? AND "+column+" < ?)", from, to).Scan(&used).Error
		if err != nil || used {
			return err
		}
		if err := tx.Exec("SET LOCAL lock_timeout = '5s'").Error; err != nil { // reports must not queue behind us for long
			return err
		}
		return tx.Exec("CREATE TABLE " + name + " PARTITION OF " + table +
			" FOR VALUES FROM ('" + from.Format(time.DateOnly) + " 00:00:00+00') TO ('" + to.Format(time.DateOnly) + " 00:00:00+00')").Error
	})
}
