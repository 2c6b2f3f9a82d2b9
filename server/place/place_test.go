package place_test

import (
	"context"
	"slices"
	"testing"

	"holdfast/server/asset"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/place"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
)

// site is an organisation with one unit and a building with rooms.
type site struct {
	*place.Service
	db                         *store.DB
	ctx                        context.Context
	unit                       unit.Unit
	building, floor, room, hut place.Place
}

func each(t *testing.T, test func(t *testing.T, s site)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := site{Service: place.New(db), db: db, ctx: identity.WithActor(t.Context(), identity.System("root"))}
		var err error
		if s.unit, err = unit.New(db).EnsureRoot(s.ctx, "Organisation"); err != nil {
			t.Fatal(err)
		}
		s.building = s.add(t, place.Place{}, "Main building")
		s.floor = s.add(t, s.building, "2nd floor")
		s.room = s.add(t, s.floor, "214")
		s.hut = s.add(t, place.Place{}, "Main building annex")
		test(t, s)
	})
}

func (s site) add(t *testing.T, in place.Place, name string) place.Place {
	t.Helper()
	made, err := s.Create(s.ctx, place.Wish{ParentID: in.ID, Name: name, UnitID: s.unit.ID})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (s site) paths(t *testing.T) []string {
	t.Helper()
	all, err := s.All(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, one := range all {
		paths = append(paths, one.Path)
	}
	return paths
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

func TestPlacesAreListedAsTheyLieInOneAnother(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		want := []string{"Main building", "Main building/2nd floor", "Main building/2nd floor/214", "Main building annex"}
		if got := s.paths(t); !slices.Equal(got, want) {
			t.Errorf("listed are %q", got)
		}
	})
}

func TestWhatLiesInAPlaceGoesWithIt(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		wish := s.floor.Wish()
		wish.ParentID, wish.Name = s.hut.ID, "Upstairs"
		if _, err := s.Change(s.ctx, s.floor.ID, wish); err != nil {
			t.Fatal(err)
		}
		want := []string{"Main building", "Main building annex", "Main building annex/Upstairs", "Main building annex/Upstairs/214"}
		if got := s.paths(t); !slices.Equal(got, want) {
			t.Errorf("listed are %q", got)
		}
		wish = s.building.Wish()
		wish.Name = "MAIN BUILDING"
		if changed, err := s.Change(s.ctx, s.building.ID, wish); err != nil || changed.Path != "MAIN BUILDING" {
			t.Errorf("only its letters: %q, %v", changed.Path, err)
		}
	})
}

func TestNothingLiesInItselfOrTwiceInOnePlace(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		wish := s.building.Wish()
		wish.ParentID = s.room.ID
		_, err := s.Change(s.ctx, s.building.ID, wish)
		wants(t, err, fault.Conflict)
		wish.ParentID = s.building.ID
		_, err = s.Change(s.ctx, s.building.ID, wish)
		wants(t, err, fault.Conflict)
		_, err = s.Create(s.ctx, place.Wish{ParentID: s.floor.ID, Name: "214", UnitID: s.unit.ID})
		wants(t, err, fault.Conflict)
		_, err = s.Create(s.ctx, place.Wish{Name: "main BUILDING", UnitID: s.unit.ID})
		wants(t, err, fault.Conflict)
		_, err = s.Create(s.ctx, place.Wish{Name: "a/b"})
		wants(t, err, fault.Invalid)
		at := s.room
		for err == nil || !fault.Is(err, fault.Conflict) {
			at, err = s.Create(s.ctx, place.Wish{ParentID: at.ID, Name: "deeper", UnitID: s.unit.ID})
		}
		if got := s.paths(t); len(got) != 4+5 {
			t.Errorf("as deep as it goes: %q", got)
		}
	})
}

func TestOnlyAnEmptyPlaceIsRemoved(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		wants(t, s.Remove(s.ctx, s.floor.ID), fault.Conflict)
		assets := asset.New(s.db, func(*store.Tx, string, string, any) error { return nil })
		made, err := assets.Create(s.ctx, asset.Wish{Kind: asset.Printer, UnitID: s.unit.ID, PlaceID: s.room.ID}, asset.InUse)
		if err != nil {
			t.Fatal(err)
		}
		wants(t, s.Remove(s.ctx, s.room.ID), fault.Conflict)
		wish := made.Wish()
		wish.PlaceID = place.ID{}
		if _, err := assets.Change(s.ctx, made.ID, wish); err != nil {
			t.Fatal(err)
		}
		if err := s.Remove(s.ctx, s.room.ID); err != nil {
			t.Error(err)
		}
		wants(t, s.Remove(s.ctx, s.room.ID), fault.Missing)
	})
}
