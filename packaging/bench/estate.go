package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest/cluster"
)

func measureEstateSQLite(ctx context.Context, p plan, t *table) (err error) {
	folder, err := os.MkdirTemp("", "hfestate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	return measureEstate(ctx, p, t, "sqlite:"+filepath.Join(folder, "holdfast.db"))
}

func measureEstatePostgres(ctx context.Context, p plan, t *table) (err error) {
	server, err := cluster.Start(ctx, cluster.Options{Durable: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	return measureEstate(ctx, p, t, server.URL("postgres"))
}

// measureEstate asks for pages and lists of an estate of the full size, which
// is written straight into the database, and says what the server at rest
// takes then.
func measureEstate(ctx context.Context, p plan, t *table, url string) (err error) {
	began := time.Now()
	if err := fill(ctx, p, url); err != nil {
		return err
	}
	t.figure("devices", float64(p.estate), "")
	t.figure("installations", float64(p.estate*p.titles), "")
	t.figure("making them", time.Since(began).Seconds(), "s")
	started := time.Now()
	s, err := startServer(ctx, p, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	db, err := store.Open(ctx, url, store.Options{Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// What a server counts when it starts is behind it.
	if err := await(ctx, db, "SELECT count(*) FROM count_runs WHERE name = 'software' AND counted_at >= ?", started.UTC()); err != nil {
		return err
	}
	if err := measurePages(ctx, t, s); err != nil {
		return err
	}
	select { // Go gives memory back after a collection, of which a program at rest has one in two minutes
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Minute):
	}
	now, peak, err := memoryOf(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	t.atMost("server at rest, resident memory", now, 250, "MiB")
	t.figure("server, peak memory", peak, "MiB")
	return nil
}

// fill makes the estate in a new database.
func fill(ctx context.Context, p plan, url string) (err error) {
	db, err := store.Open(ctx, url, store.Options{Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	return inventorytest.Fill(ctx, db, inventorytest.Size{Devices: p.estate, Titles: 20_000, Each: p.titles, Changes: 10})
}
