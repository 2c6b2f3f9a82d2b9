package entitlement

import (
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/server/asset"
	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Get gives one entitlement. Faults: Missing, Denied.
func (s *Service) Get(ctx context.Context, of ID) (Row, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return Row{}, err
	}
	return find(s.db.Read(ctx), of)
}

// Of gives the entitlements of a product, the newest first, those taken back
// included. Fault: Denied.
func (s *Service) Of(ctx context.Context, product ProductID) ([]Row, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	return read(s.db.Read(ctx), list.Where("e.product_id = ?", product), 1000)
}

// Create records rights. Faults: Invalid, Denied.
func (s *Service) Create(ctx context.Context, wish Wish) (made Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = s.Add(ctx, tx, wish)
		return err
	})
	return made, err
}

// Add is Create within a transaction.
func (s *Service) Add(ctx context.Context, tx *store.Tx, wish Wish) (Row, error) {
	wish, err := wish.tidied()
	if err != nil {
		return Row{}, err
	}
	if err := identity.AllowIn(ctx, identity.LicencesEdit, wish.UnitID); err != nil {
		return Row{}, err
	}
	if err := wish.checkReferences(ctx, tx, Wish{}); err != nil {
		return Row{}, err
	}
	made := Entitlement{ID: id.New[Mark](), Wish: wish, UpdatedBy: identity.ActorOf(ctx).Name}
	if made.Reference, err = number(tx, "entitlement", "R"); err != nil {
		return Row{}, err
	}
	before, err := remember[Wish](nil)
	if err != nil {
		return Row{}, err
	}
	if err := insert(tx, made, before); err != nil {
		return Row{}, err
	}
	row, err := find(tx.DB, made.ID)
	if err != nil {
		return Row{}, err
	}
	return row, s.said(ctx, tx, "entitlement.created", row, nil, row.fields().Known(), wish.ProductID)
}

// Change decides about rights as wished. Faults: Invalid, Denied, Missing,
// Conflict when they were taken back.
func (s *Service) Change(ctx context.Context, of ID, wish Wish) (Row, error) {
	return s.Alter(ctx, of, func(Wish) (Wish, error) { return wish, nil })
}

// Alter is Change of some of what is decided at that moment, so that two who
// change different things at once both do. Faults as those of Change, and of
// alter.
func (s *Service) Alter(ctx context.Context, of ID, alter func(Wish) (Wish, error)) (changed Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := s.editable(ctx, tx, of)
		if err != nil {
			return err
		}
		wish, err := alter(before.Wish)
		if err != nil {
			return err
		}
		changed, err = s.edit(ctx, tx, "entitlement.changed", before, wish)
		return err
	})
	return changed, err
}

// End lets rights end with a day. Faults as those of Change.
func (s *Service) End(ctx context.Context, of ID, day time.Time, reason string) (ended Row, err error) {
	if err := wantsReason(reason); err != nil {
		return Row{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := s.editable(ctx, tx, of)
		if err != nil {
			return err
		}
		wish := before.Wish
		wish.EndsOn = day
		if day.IsZero() {
			return fault.NewInvalid(fault.Field{Name: "ends_on", Key: "fault.field.required"})
		}
		ended, err = s.edit(audit.WithReason(ctx, reason), tx, "entitlement.ended", before, wish)
		return err
	})
	return ended, err
}

// Remove takes back rights that were recorded by mistake: they count on no
// day. Faults as those of Change.
func (s *Service) Remove(ctx context.Context, of ID, reason string) (removed Row, err error) {
	if err := wantsReason(reason); err != nil {
		return Row{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := s.editable(ctx, tx, of)
		if err != nil {
			return err
		}
		after := before.Entitlement
		after.RemovedAt = tx.Now
		removed, err = s.save(audit.WithReason(ctx, reason), tx, "entitlement.removed", before, after, &before.Wish)
		return err
	})
	return removed, err
}

func wantsReason(reason string) error {
	var fields check.Fields
	fields.Name("reason", reason, textLimit)
	return fields.Err()
}

// Undo takes the last change of rights back: what was created is taken back,
// what was taken back counts again. It can be done once for each change.
// Faults as those of Change, Conflict also when there is nothing to undo.
func (s *Service) Undo(ctx context.Context, of ID) (undone Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := stored(tx, of)
		if err != nil {
			return err
		}
		if err := identity.AllowIn(ctx, identity.LicencesEdit, before.UnitID); err != nil {
			return err
		}
		if before.before == "" {
			return fault.NewConflict("fault.entitlement.nothing_to_undo", fault.Args{"Reference": before.Reference})
		}
		was, err := recall[Wish](before.before)
		if err != nil {
			return err
		}
		after := before.Entitlement
		if was == nil {
			after.RemovedAt = tx.Now
		} else {
			after.Wish, after.RemovedAt = *was, time.Time{}
			if err := identity.AllowIn(ctx, identity.LicencesEdit, was.UnitID); err != nil {
				return err
			}
		}
		undone, err = s.save(ctx, tx, "entitlement.undone", before, after, nil)
		return err
	})
	return undone, err
}

