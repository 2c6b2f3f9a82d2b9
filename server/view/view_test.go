package view_test

import (
	"context"
	"testing"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/view"
	"holdfast/shared/id"
)

// person gives a context in which a new user acts.
func person(t *testing.T, db *store.DB, login string) context.Context {
	t.Helper()
	user := id.New[identity.User]()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.Exec("INSERT INTO users (id, login, name, created_at) VALUES (?, ?, ?, ?)", user, login, login, tx.Now).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return identity.WithActor(t.Context(), identity.Actor{Kind: identity.UserKind, ID: user.String(), Name: login})
}

func TestViewsBelongToOnePerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		views := view.New(db)
		mine, other := person(t, db, "mine"), person(t, db, "other")
		saved, err := views.Save(mine, "devices", "  Old   laptops ", "kind=laptop&sort=last_seen")
		if err != nil {
			t.Fatal(err)
		}
		found, err := views.List(mine, "devices")
		if err != nil || len(found) != 1 || found[0].Name != "Old laptops" || found[0].Query != saved.Query {
			t.Fatalf("my views are %+v, %v", found, err)
		}
		if found, err := views.List(other, "devices"); err != nil || len(found) != 0 {
			t.Errorf("somebody else sees %+v, %v", found, err)
		}
		if _, err := views.Remove(other, saved.ID); !fault.Is(err, fault.Missing) {
			t.Errorf("somebody else removes my view: %v", err)
		}
		if gone, err := views.Remove(mine, saved.ID); err != nil || gone.Name != "Old laptops" {
			t.Errorf("removing gave %+v, %v", gone, err)
		}
	})
}

func TestViewNamesAreTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		views, mine := view.New(db), person(t, db, "mine")
		if _, err := views.Save(mine, "devices", "Servers", "kind=server"); err != nil {
			t.Fatal(err)
		}
		if _, err := views.Save(mine, "devices", "Servers", "kind=desktop"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same name again gave %v", err)
		}
		if _, err := views.Save(mine, "software", "Servers", ""); err != nil {
			t.Errorf("the same name on another list gave %v", err)
		}
		if _, err := views.Save(mine, "devices", " ", ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("a blank name gave %v", err)
		}
		if _, err := views.List(t.Context(), "devices"); !fault.Is(err, fault.SignedOut) {
			t.Errorf("nobody's views gave %v", err)
		}
	})
}
