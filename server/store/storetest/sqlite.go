package storetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"holdfast/server/store"
)

// sqliteTemplate is the bytes of a migrated, empty database file.
//
//nolint:gochecknoglobals // made once for the test binary, never changed
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "hfsqlite")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the SQLite template: %w", err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "template.db")
	if err := migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func sqliteURL(t *testing.T, start content) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "holdfast.db")
	if start == templated {
		template, err := sqliteTemplate()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, template, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "sqlite:" + path
}

// migrate brings the database at url to the present schema.
func migrate(ctx context.Context, url string) error {
	db, err := store.Open(ctx, url, options())
	if err != nil {
		return err
	}
	if _, err := db.Migrate(ctx); err != nil {
		_ = db.Close() // the first error says what happened
		return err
	}
	return db.Close()
}
