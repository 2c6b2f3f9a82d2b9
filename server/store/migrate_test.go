package store_test

import (
	"testing"

	"holdfast/server/store/storetest"
)

func TestSchemaTellsHowFarTheDatabaseIs(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			db := storetest.OpenURL(t, storetest.Blank(t, dialect))
			present, newest, err := db.Schema(t.Context())
			if err != nil || present != 0 || newest == 0 {
				t.Fatalf("a blank database is at %d of %d, %v", present, newest, err)
			}
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if present, newest, err = db.Schema(t.Context()); err != nil || present != newest {
				t.Errorf("a migrated database is at %d of %d, %v", present, newest, err)
			}
		})
	}
}
