package app

import (
	"context"
	"fmt"
	"log/slog"

	"holdfast/server/config"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/unit"
)

// OpenStore opens the database for the server and for the command line. A
// blank database gets its schema and the root of the organisation; an older
// schema is refused unless migrate says otherwise, because another server may
// be at work on it.
func OpenStore(ctx context.Context, settings config.Store, organisation string, log *slog.Logger, migrate Migration) (*store.DB, error) {
	db, err := store.Open(ctx, settings.URL(), store.Options{Log: log})
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, db, organisation, log, migrate); err != nil {
		db.Close() // the first error is the one to tell
		return nil, err
	}
	return db, nil
}

// Migration is what to do about a schema of an earlier version.
type Migration int

// What to do about a schema of an earlier version.
const (
	Refuse Migration = iota
	Migrate
)

func prepare(ctx context.Context, db *store.DB, organisation string, log *slog.Logger, migrate Migration) error {
	present, newest, err := db.Schema(ctx)
	if err != nil {
		return err
	}
	switch {
	case present > newest:
		return fmt.Errorf("the database has schema %d of a newer Holdfast; this one knows %d", present, newest)
	case present == newest:
	case present == 0 || migrate == Migrate:
		steps, err := db.Migrate(ctx)
		if err != nil {
			return err
		}
		log.InfoContext(ctx, "schema migrated", "steps", steps, "version", newest)
	default:
		return fmt.Errorf("the database has schema %d and this Holdfast needs %d: run holdfast migrate", present, newest)
	}
	ctx = identity.WithActor(ctx, identity.System("holdfast"))
	if _, err := unit.New(db).EnsureRoot(ctx, organisation); err != nil {
		return err
	}
	return nil
}
