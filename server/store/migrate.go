package store

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"holdfast/migrations"
)

// Migrate brings the schema to the newest step and returns how many steps it
// took. Several servers may call it at once: one works, the others wait.
func (db *DB) Migrate(ctx context.Context) (steps int, err error) {
	dialect, files := goose.DialectSQLite3, fs.FS(migrations.SQLite)
	options := []goose.ProviderOption{}
	if db.dialect == Postgres {
		dialect, files = goose.DialectPostgres, migrations.Postgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return 0, fmt.Errorf("prepare migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	folder, err := fs.Sub(files, string(db.dialect))
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	pool, err := db.writer.DB()
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(dialect, pool, folder, options...)
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}
