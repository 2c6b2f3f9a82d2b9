package unit_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
)

// tree is an organisation: North with Oslo below it, and South.
type tree struct {
	*unit.Service
	db                       *store.DB
	ctx                      context.Context
	root, north, oslo, south unit.Unit
}

func each(t *testing.T, test func(t *testing.T, o tree)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := tree{Service: unit.New(db), db: db, ctx: identity.WithActor(t.Context(), identity.System("root"))}
		var err error
		if o.root, err = o.EnsureRoot(o.ctx, "Organisation"); err != nil {
			t.Fatal(err)
		}
		o.north, o.south = o.add(t, o.root, "North"), o.add(t, o.root, "South")
		o.oslo = o.add(t, o.north, "Oslo")
		test(t, o)
	})
}

func (o tree) add(t *testing.T, parent unit.Unit, name string) unit.Unit {
	t.Helper()
	made, err := o.Create(o.ctx, parent.ID, name)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (o tree) labels(t *testing.T, ctx context.Context) []string {
	t.Helper()
	units, err := o.List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, u := range units {
		labels = append(labels, unit.Label(units, u))
	}
	return labels
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

func TestThereIsOneRoot(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		again, err := o.EnsureRoot(o.ctx, "Another")
		if err != nil || again.ID != o.root.ID || again.Name != "Organisation" {
			t.Errorf("the root is %+v, %v", again, err)
		}
		wants(t, o.Remove(o.ctx, o.root.ID), fault.Conflict)
		wants(t, o.Move(o.ctx, o.root.ID, o.north.ID), fault.Conflict)
	})
}

func TestParentsComeBeforeChildrenAndSiblingsByName(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		o.add(t, o.north, "bergen")
		want := []string{"Organisation", "North", "North/bergen", "North/Oslo", "South"}
		if diff := cmp.Diff(want, o.labels(t, o.ctx)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMovedUnitTakesItsBranchAlong(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		centre := o.add(t, o.oslo, "Centre")
		if err := o.Move(o.ctx, o.north.ID, o.south.ID); err != nil {
			t.Fatal(err)
		}
		want := []string{"Organisation", "South", "South/North", "South/North/Oslo", "South/North/Oslo/Centre"}
		if diff := cmp.Diff(want, o.labels(t, o.ctx)); diff != "" {
			t.Error(diff)
		}
		moved, err := o.Get(o.ctx, centre.ID)
		if err != nil {
			t.Fatal(err)
		}
		path := "/" + strings.Join([]string{o.root.ID.String(), o.south.ID.String(), o.north.ID.String(), o.oslo.ID.String(), centre.ID.String()}, "/") + "/"
		if moved.Path != path || moved.Depth() != 4 {
			t.Errorf("the path is %s", moved.Path)
		}
		wants(t, o.Move(o.ctx, o.south.ID, centre.ID), fault.Conflict)
		wants(t, o.Move(o.ctx, o.south.ID, o.south.ID), fault.Conflict)
	})
}

func TestNamesAreUniqueAmongSiblings(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		_, err := o.Create(o.ctx, o.root.ID, " North ")
		wants(t, err, fault.Conflict)
		wants(t, o.Rename(o.ctx, o.south.ID, "North"), fault.Conflict)
		_, err = o.Create(o.ctx, o.root.ID, "  ")
		wants(t, err, fault.Invalid)
		o.add(t, o.south, "Oslo")
		wants(t, o.Move(o.ctx, o.oslo.ID, o.south.ID), fault.Conflict)
		if err := o.Rename(o.ctx, o.south.ID, "Southern  branch"); err != nil {
			t.Fatal(err)
		}
		if found, err := o.ByName(o.ctx, "southern branch/oslo"); err != nil || found.ParentID != o.south.ID {
			t.Errorf("found %+v, %v", found, err)
		}
	})
}

func TestTreeGrowsOnlySoDeep(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		deepest := o.oslo
		for deepest.Depth() < 12 {
			deepest = o.add(t, deepest, "Below")
		}
		_, err := o.Create(o.ctx, deepest.ID, "Too deep")
		wants(t, err, fault.Conflict)
		wants(t, o.Move(o.ctx, o.south.ID, deepest.ID), fault.Conflict)
	})
}

func TestUnitInUseStays(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		wants(t, o.Remove(o.ctx, o.north.ID), fault.Conflict)
		if err := o.Remove(o.ctx, o.oslo.ID); err != nil {
			t.Fatal(err)
		}
		if err := o.Remove(o.ctx, o.north.ID); err != nil {
			t.Fatal(err)
		}
		wants(t, o.Remove(o.ctx, o.north.ID), fault.Missing)
	})
}

func TestActorSeesAndManagesOnlyTheirBranch(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		ctx := identity.WithActor(t.Context(), identity.Actor{Kind: identity.UserKind, Grants: []identity.Grant{{
			Role: identity.Administrator, UnitID: o.north.ID, Reach: identity.Scope{Units: []unit.ID{o.north.ID, o.oslo.ID}},
		}}})
		if diff := cmp.Diff([]string{"North", "North/Oslo"}, o.labels(t, ctx)); diff != "" {
			t.Error(diff)
		}
		_, err := o.Get(ctx, o.south.ID)
		wants(t, err, fault.Missing)
		wants(t, o.Rename(ctx, o.south.ID, "Mine"), fault.Denied)
		wants(t, o.Move(ctx, o.oslo.ID, o.south.ID), fault.Denied)
		if _, err := o.Create(ctx, o.oslo.ID, "Centre"); err != nil {
			t.Error(err)
		}
	})
}

func TestChangesOfUnitsAreRecorded(t *testing.T) {
	each(t, func(t *testing.T, o tree) {
		for _, err := range []error{
			o.Rename(o.ctx, o.south.ID, "Sud"), o.Rename(o.ctx, o.south.ID, "Sud"), // the second changes nothing
			o.SetUsersPrivate(o.ctx, o.south.ID, true),
			o.Move(o.ctx, o.oslo.ID, o.south.ID), o.Remove(o.ctx, o.north.ID),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		var actions []string
		if err := o.db.Read(t.Context()).Raw("SELECT action FROM audit_entries WHERE actor_name = 'root' ORDER BY at, id").Scan(&actions).Error; err != nil {
			t.Fatal(err)
		}
		want := []string{"unit.created", "unit.created", "unit.created", "unit.created", "unit.renamed", "unit.privacy_changed", "unit.moved", "unit.removed"}
		if diff := cmp.Diff(want, actions); diff != "" {
			t.Error(diff)
		}
	})
}
