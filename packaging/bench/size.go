package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"holdfast/server/store"
)

// The space of each table with its indexes, partitions counted with the table
// that they are part of.
const (
	postgresSizes = `SELECT COALESCE(parent.relname, c.relname) AS name, sum(pg_total_relation_size(c.oid)) AS bytes
		FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY 1 ORDER BY 2 DESC`
	sqliteSizes = `SELECT m.tbl_name AS name, sum(s.pgsize) AS bytes FROM dbstat s JOIN sqlite_master m ON m.name = s.name
		WHERE s.aggregate = TRUE GROUP BY 1 ORDER BY 2 DESC`
)

// measureSize says what a device takes in the database after its first report
// and all that followed from it. PostgreSQL is tidied as it tidies itself.
func measureSize(ctx context.Context, p plan, t *table, s *server, d database) (err error) {
	db, err := store.Open(ctx, d.address(s), store.Options{Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := await(ctx, db, atRest); err != nil {
		return err
	}
	query := sqliteSizes
	if db.Dialect() == store.Postgres {
		query = postgresSizes
		// VACUUM cannot run in a transaction, which is what writing is for.
		if err := db.Read(ctx).Exec("VACUUM").Error; err != nil {
			return fmt.Errorf("tidy the database: %w", err)
		}
	}
	var tables []struct {
		Name  string
		Bytes int64
	}
	if err := db.Read(ctx).Raw(query).Scan(&tables).Error; err != nil {
		return fmt.Errorf("measure the database: %w", err)
	}
	each := func(bytes int64) float64 { return float64(bytes) / float64(p.devices) / 1000 }
	var total int64
	for _, one := range tables {
		total += one.Bytes
	}
	t.atMost("database, per device", each(total), d.budget.kilobytes, "kB")
	const most = 5
	for _, one := range tables[:min(most, len(tables))] {
		t.figure("database, of that "+one.Name, each(one.Bytes), "kB")
	}
	return nil
}
