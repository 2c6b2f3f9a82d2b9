package asset

import (
	"context"
	"fmt"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Publish says in a transaction that something happened to subject; it is the
// outbox's.
type Publish func(tx *store.Tx, topic, subject string, payload any) error

// Service has the use cases of assets.
type Service struct {
	db      *store.DB
	publish Publish
}

// New makes the service.
func New(db *store.DB, publish Publish) *Service { return &Service{db: db, publish: publish} }

// Create records an asset. A device that the rule finds for it becomes its
// evidence. Faults: Invalid, Denied, Conflict when the tag is taken.
func (s *Service) Create(ctx context.Context, wish Wish, status Status) (made Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = s.Add(ctx, tx, wish, status)
		return err
	})
	return hidden(ctx, made), err
}

// Add is Create within a transaction.
func (s *Service) Add(ctx context.Context, tx *store.Tx, wish Wish, status Status) (Row, error) {
	wish, err := wish.tidied()
	if err != nil {
		return Row{}, err
	}
	if err := identity.AllowIn(ctx, identity.AssetsEdit, wish.UnitID); err != nil {
		return Row{}, err
	}
	if err := begins(ctx, status, wish.UnitID); err != nil {
		return Row{}, err
	}
	if err := checkReferences(ctx, tx, Wish{}, wish); err != nil {
		return Row{}, err
	}
	made, err := s.record(ctx, tx, wish, status)
	if err != nil {
		return Row{}, err
	}
	return s.matched(ctx, tx, made)
}

// begins checks the status that an asset is recorded with. Faults: Invalid,
// Denied.
func begins(ctx context.Context, status Status, unit identity.UnitID) error {
	for _, start := range Starts() {
		if status != start {
			continue
		}
		if status == Surplus {
			return identity.AllowIn(ctx, identity.AssetsRetire, unit)
		}
		return nil
	}
	return fault.NewInvalid(fault.Field{Name: "status", Key: "fault.asset.start"})
}

// record writes a new asset and says so.
func (s *Service) record(ctx context.Context, tx *store.Tx, wish Wish, status Status) (Row, error) {
	made, err := tagged(tx, Asset{ID: id.New[Mark](), Status: status}.decided(wish))
	if err != nil {
		return Row{}, err
	}
	if err := insert(tx, made); err != nil {
		return Row{}, err
	}
	row, err := stored(tx, made.ID)
	if err != nil {
		return Row{}, err
	}
	if err := audit.Record(ctx, tx, "asset.created", object(made), nil, row.fields().Known()); err != nil {
		return Row{}, err
	}
	return row, s.publish(tx, Topic, made.ID.String(), nil)
}

// Change decides about an asset as wished. Faults as those of Create, and
// Missing.
func (s *Service) Change(ctx context.Context, of ID, wish Wish) (Row, error) {
	return s.Alter(ctx, of, func(Wish) (Wish, error) { return wish, nil })
}

// Alter is Change of some of what is decided at that moment, so that two who
// change different things at once both do. Faults as those of Change, and of
// alter.
func (s *Service) Alter(ctx context.Context, of ID, alter func(Wish) (Wish, error)) (changed Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := editable(ctx, tx, of)
		if err != nil {
			return err
		}
		wish, err := alter(before.Wish())
		if err != nil {
			return err
		}
		changed, err = s.Edit(ctx, tx, before, wish)
		return err
	})
	return hidden(ctx, changed), err
}

// Edit is Change within a transaction, for an asset just read.
func (s *Service) Edit(ctx context.Context, tx *store.Tx, before Row, wish Wish) (Row, error) {
	if wish.Tag == "" {
		wish.Tag = before.Tag
	}
	wish, err := wish.tidied()
	if err != nil {
		return Row{}, err
	}
	for _, unit := range []identity.UnitID{before.UnitID, wish.UnitID} {
		if err := identity.AllowIn(ctx, identity.AssetsEdit, unit); err != nil {
			return Row{}, err
		}
	}
	if before.Wish().same(wish) {
		return before, nil
	}
	if before.Status == Disposed {
		return Row{}, fault.NewConflict("fault.asset.disposed", fault.Args{"Tag": before.Tag})
	}
	if err := checkReferences(ctx, tx, before.Wish(), wish); err != nil {
		return Row{}, err
	}
	after, err := s.save(ctx, tx, "asset.changed", before, before.decided(wish))
	if err != nil {
		return Row{}, err
	}
	return s.matched(ctx, tx, after)
}

// save writes what became of an asset, and says so when anything did.
func (s *Service) save(ctx context.Context, tx *store.Tx, action string, before Row, after Asset) (Row, error) {
	if fold(after.Tag) != fold(before.Tag) {
		if _, err := tagged(tx, after); err != nil {
			return Row{}, err
		}
	}
	if err := update(tx, after); err != nil {
		return Row{}, err
	}
	now, err := stored(tx, after.ID)
	if err != nil {
		return Row{}, err
	}
	was, is := audit.Differing(before.fields(), now.fields())
	if len(is) == 0 {
		return now, nil
	}
	if err := audit.Record(ctx, tx, action, object(after), was, is); err != nil {
		return Row{}, err
	}
	return now, s.publish(tx, Topic, after.ID.String(), nil)
}

// Move gives an asset another status by hand. What goes back to stock has no
// custodian any more. Faults: Missing, Denied, Conflict when the table of
// transitions does not have it or only a disposal case does it.
func (s *Service) Move(ctx context.Context, of ID, to Status) (moved Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := visible(ctx, tx, of)
		if err != nil {
			return err
		}
		moved, err = s.Shift(ctx, tx, before, to)
		return err
	})
	return hidden(ctx, moved), err
}

