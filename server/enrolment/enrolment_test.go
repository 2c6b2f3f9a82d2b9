package enrolment_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/enrolment"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

type world struct {
	*enrolment.Service
	db    *store.DB
	clock time.Time
	ctx   context.Context
	root  unit.Unit
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			w := &world{clock: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
			db, err := store.Open(t.Context(), storetest.URL(t, dialect), store.Options{Now: func() time.Time { return w.clock }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			w.db, w.Service = db, enrolment.New(db)
			w.ctx = identity.WithActor(t.Context(), identity.System("root"))
			if w.root, err = unit.New(db).EnsureRoot(w.ctx, "Organisation"); err != nil {
				t.Fatal(err)
			}
			test(t, w)
		})
	}
}

func (w *world) use(ctx context.Context, secret identity.Secret) (enrolment.Key, error) {
	var used enrolment.Key
	err := w.db.Tx(ctx, func(tx *store.Tx) error {
		var err error
		used, err = enrolment.Use(tx, secret)
		return err
	})
	return used, err
}

func (w *world) create(t *testing.T, wish enrolment.Wish) (enrolment.Key, identity.Secret) {
	t.Helper()
	wish.Name = "key"
	wish.UnitID = w.root.ID
	key, secret, err := w.Create(w.ctx, wish)
	if err != nil {
		t.Fatal(err)
	}
	return key, secret
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

func TestKeyLetsAgentsInToItsUnit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key, secret := w.create(t, enrolment.Wish{})
		used, err := w.use(t.Context(), secret)
		if err != nil || used.ID != key.ID || used.UnitID != w.root.ID || used.Uses != 1 {
			t.Errorf("used %+v, %v", used, err)
		}
		_, err = w.use(t.Context(), identity.NewSecret(identity.EnrolmentPrefix))
		wants(t, err, fault.SignedOut)
		_, err = w.use(t.Context(), "nonsense")
		wants(t, err, fault.SignedOut)
		if key := fault.Of(err).Key; key != "fault.enrolment_key" {
			t.Errorf("the agent is told %s", key)
		}
	})
}

func TestKeyEndsOnItsDateAndWhenRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		end := w.clock.Add(time.Hour)
		_, expiring := w.create(t, enrolment.Wish{ExpiresAt: &end})
		key, revoked := w.create(t, enrolment.Wish{})
		for range 2 { // again changes nothing
			if err := w.Revoke(w.ctx, key.ID); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.use(t.Context(), revoked)
		wants(t, err, fault.SignedOut)
		if _, err := w.use(t.Context(), expiring); err != nil {
			t.Fatal(err)
		}
		w.clock = end
		_, err = w.use(t.Context(), expiring)
		wants(t, err, fault.SignedOut)
		if !strings.Contains(err.Error(), "expired") {
			t.Errorf("the log learns only %v", err)
		}
		keys, err := w.List(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		states := map[enrolment.State]int{}
		for _, key := range keys {
			states[key.State(w.clock)]++
		}
		if diff := cmp.Diff(map[enrolment.State]int{enrolment.Expired: 1, enrolment.Revoked: 1}, states); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLastUseIsNotShared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		most := 3
		_, secret := w.create(t, enrolment.Wish{MaxUses: &most})
		var in, out atomic.Int32
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				switch _, err := w.use(t.Context(), secret); {
				case err == nil:
					in.Add(1)
				case fault.Is(err, fault.SignedOut):
					out.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if in.Load() != 3 || out.Load() != 7 {
			t.Errorf("%d are in, %d are out", in.Load(), out.Load())
		}
	})
}

func TestWishIsCheckedAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		past, none := w.clock, 0
		_, _, err := w.Create(w.ctx, enrolment.Wish{UnitID: w.root.ID, ExpiresAt: &past, MaxUses: &none})
		wants(t, err, fault.Invalid)
		var names []string
		for _, field := range fault.Of(err).Fields {
			names = append(names, field.Name)
		}
		if diff := cmp.Diff([]string{"name", "expires_at", "max_uses"}, names); diff != "" {
			t.Error(diff)
		}
		_, _, err = w.Create(w.ctx, enrolment.Wish{Name: "x", UnitID: id.New[identity.Unit]()})
		wants(t, err, fault.Missing)
	})
}

func TestKeysOfOtherUnitsDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key, _ := w.create(t, enrolment.Wish{})
		north, err := unit.New(w.db).Create(w.ctx, w.root.ID, "North")
		if err != nil {
			t.Fatal(err)
		}
		help := identity.WithActor(t.Context(), identity.Actor{Kind: identity.UserKind, ID: id.New[identity.User]().String(), Grants: []identity.Grant{{
			Role: identity.HelpDesk, UnitID: north.ID, Reach: identity.Scope{Units: []identity.UnitID{north.ID}},
		}}})
		if keys, err := w.List(help); err != nil || len(keys) != 0 {
			t.Errorf("they see %+v, %v", keys, err)
		}
		wants(t, w.Revoke(help, key.ID), fault.Missing)
		_, _, err = w.Create(help, enrolment.Wish{Name: "x", UnitID: w.root.ID})
		wants(t, err, fault.Denied)
	})
}

func TestKeysAreRecordedWithoutTheirSecret(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key, secret := w.create(t, enrolment.Wish{})
		if err := w.Revoke(w.ctx, key.ID); err != nil {
			t.Fatal(err)
		}
		var rows []struct{ Action, After string }
		if err := w.db.Read(t.Context()).Raw(`SELECT action, CAST(after AS text) AS after FROM audit_entries
			WHERE object_kind = 'enrolment_key' ORDER BY at, id`).Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		if len(rows) != 2 || rows[0].Action != "enrolment_key.created" || rows[1].Action != "enrolment_key.revoked" {
			t.Fatalf("recorded %+v", rows)
		}
		for _, row := range rows {
			if strings.Contains(row.After, string(secret)) || strings.Contains(row.After, "hash") {
				t.Errorf("a secret is recorded: %s", row.After)
			}
		}
	})
}
