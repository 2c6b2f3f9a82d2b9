package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// Tx is one transaction. Its DB writes and reads inside it.
type Tx struct {
	*gorm.DB
	Now time.Time // fixed for the whole transaction

	dialect   Dialect
	conn      *sql.Conn
	committed []func()
}

// Dialect tells which kind of database this is.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// OnCommit has then called once the transaction is committed, and never when it
// is not: to wake who waits for what it wrote. It must not fail or block.
func (tx *Tx) OnCommit(then func()) { tx.committed = append(tx.committed, then) }

// Tx runs work in one transaction and commits it; when work returns an error
// nothing of it stays. On PostgreSQL work runs again, up to five times, when
// the database gave it up for the sake of another (a deadlock or a
// serialisation failure), so it must not do anything but database work.
func (db *DB) Tx(ctx context.Context, work func(tx *Tx) error) error {
	const tries = 5
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, work)
		if err == nil || attempt == tries || !worthRetry(err) {
			return err
		}
		db.log.DebugContext(ctx, "transaction retried", "attempt", attempt, "error", err)
		pause := time.Duration(attempt) * (5 + time.Duration(rand.IntN(15))) * time.Millisecond
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

func (db *DB) once(ctx context.Context, work func(tx *Tx) error) (err error) {
	pool, err := db.writer.DB()
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() {
		if closing := conn.Close(); closing != nil && !errors.Is(closing, sql.ErrConnDone) {
			err = errors.Join(err, fmt.Errorf("end transaction: %w", closing))
		}
	}()
	begun, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	done := false
	defer func() {
		if !done { // an error or a panic
			if undo := begun.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
				err = errors.Join(err, fmt.Errorf("roll back: %w", undo))
			}
		}
	}()

	handle := db.writer.Session(&gorm.Session{NewDB: true, Context: ctx, SkipDefaultTransaction: true})
	handle.Statement.ConnPool = begun
	tx := &Tx{DB: handle, Now: db.Now(), dialect: db.dialect, conn: conn}
	if err := work(tx); err != nil {
		return err
	}
	done = true
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, then := range tx.committed {
		then()
	}
	return nil
}

// Postgres lends the pgx connection of this transaction, for what only pgx
// does: COPY, arrays, batches. It must not be kept.
func (tx *Tx) Postgres(work func(conn *pgx.Conn) error) error {
	return tx.conn.Raw(func(driver any) error {
		connection, is := driver.(*stdlib.Conn)
		if !is {
			return fmt.Errorf("reach pgx: the driver is %T", driver)
		}
		return work(connection.Conn())
	})
}

// Missing reports whether err says that no row was found.
func Missing(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows)
}

// Duplicate reports whether err says that a unique key is taken.
func Duplicate(err error) bool {
	var failure *pgconn.PgError
	return errors.Is(err, gorm.ErrDuplicatedKey) || errors.As(err, &failure) && failure.Code == "23505"
}

// worthRetry reports whether PostgreSQL gave the transaction up for the sake
// of another: serialization_failure and deadlock_detected.
func worthRetry(err error) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && (failure.Code == "40001" || failure.Code == "40P01")
}
