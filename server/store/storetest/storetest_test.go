package storetest_test

import (
	"testing"

	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		again := storetest.Open(t, db.Dialect())
		for _, one := range []*store.DB{db, again} {
			err := one.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.Exec("CREATE TABLE marks (mark INTEGER)").Error
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func TestBlankDatabaseCanBeMigrated(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			db := storetest.OpenURL(t, storetest.Blank(t, dialect))
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Errorf("migrate again: %v", err)
			}
		})
	}
}
