package entitlement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// ExemptionMark marks the identifiers of exemptions.
type ExemptionMark struct{}

// ExemptionID identifies an exemption.
type ExemptionID = id.Of[ExemptionMark]

// ExemptionWish is what is decided about an exemption: that uses of a product
// on a device, or by a person, need no right.
type ExemptionWish struct {
	ProductID ProductID
	DeviceID  device.ID // either a device
	PersonID  person.ID // or a person
	Reason    string
	StartsOn  time.Time
	EndsOn    time.Time
}

// Exemption is such a decision.
type Exemption struct {
	ID        ExemptionID
	Reference string // such as X-0031
	ExemptionWish
	Device    string // name; empty also for readers who may not see it
	Person    string // the same
	Unit      identity.UnitID
	CreatedAt time.Time
	CreatedBy string
	UpdatedAt time.Time
	RemovedAt time.Time
	before    string
}

// Undoable reports whether the last change is still there to be undone.
func (e Exemption) Undoable() bool { return e.before != "" }

const selectedExemption = `SELECT x.id, x.reference, x.product_id, d.uid, x.person_id, x.reason, x.starts_on, x.ends_on, x.before,
	x.created_at, x.created_by, x.updated_at, x.removed_at, d.name, n.name, COALESCE(d.unit_id, n.unit_id)
	FROM exemptions x LEFT JOIN devices d ON d.id = x.device_id LEFT JOIN people n ON n.id = x.person_id WHERE `