// Shift is Move within a transaction, for an asset just read.
func (s *Service) Shift(ctx context.Context, tx *store.Tx, before Row, to Status) (Row, error) {
	if before.Status == to {
		return before, identity.AllowIn(ctx, identity.AssetsEdit, before.UnitID)
	}
	if err := byHand(ctx, before.Status, to, before.UnitID); err != nil {
		return Row{}, err
	}
	return s.move(ctx, tx, before, to)
}

// SetStatus gives an asset another status in the transaction of another use
// case, such as a disposal, which has checked who may. Faults: Missing,
// Conflict when the table of transitions does not have it.
func (s *Service) SetStatus(ctx context.Context, tx *store.Tx, of ID, to Status) error {
	before, err := stored(tx, of)
	if err != nil || before.Status == to {
		return err
	}
	if _, err := transition(before.Status, to); err != nil {
		return err
	}
	_, err = s.move(ctx, tx, before, to)
	return err
}

func (s *Service) move(ctx context.Context, tx *store.Tx, before Row, to Status) (Row, error) {
	after := before.Asset
	after.Status = to
	if to == InStock {
		after.CustodianID = none
	}
	return s.save(ctx, tx, "asset.status_changed", before, after)
}

// EndCustody takes an asset from its custodian in the transaction of another
// use case, which has checked who may. The history keeps the reason. Fault:
// Missing.
func (s *Service) EndCustody(ctx context.Context, tx *store.Tx, of ID, reason string) error {
	before, err := stored(tx, of)
	if err != nil || before.CustodianID.IsZero() {
		return err
	}
	if reason != "" {
		ctx = audit.WithReason(ctx, reason)
	}
	after := before.Asset
	after.CustodianID = none
	_, err = s.save(ctx, tx, "asset.custody_ended", before, after)
	return err
}

// visible reads an asset that the actor may see. Faults: Missing, Denied.
func visible(ctx context.Context, tx *store.Tx, of ID) (Row, error) {
	if err := seen(ctx, tx, of); err != nil {
		return Row{}, err
	}
	return stored(tx, of)
}

// seen checks that the actor may see the asset. Faults as those of visible.
func seen(ctx context.Context, tx *store.Tx, of ID) error {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return err
	}
	_, err = find(tx.DB, of, reach)
	return err
}

// editable reads an asset that the actor may change; one that they may not
// even see does not exist. Faults: Missing, Denied.
func editable(ctx context.Context, tx *store.Tx, of ID) (Row, error) {
	row, err := visible(ctx, tx, of)
	if err != nil {
		return Row{}, err
	}
	return row, identity.AllowIn(ctx, identity.AssetsEdit, row.UnitID)
}

// checkReferences checks that the person and the place that a wish newly names
// are there for the actor: those of other units do not exist. What the asset
// has already stays, whoever moved or left since. Fault: Invalid.
func checkReferences(ctx context.Context, tx *store.Tx, before, w Wish) error {
	var wrong []fault.Field
	for _, reference := range []struct {
		name, key, query string
		id               any
		given            bool
		needs            identity.Permission
	}{
		{"custodian_id", "fault.asset.custodian", "SELECT unit_id FROM people WHERE id = ? AND active", w.CustodianID,
			!w.CustodianID.IsZero() && w.CustodianID != before.CustodianID, identity.PeopleRead},
		{"place_id", "fault.asset.place", "SELECT unit_id FROM places WHERE id = ?", w.PlaceID,
			!w.PlaceID.IsZero() && w.PlaceID != before.PlaceID, identity.AssetsRead},
		{"unit_id", "fault.asset.unit", "SELECT id FROM units WHERE id = ?", w.UnitID, w.UnitID != before.UnitID, identity.AssetsEdit},
	} {
		if !reference.given {
			continue
		}
		var unit identity.UnitID
		err := tx.Raw(reference.query, reference.id).Row().Scan(&unit)
		if err != nil && !store.Missing(err) {
			return fmt.Errorf("check %s: %w", reference.name, err)
		}
		if err != nil || identity.AllowIn(ctx, reference.needs, unit) != nil {
			wrong = append(wrong, fault.Field{Name: reference.name, Key: reference.key})
		}
	}
	if len(wrong) > 0 {
		return fault.NewInvalid(wrong...)
	}
	return nil
}

// Tagged finds an asset by its tag, whatever the case, in the transaction of
// an import. Fault: Missing.
func Tagged(tx *store.Tx, tag string) (Row, error) {
	found, err := read(tx.DB, list.Where("LOWER(a.tag) = ?", fold(tag)), 1)
	if err != nil {
		return Row{}, err
	}
	if len(found) == 0 {
		return Row{}, fault.NewMissing("asset")
	}
	return found[0], nil
}

// WithSerial finds the one asset with a serial number, in the transaction of
// an import. Faults: Missing, Conflict when several have it.
func WithSerial(tx *store.Tx, serial string) (Row, error) {
	found, err := read(tx.DB, list.Where("LOWER(a.serial) = ?", fold(serial)), 2)
	switch {
	case err != nil:
		return Row{}, err
	case len(found) == 0:
		return Row{}, fault.NewMissing("asset")
	case len(found) > 1:
		return Row{}, fault.NewConflict("fault.asset.serial_several", fault.Args{"Serial": serial})
	}
	return found[0], nil
}
