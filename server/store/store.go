// Package store opens the database, PostgreSQL or SQLite, and runs
// transactions on it. It owns connections, settings, retries and migrations,
// and knows no domain.
//
// Reads go through Read, writes through Tx and nothing else. Ordinary use
// cases use GORM; hot paths write set-based SQL on the same connection, and
// on PostgreSQL reach pgx through Tx.Postgres for COPY and arrays.
//
// Times are UTC and whole microseconds on both databases, so that what is read
// back equals what was written.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Dialect is the kind of database.
type Dialect string

// The databases that Holdfast runs on.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Options are what a database needs besides its address.
type Options struct {
	Log *slog.Logger
	Now func() time.Time // time.Now unless a test says otherwise
}

// DB is an open database. Use New to make one; it is safe for concurrent use.
type DB struct {
	dialect Dialect
	url     string
	reader  *gorm.DB
	writer  *gorm.DB // the same as reader on PostgreSQL
	log     *slog.Logger
	now     func() time.Time
	room    uintptr // what keepRoom holds on to
}

// Open connects to the database at url: "sqlite:PATH" or "postgres://...". It
// does not migrate.
func Open(ctx context.Context, url string, options Options) (*DB, error) {
	db := &DB{url: url, log: options.Log, now: options.Now}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if db.now == nil {
		db.now = time.Now
	}
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		db.dialect = SQLite
		err = db.openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		db.dialect = Postgres
		err = db.openPostgres(ctx, url)
	default:
		err = fmt.Errorf("open database: the address must start with sqlite: or postgres://")
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Dialect tells which kind of database this is.
func (db *DB) Dialect() Dialect { return db.dialect }

// Now is the present time as the database keeps it.
func (db *DB) Now() time.Time { return db.now().UTC().Truncate(time.Microsecond) }

// Read gives a handle for reading. Nothing may be written through it.
func (db *DB) Read(ctx context.Context) *gorm.DB { return db.reader.WithContext(ctx) }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	pool, err := db.reader.DB()
	if err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	if err := pool.PingContext(ctx); err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	return nil
}

// Close closes all connections. It may be called more than once.
func (db *DB) Close() error {
	for _, handle := range []*gorm.DB{db.reader, db.writer} {
		pool, err := handle.DB()
		if err != nil {
			return fmt.Errorf("close database: %w", err)
		}
		if err := pool.Close(); err != nil {
			return fmt.Errorf("close database: %w", err)
		}
	}
	db.giveRoomBack()
	return nil
}

// Stats gives the state of the reader and the writer pool, for /metrics.
func (db *DB) Stats() (reader, writer sql.DBStats) {
	if pool, err := db.reader.DB(); err == nil {
		reader = pool.Stats()
	}
	if pool, err := db.writer.DB(); err == nil {
		writer = pool.Stats()
	}
	return reader, writer
}

func (db *DB) config() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		NowFunc:                db.Now,
		Logger:                 logger.Discard,
		PrepareStmt:            false, // both drivers keep prepared statements themselves
	}
}
