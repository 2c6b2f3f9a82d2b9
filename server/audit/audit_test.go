package audit_test

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/id"
)

func as(t *testing.T, role identity.Role, reach identity.Scope) context.Context {
	return identity.WithActor(identity.WithRequest(t.Context(), "r1"), identity.Actor{
		Kind: identity.UserKind, ID: id.New[identity.User]().String(), Name: "Ada",
		Grants: []identity.Grant{{Role: role, Reach: reach}},
	})
}

func record(ctx context.Context, db *store.DB, action string) error {
	return db.Tx(ctx, func(tx *store.Tx) error {
		return audit.Record(ctx, tx, action, audit.Object{Kind: "unit", ID: "u1"},
			audit.Fields{"name": "North"}, audit.Fields{"name": "Nord"})
	})
}

func TestEntryTellsWhoDidWhatToWhat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := as(t, identity.Administrator, identity.Scope{All: true})
		if err := record(audit.WithReason(ctx, "translated"), db, "unit.renamed"); err != nil {
			t.Fatal(err)
		}
		if err := record(identity.WithActor(ctx, identity.System("root")), db, "unit.moved"); err != nil {
			t.Fatal(err)
		}
		q, err := list.Parse(url.Values{"actor": {"ada"}}, audit.Columns())
		if err != nil {
			t.Fatal(err)
		}
		page, err := audit.NewReader(db).List(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Total != 1 {
			t.Fatalf("found %+v", page)
		}
		e := page.Items[0]
		got := []string{string(e.ActorKind), *e.ActorID, e.ActorName, e.Action, e.ObjectKind, e.ObjectID, *e.Before, *e.After, *e.RequestID}
		want := []string{
			"user", identity.ActorOf(ctx).ID, "Ada", "unit.renamed", "unit", "u1",
			`{"name":"North"}`, `{"name":"Nord","reason":"translated"}`, "r1",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		rows, err := audit.NewReader(db).Export(ctx, list.Query{})
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for row, err := range rows {
			if err != nil {
				t.Fatal(err)
			}
			actions = append(actions, row.Action)
		}
		if diff := cmp.Diff([]string{"unit.moved", "unit.renamed"}, actions); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEntryGoesWithItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := as(t, identity.Administrator, identity.Scope{All: true})
		gone := errors.New("no")
		err := db.Tx(ctx, func(tx *store.Tx) error {
			if err := audit.Record(ctx, tx, "unit.removed", audit.Object{Kind: "unit", ID: "u1"}, nil, nil); err != nil {
				return err
			}
			return gone
		})
		if !errors.Is(err, gone) {
			t.Fatal(err)
		}
		if page, err := audit.NewReader(db).List(ctx, list.Query{}); err != nil || page.Total != 0 {
			t.Errorf("found %+v, %v", page, err)
		}
	})
}

func TestEntriesAreForAdministratorsOfTheWhole(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	for name, ctx := range map[string]context.Context{
		"help desk":       as(t, identity.HelpDesk, identity.Scope{All: true}),
		"of a branch":     as(t, identity.Administrator, identity.Scope{Units: []identity.UnitID{id.New[identity.Unit]()}}),
		"a manager of it": as(t, identity.Manager, identity.Scope{All: true}),
	} {
		if _, err := audit.NewReader(db).List(ctx, list.Query{}); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := audit.NewReader(db).Export(ctx, list.Query{}); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