func readExemptions(db *gorm.DB, where list.Clause) (found []Exemption, err error) {
	rows, err := db.Raw(selectedExemption+where.SQL+" ORDER BY x.id DESC LIMIT 1000", where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read exemptions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Exemption
		err := rows.Scan(&e.ID, &e.Reference, &e.ProductID, &e.DeviceID, &e.PersonID, &e.Reason, list.Day(&e.StartsOn), list.Day(&e.EndsOn),
			list.Blank(&e.before), &e.CreatedAt, &e.CreatedBy, &e.UpdatedAt, list.Blank(&e.RemovedAt), list.Blank(&e.Device), list.Blank(&e.Person), &e.Unit)
		if err != nil {
			return nil, fmt.Errorf("read exemptions: %w", err)
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

// Exemptions gives the exemptions of a product, the newest first, those taken
// back included; devices and people of elsewhere are not named. Fault: Denied.
func (s *Service) Exemptions(ctx context.Context, product ProductID) ([]Exemption, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	found, err := readExemptions(s.db.Read(ctx), list.Where("x.product_id = ?", product))
	for i := range found {
		found[i] = found[i].hidden(ctx)
	}
	return found, err
}

// hidden leaves out what the actor may not know.
func (e Exemption) hidden(ctx context.Context) Exemption {
	if identity.AllowIn(ctx, identity.DevicesRead, e.Unit) != nil {
		e.Device, e.DeviceID = "", device.ID{}
	}
	if identity.AllowIn(ctx, identity.PeopleRead, e.Unit) != nil {
		e.Person, e.PersonID = "", person.ID{}
	}
	return e
}

func findExemption(db *gorm.DB, of ExemptionID) (Exemption, error) {
	found, err := readExemptions(db, list.Where("x.id = ?", of))
	if err != nil {
		return Exemption{}, err
	}
	if len(found) == 0 {
		return Exemption{}, fault.NewMissing("exemption")
	}
	return found[0], nil
}

func (w ExemptionWish) tidied() (ExemptionWish, error) {
	var fields check.Fields
	w.Reason = fields.Name("reason", w.Reason, textLimit)
	w.StartsOn, w.EndsOn = dayOf(w.StartsOn), dayOf(w.EndsOn)
	checkTerm(&fields, w.StartsOn, w.EndsOn)
	if w.ProductID.IsZero() {
		fields.Add("product_id", "fault.field.required", nil)
	}
	if w.DeviceID.IsZero() == w.PersonID.IsZero() {
		fields.Add("device_id", "fault.entitlement.device_or_person", nil)
	}
	return w, fields.Err()
}

// Exempt records that uses need no right. The actor must be able to see the
// device, or the person. Faults: Invalid, Denied.
func (s *Service) Exempt(ctx context.Context, wish ExemptionWish) (made Exemption, err error) {
	wish, err = wish.tidied()
	if err != nil {
		return Exemption{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		key, err := s.exemptable(ctx, tx, wish)
		if err != nil {
			return err
		}
		reference, err := number(tx, "exemption", "X")
		if err != nil {
			return err
		}
		before, err := remember[ExemptionWish](nil)
		if err != nil {
			return err
		}
		one, actor := id.New[ExemptionMark](), identity.ActorOf(ctx).Name
		err = tx.Exec(`INSERT INTO exemptions (id, reference, product_id, device_id, person_id, reason, starts_on, ends_on, before,
			created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			one, reference, wish.ProductID, key, wish.PersonID, wish.Reason, days(wish.StartsOn), days(wish.EndsOn), before,
			tx.Now, actor, tx.Now, actor).Error
		if err := failure("add exemption", reference, err); err != nil {
			return err
		}
		if made, err = findExemption(tx.DB, one); err != nil {
			return err
		}
		return s.saidExemption(ctx, tx, "exemption.created", made, nil, made.fields().Known())
	})
	return made, err
}

// exemptable checks who may exempt what, and gives the key of the device.
func (s *Service) exemptable(ctx context.Context, tx *store.Tx, wish ExemptionWish) (*device.Key, error) {
	if err := checkReferences(tx, productThere(wish.ProductID)); err != nil {
		return nil, err
	}
	if !wish.PersonID.IsZero() {
		return nil, mayMeet(ctx, tx, wish.PersonID)
	}
	var found struct {
		ID     device.Key
		UnitID identity.UnitID
	}
	if err := tx.Raw("SELECT id, unit_id FROM devices WHERE uid = ?", wish.DeviceID).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read device %s: %w", wish.DeviceID, err)
	}
	if found.ID == 0 || identity.AllowIn(ctx, identity.DevicesRead, found.UnitID) != nil {
		return nil, fault.NewInvalid(fault.Field{Name: "device_id", Key: "fault.entitlement.device"})
	}
	return &found.ID, identity.AllowIn(ctx, identity.LicencesEdit, found.UnitID)
}

// mayMeet checks that a person is there for the actor, who may decide about
// their rights. Faults: Invalid, Denied.
func mayMeet(ctx context.Context, tx *store.Tx, of person.ID) error {
	var unit identity.UnitID
	if err := tx.Raw("SELECT unit_id FROM people WHERE id = ?", of).Scan(&unit).Error; err != nil {
		return fmt.Errorf("read person %s: %w", of, err)
	}
	if unit.IsZero() || identity.AllowIn(ctx, identity.PeopleRead, unit) != nil {
		return fault.NewInvalid(fault.Field{Name: "person_id", Key: "fault.entitlement.person"})
	}
	return identity.AllowIn(ctx, identity.LicencesEdit, unit)
}

// EndExemption lets an exemption end with a day; a zero day takes it back, as
// if it had never been. Faults: Missing, Denied, Invalid, Conflict.
func (s *Service) EndExemption(ctx context.Context, of ExemptionID, day time.Time) (ended Exemption, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := hold(tx, "exemptions", of); err != nil {
			return err
		}
		before, err := findExemption(tx.DB, of)
		if err != nil {
			return err
		}
		if err := identity.AllowIn(ctx, identity.LicencesEdit, before.Unit); err != nil {
			return err
		}
		if !before.RemovedAt.IsZero() {
			return fault.NewConflict("fault.entitlement.removed", fault.Args{"Reference": before.Reference})
		}
		after, action := before, "exemption.removed"
		after.RemovedAt = tx.Now
		if !day.IsZero() {
			after, action = before, "exemption.ended"
			after.EndsOn = day
		}
		if after.ExemptionWish, err = after.ExemptionWish.tidied(); err != nil {
			return err
		}
		ended, err = s.saveExemption(ctx, tx, action, before, after, &before.ExemptionWish)
		return err
	})
	return ended, err
}

// UndoExemption takes the last change of an exemption back. Faults: Missing,
// Denied, Conflict.
func (s *Service) UndoExemption(ctx context.Context, of ExemptionID) (undone Exemption, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := hold(tx, "exemptions", of); err != nil {
			return err
		}
		before, err := findExemption(tx.DB, of)
		if err != nil {
			return err
		}
		if err := identity.AllowIn(ctx, identity.LicencesEdit, before.Unit); err != nil {
			return err
		}
		if before.before == "" {
			return fault.NewConflict("fault.entitlement.nothing_to_undo", fault.Args{"Reference": before.Reference})
		}
		was, err := recall[ExemptionWish](before.before)
		if err != nil {
			return err
		}
		after := before
		if was == nil {
			after.RemovedAt = tx.Now
		} else {
			after.ExemptionWish, after.RemovedAt = *was, time.Time{}
		}
		undone, err = s.saveExemption(ctx, tx, "exemption.undone", before, after, nil)
		return err
	})
	return undone, err
}

func (s *Service) saveExemption(ctx context.Context, tx *store.Tx, action string, before, after Exemption, was *ExemptionWish) (Exemption, error) {
	var kept *string
	if was != nil {
		text, err := remember(was)
		if err != nil {
			return Exemption{}, err
		}
		kept = &text
	}
	var removed any
	if !after.RemovedAt.IsZero() {
		removed = after.RemovedAt
	}
	err := tx.Exec("UPDATE exemptions SET reason = ?, starts_on = ?, ends_on = ?, before = ?, updated_at = ?, updated_by = ?, removed_at = ? WHERE id = ?",
		after.Reason, days(after.StartsOn), days(after.EndsOn), kept, tx.Now, identity.ActorOf(ctx).Name, removed, after.ID).Error
	if err := failure("change exemption", after.Reference, err); err != nil {
		return Exemption{}, err
	}
	now, err := findExemption(tx.DB, after.ID)
	if err != nil {
		return Exemption{}, err
	}
	old, fresh := audit.Differing(before.fields(), now.fields())
	return now, s.saidExemption(ctx, tx, action, now, old, fresh)
}

func (s *Service) saidExemption(ctx context.Context, tx *store.Tx, action string, e Exemption, before, after audit.Fields) error {
	after["reference"] = e.Reference
	if err := audit.Record(ctx, tx, action, audit.Object{Kind: "exemption", ID: e.ID.String()}, before, after); err != nil {
		return err
	}
	return s.tell(tx, e.ProductID)
}

func (e Exemption) fields() audit.Fields {
	return audit.Fields{
		"reference": e.Reference, "product_id": e.ProductID.String(), "device": e.Device, "device_id": e.DeviceID.String(),
		"person": e.Person, "person_id": e.PersonID.String(), "reason": e.Reason, "starts_on": dayText(e.StartsOn), "ends_on": dayText(e.EndsOn),
	}
}
