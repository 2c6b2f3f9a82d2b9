package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"modernc.org/libc"
	"modernc.org/sqlite"
)

// sqliteSettings are the pragmas of every connection. The time to wait for a
// lock comes first, since the others may already need it.
func sqliteSettings() []string {
	return []string{
		"busy_timeout(10000)",
		"journal_mode(WAL)",
		"synchronous(FULL)", // an acknowledgement means that the data is on disk
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		"cache_size(-32000)",
		"mmap_size(268435456)",
		"wal_autocheckpoint(20000)",
	}
}

func (db *DB) openSQLite(ctx context.Context, path string) error {
	if path == "" {
		return errors.New("open database: sqlite: needs the path of a file")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	db.keepRoom()
	query := url.Values{
		"_pragma":              sqliteSettings(),
		"_time_integer_format": {"unix_micro"},
		"_inttotime":           {"1"},
		"_txlock":              {"immediate"},
	}
	address := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()

	// SQLite has one writer. A pool of one connection makes writers queue here,
	// in order, instead of failing on a lock; readers never wait for them.
	var err error
	if db.writer, err = db.sqlitePool(ctx, address, 1); err != nil {
		return err
	}
	if db.reader, err = db.sqlitePool(ctx, address, max(4, runtime.NumCPU())); err != nil {
		return err
	}
	return nil
}

// keepRoom holds on to a block of memory of the size that SQLite takes and
// gives back whenever it splits a page. Its allocator asks the system for
// memory, and gives it back, when no other block of that size is in use, which
// would be half the work of a split.
func (db *DB) keepRoom() {
	const size = 16 << 10
	tls := libc.NewTLS()
	defer tls.Close()
	db.room = libc.Xmalloc(tls, size)
}

func (db *DB) giveRoomBack() {
	tls := libc.NewTLS()
	defer tls.Close()
	libc.Xfree(tls, db.room)
	db.room = 0 // which is nothing to free
}

func (db *DB) sqlitePool(ctx context.Context, address string, size int) (*gorm.DB, error) {
	pool, err := sql.Open("sqlite", address)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), pool.Close())
	}
	handle, err := gorm.Open(sqliteDialector{gormsqlite.New(gormsqlite.Config{Conn: pool})}, db.config())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return handle, nil
}

// sqliteDialector is GORM's dialect over the pure Go driver, whose errors
// GORM's own translation does not know.
type sqliteDialector struct{ gorm.Dialector }

// SQLite's extended result codes (sqlite.org/rescode.html).
const (
	constraintForeignKey = 787
	constraintPrimaryKey = 1555
	constraintUnique     = 2067
)

// Translate implements gorm.ErrorTranslator.
func (sqliteDialector) Translate(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code() {
	case constraintPrimaryKey, constraintUnique:
		return errors.Join(gorm.ErrDuplicatedKey, err)
	case constraintForeignKey:
		return errors.Join(gorm.ErrForeignKeyViolated, err)
	}
	return err
}
