// Package storetest gives tests real databases of both kinds: each test gets
// one of its own with the present schema and nothing in it, copied from a
// template that is migrated once. PostgreSQL is started from the installed
// programs (package cluster), once for a whole "make test" and otherwise once
// for each test binary. A missing PostgreSQL fails the test: nothing is
// skipped.
package storetest

import (
	"log/slog"
	"testing"
	"time"

	"holdfast/server/store"
)

// Each runs the test on SQLite and on PostgreSQL, each with a fresh database.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, dialect := range Dialects() {
		t.Run(string(dialect), func(t *testing.T) { test(t, Open(t, dialect)) })
	}
}

// Dialects lists the kinds of database that every test must pass on.
func Dialects() []store.Dialect { return []store.Dialect{store.SQLite, store.Postgres} }

// Open gives a fresh database of one kind by the present schema; it is closed
// and removed at the end of the test.
func Open(t *testing.T, dialect store.Dialect) *store.DB {
	t.Helper()
	return OpenURL(t, URL(t, dialect))
}

// OpenURL opens a database that URL or Blank gave; it is closed at the end of
// the test.
func OpenURL(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}

// URL gives the address of a fresh database by the present schema, for tests
// that start a whole server on it; it is removed at the end of the test.
func URL(t *testing.T, dialect store.Dialect) string {
	t.Helper()
	if dialect == store.Postgres {
		return postgresURL(t, templated)
	}
	return sqliteURL(t, templated)
}

// Blank gives the address of a fresh database without any schema, for tests
// of the migrations themselves; it is removed at the end of the test.
func Blank(t *testing.T, dialect store.Dialect) string {
	t.Helper()
	if dialect == store.Postgres {
		return postgresURL(t, blank)
	}
	return sqliteURL(t, blank)
}

func options() store.Options {
	return store.Options{Log: slog.New(slog.DiscardHandler), Now: time.Now}
}

// content is what a fresh database starts with.
type content int

const (
	blank content = iota
	templated
)
