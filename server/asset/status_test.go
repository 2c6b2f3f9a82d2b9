package asset_test

import (
	"slices"
	"testing"

	"holdfast/server/asset"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// allowed finds a change of status in the table.
func allowed(from, to asset.Status) (asset.Transition, bool) {
	i := slices.IndexFunc(asset.Transitions(), func(t asset.Transition) bool { return t.From == from && t.To == to })
	if i < 0 {
		return asset.Transition{}, false
	}
	return asset.Transitions()[i], true
}

// brought makes an asset of a status, by the shortest way through the table.
func (b body) brought(t *testing.T, to asset.Status) asset.Row {
	t.Helper()
	if to != asset.Disposed {
		return b.create(t, asset.Wish{Kind: asset.Laptop, UnitID: b.north.ID, CustodianID: b.okafor.ID}, to)
	}
	made := b.create(t, asset.Wish{Kind: asset.Laptop, UnitID: b.north.ID}, asset.Surplus)
	if err := b.db.Tx(b.ctx, func(tx *store.Tx) error { return b.SetStatus(b.ctx, tx, made.ID, to) }); err != nil {
		t.Fatal(err)
	}
	return b.get(t, made.ID).Row
}

func TestOnlyTheTransitionsOfTheTableAreAllowed(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		for _, from := range asset.Statuses() {
			for _, to := range asset.Statuses() {
				if from == to {
					continue
				}
				transition, is := allowed(from, to)
				byHand := b.brought(t, from)
				_, err := b.Move(b.ctx, byHand.ID, to)
				if is && !transition.ByCase {
					if err != nil {
						t.Errorf("%s to %s by hand: %v", from, to, err)
					}
				} else {
					if !fault.Is(err, fault.Conflict) {
						t.Errorf("%s to %s by hand is not refused as a conflict: %v", from, to, err)
					}
					if now := b.get(t, byHand.ID); now.Status != from {
						t.Errorf("refusing %s to %s left it %s", from, to, now.Status)
					}
				}
				byCase := b.brought(t, from)
				err = b.db.Tx(b.ctx, func(tx *store.Tx) error { return b.SetStatus(b.ctx, tx, byCase.ID, to) })
				if is != (err == nil) || err != nil && !fault.Is(err, fault.Conflict) {
					t.Errorf("%s to %s by another use case: %v", from, to, err)
				}
			}
		}
	})
}

func TestTransitionsNeedTheirPermission(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		for _, transition := range asset.Transitions() {
			if transition.ByCase {
				continue
			}
			for _, role := range identity.Roles() {
				made := b.brought(t, transition.From)
				_, err := b.Move(b.as(role, b.north), made.ID, transition.To)
				if role.May(transition.Needs) != (err == nil) {
					t.Errorf("%s takes one from %s to %s: %v", role, transition.From, transition.To, err)
				}
				if err != nil && !fault.Is(err, fault.Denied) {
					t.Errorf("%s is told %v", role, err)
				}
			}
		}
	})
}

func TestNothingIsRecordedAsDisposed(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		for _, status := range []asset.Status{asset.Disposed, "stolen", ""} {
			_, err := b.Create(b.ctx, b.laptop("A-1"), status)
			wants(t, err, fault.Invalid)
		}
	})
}

func TestWhatGoesBackToStockHasNoCustodian(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.brought(t, asset.InUse)
		if made.Custodian != "R. Okafor" {
			t.Fatalf("the custodian is %q", made.Custodian)
		}
		moved, err := b.Move(b.ctx, made.ID, asset.InStock)
		if err != nil || moved.Custodian != "" || !moved.CustodianID.IsZero() {
			t.Errorf("in stock it is held by %q, %v", moved.Custodian, err)
		}
		lost := b.brought(t, asset.InUse)
		if moved, err = b.Move(b.ctx, lost.ID, asset.Lost); err != nil || moved.Custodian != "R. Okafor" {
			t.Errorf("lost it was held by %q, %v", moved.Custodian, err)
		}
	})
}

func TestCustodyEndsWithAReason(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.brought(t, asset.Surplus)
		if err := b.db.Tx(b.ctx, func(tx *store.Tx) error { return b.EndCustody(b.ctx, tx, made.ID, "case 12") }); err != nil {
			t.Fatal(err)
		}
		if now := b.get(t, made.ID); !now.CustodianID.IsZero() {
			t.Errorf("it is still held by %s", now.Custodian)
		}
		events, err := b.History(b.ctx, made.ID)
		if err != nil || events[0].Action != "asset.custody_ended" || events[0].Reason != "case 12" {
			t.Errorf("the history begins with %+v, %v", events, err)
		}
		if events[0].Changes[0] != (asset.Change{Field: "custodian", Before: "R. Okafor"}) {
			t.Errorf("the change is %+v", events[0].Changes)
		}
	})
}
