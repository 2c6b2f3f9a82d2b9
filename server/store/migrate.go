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
	provider, err := db.provider()
	if err != nil {
		return 0, err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Schema gives the step that the schema of the database is at, 0 for none,
// and the newest that this build knows.
func (db *DB) Schema(ctx context.Context) (present, newest int64, err error) {
	provider, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	present, newest, err = provider.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read schema version: %w", err)
	}
	return present, newest, nil
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, files := goose.DialectSQLite3, fs.FS(migrations.SQLite)
	options := []goose.ProviderOption{}
	if db.dialect == Postgres {
		dialect, files = goose.DialectPostgres, migrations.Postgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, fmt.Errorf("prepare migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	folder, err := fs.Sub(files, string(db.dialect))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	pool, err := db.writer.DB()
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(dialect, pool, folder, options...)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}