// editable reads rights that the actor may change. Faults: Missing, Denied,
// Conflict when they were taken back.
func (s *Service) editable(ctx context.Context, tx *store.Tx, of ID) (Row, error) {
	row, err := stored(tx, of)
	if err != nil {
		return Row{}, err
	}
	if err := identity.AllowIn(ctx, identity.LicencesEdit, row.UnitID); err != nil {
		return Row{}, err
	}
	if !row.RemovedAt.IsZero() {
		return Row{}, fault.NewConflict("fault.entitlement.removed", fault.Args{"Reference": row.Reference})
	}
	return row, nil
}

func (s *Service) edit(ctx context.Context, tx *store.Tx, action string, before Row, wish Wish) (Row, error) {
	wish, err := wish.tidied()
	if err != nil {
		return Row{}, err
	}
	if err := identity.AllowIn(ctx, identity.LicencesEdit, wish.UnitID); err != nil {
		return Row{}, err
	}
	if before.Wish.same(wish) {
		return before, nil
	}
	if err := wish.checkReferences(ctx, tx, before.Wish); err != nil {
		return Row{}, err
	}
	after := before.Entitlement
	after.Wish = wish
	return s.save(ctx, tx, action, before, after, &before.Wish)
}

// save writes what became of rights, and says so. was is what Undo brings
// back; nil when there is nothing to undo.
func (s *Service) save(ctx context.Context, tx *store.Tx, action string, before Row, after Entitlement, was *Wish) (Row, error) {
	var kept *string
	if was != nil {
		text, err := remember(was)
		if err != nil {
			return Row{}, err
		}
		kept = &text
	}
	after.UpdatedBy = identity.ActorOf(ctx).Name
	if err := update(tx, after, kept); err != nil {
		return Row{}, err
	}
	now, err := find(tx.DB, after.ID)
	if err != nil {
		return Row{}, err
	}
	old, fresh := audit.Differing(before.fields(), now.fields())
	return now, s.said(ctx, tx, action, now, old, fresh, before.ProductID, now.ProductID)
}

// said keeps a change in the trail and tells the outbox of the products that it
// concerns.
func (s *Service) said(ctx context.Context, tx *store.Tx, action string, row Row, before, after audit.Fields, products ...ProductID) error {
	object := audit.Object{Kind: "entitlement", ID: row.ID.String()}
	if after == nil {
		after = audit.Fields{}
	}
	after["reference"] = row.Reference
	if err := audit.Record(ctx, tx, action, object, before, after); err != nil {
		return err
	}
	return s.tell(tx, products...)
}

func (s *Service) tell(tx *store.Tx, products ...ProductID) error {
	for i, product := range products {
		if slices.Contains(products[:i], product) {
			continue
		}
		if err := s.publish(tx, Topic, product.String(), nil); err != nil {
			return err
		}
	}
	return nil
}

// checkReferences checks that what a wish names is there; an asset that it
// newly names must be there for the actor. Fault: Invalid.
func (w Wish) checkReferences(ctx context.Context, tx *store.Tx, before Wish) error {
	reach := identity.ActorOf(ctx).Reach(identity.AssetsRead)
	return checkReferences(tx, productThere(w.ProductID),
		reference{"unit_id", "fault.asset.unit", "units", list.Where("id = ?", w.UnitID), true},
		reference{"paper_id", "fault.entitlement.paper", "papers", list.Where("id = ?", w.PaperID), !w.PaperID.IsZero()},
		reference{"asset_id", "fault.entitlement.asset", "assets", list.All(list.Where("id = ?", w.AssetID), list.Within("unit_id", reach)),
			!w.AssetID.IsZero() && w.AssetID != before.AssetID},
	)
}

// ReleaseRights ends the rights that are bound to assets with the day before
// that of now, in the transaction of another use case such as a disposal, which has
// checked who may, and has positions follow: those of what is installed on the
// assets too. It gives the rights that ended.
func (s *Service) ReleaseRights(ctx context.Context, tx *store.Tx, assets []asset.ID, now time.Time) ([]Row, error) {
	if len(assets) == 0 {
		return nil, nil
	}
	today := dayOf(now.In(time.Local))
	bound, err := read(tx.DB, BoundTo(assets, today), 100_000)
	if err != nil {
		return nil, err
	}
	for i := range bound {
		row, err := stored(tx, bound[i].ID)
		if err != nil {
			return nil, err
		}
		after := row.Entitlement
		if after.EndsOn = today.AddDate(0, 0, -1); after.EndsOn.Before(after.StartsOn) {
			after.RemovedAt = tx.Now // begins today or later: never in force
			after.EndsOn = row.EndsOn
		}
		if bound[i], err = s.save(ctx, tx, "entitlement.left", row, after, &row.Wish); err != nil {
			return nil, err
		}
	}
	var products []ProductID // whose installations no longer count
	err = tx.Raw(`SELECT DISTINCT r.product_id FROM assets a JOIN installations i ON i.device_id = a.device_id
		JOIN releases r ON r.id = i.release_id WHERE a.id IN ? AND r.product_id IS NOT NULL`, assets).Scan(&products).Error
	if err != nil {
		return nil, fmt.Errorf("read what is installed on %d assets: %w", len(assets), err)
	}
	return bound, s.tell(tx, products...)
}

// BoundTo is the condition on entitlements e that are bound to one of the
// assets and not ended by a day.
func BoundTo(assets []asset.ID, day time.Time) list.Clause {
	return list.Where("e.asset_id IN ? AND e.removed_at IS NULL AND (e.ends_on IS NULL OR e.ends_on >= ?)", assets, *days(dayOf(day)))
}
