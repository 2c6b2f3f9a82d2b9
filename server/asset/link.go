package asset

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/identify"
)

// observed is what a device is known by, as far as it matters to its asset.
type observed struct {
	Key      device.Key
	ID       device.ID
	Name     string
	Kind     device.Kind
	Maker    string
	Model    string
	Serial   string
	AssetTag string
	UnitID   identity.UnitID
	Unit     string
	LastUser string
	Asset    ID // that it is evidence for, if any
}

// devices reads devices by a condition on d.
func devices(db *gorm.DB, where list.Clause) (found []observed, err error) {
	rows, err := db.Raw(`SELECT d.id, d.uid, d.name, d.kind, d.maker, d.model, d.serial, d.asset_tag, d.unit_id, u.name, d.last_user,
		(SELECT a.id FROM assets a WHERE a.device_id = d.id)
		FROM devices d JOIN units u ON u.id = d.unit_id WHERE `+where.SQL+" ORDER BY d.id", where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var o observed
		err := rows.Scan(&o.Key, &o.ID, &o.Name, &o.Kind, list.Blank(&o.Maker), list.Blank(&o.Model), list.Blank(&o.Serial),
			list.Blank(&o.AssetTag), &o.UnitID, &o.Unit, list.Blank(&o.LastUser), &o.Asset)
		if err != nil {
			return nil, fmt.Errorf("read devices: %w", err)
		}
		if identify.Placeholder(o.Serial) {
			o.Serial = ""
		}
		if identify.Placeholder(o.AssetTag) {
			o.AssetTag = ""
		}
		found = append(found, o)
	}
	return found, rows.Err()
}

// deviceSeen reads a device that the actor may see. Faults: Missing, Denied.
func deviceSeen(ctx context.Context, db *gorm.DB, of device.ID) (observed, error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return observed{}, err
	}
	found, err := devices(db, list.All(list.Where("d.uid = ?", of), list.Within("d.unit_id", reach)))
	if err != nil {
		return observed{}, err
	}
	if len(found) == 0 {
		return observed{}, fault.NewMissing("device")
	}
	return found[0], nil
}

// Own records a device as an asset with what it says of itself: one click in
// the queue. An empty tag takes the one in the firmware, if that is free, or
// the next of the series. Faults: Missing, Denied, Conflict when the device
// has an asset already, or the tag is taken.
func (s *Service) Own(ctx context.Context, of device.ID, tag string) (made Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		d, err := deviceSeen(ctx, tx.DB, of)
		if err != nil {
			return err
		}
		if err := identity.AllowIn(ctx, identity.AssetsEdit, d.UnitID); err != nil {
			return err
		}
		if !d.Asset.IsZero() {
			return fault.NewConflict("fault.asset.device_linked", fault.Args{"Device": d.Name})
		}
		if tag == "" {
			if tag, err = freeTag(tx.DB, d); err != nil {
				return err
			}
		}
		wish, err := Wish{Tag: tag, Kind: KindOf(d.Kind), Maker: d.Maker, Model: d.Model, Serial: d.Serial, UnitID: d.UnitID}.tidied()
		if err != nil {
			return err
		}
		row, err := s.record(ctx, tx, wish, InUse)
		if err != nil {
			return err
		}
		made, err = s.bind(ctx, tx, row, d.Key, ByHand)
		return err
	})
	return hidden(ctx, made), err
}

// freeTag is the tag in the firmware of a device unless an asset has it.
func freeTag(db *gorm.DB, d observed) (string, error) {
	if d.AssetTag == "" {
		return "", nil
	}
	used, err := taken(db, []string{d.AssetTag}, ID{})
	if err != nil || len(used) > 0 {
		return "", err
	}
	return d.AssetTag, nil
}

// Link makes a device the evidence for an asset by hand; a peripheral is hung
// on it. Faults: Missing, Denied, Conflict when either has another already or
// the asset is disposed of.
func (s *Service) Link(ctx context.Context, of ID, to device.ID) (linked Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		row, err := editable(ctx, tx, of)
		if err != nil {
			return err
		}
		d, err := deviceSeen(ctx, tx.DB, to)
		if err != nil {
			return err
		}
		switch {
		case row.Status == Disposed:
			return fault.NewConflict("fault.asset.disposed", fault.Args{"Tag": row.Tag})
		case row.Kind.Hangs():
			if err := hang(tx, row.ID, d.Key); err != nil {
				return err
			}
			if err := forgetCandidates(tx, d.Key, row.ID); err != nil {
				return err
			}
			linked, err = stored(tx, row.ID)
			return err
		case row.Device == d.Key:
			linked = row
			return nil
		case row.Device != 0:
			return fault.NewConflict("fault.asset.linked", fault.Args{"Tag": row.Tag, "Device": row.DeviceName})
		case !d.Asset.IsZero():
			return fault.NewConflict("fault.asset.device_linked", fault.Args{"Device": d.Name})
		}
		linked, err = s.bind(ctx, tx, row, d.Key, ByHand)
		return err
	})
	return hidden(ctx, linked), err
}

// Unlink parts an asset from its device by hand, and a peripheral from the
// device that it hangs on; the rule will not bring the two together again.
// Faults: Missing, Denied.
func (s *Service) Unlink(ctx context.Context, of ID) (parted Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		row, err := editable(ctx, tx, of)
		if err != nil {
			return err
		}
		if row.Device == 0 {
			if err := unhang(tx, row.ID); err != nil {
				return err
			}
			parted, err = stored(tx, row.ID)
			return err
		}
		after := row.Asset
		after.Device, after.LinkedBy, after.LinkedAt = 0, "", zeroTime
		if parted, err = s.save(ctx, tx, "asset.unlinked", row, after); err != nil {
			return err
		}
		return noteCandidates(tx, row.Device, []candidate{{row.ID, Parted}})
	})
	return hidden(ctx, parted), err
}

// Bind makes a device the evidence for an asset in the transaction of another
// use case, which has checked who may. Faults: Missing, Conflict.
func (s *Service) Bind(ctx context.Context, tx *store.Tx, of ID, to device.Key, by LinkedBy) error {
	row, err := stored(tx, of)
	if err != nil {
		return err
	}
	if row.Device != 0 {
		return fault.NewConflict("fault.asset.linked", fault.Args{"Tag": row.Tag, "Device": row.DeviceName})
	}
	_, err = s.bind(ctx, tx, row, to, by)
	return err
}

// bind links the two; nothing else waits for this device then.
func (s *Service) bind(ctx context.Context, tx *store.Tx, row Row, to device.Key, by LinkedBy) (Row, error) {
	after := row.Asset
	after.Device, after.LinkedBy, after.LinkedAt = to, by, tx.Now
	if err := tx.Exec("DELETE FROM asset_candidates WHERE device_id = ? AND reason <> ?", to, Peripherals).Error; err != nil {
		return Row{}, fmt.Errorf("clear candidates of device %d: %w", to, err)
	}
	return s.save(ctx, tx, "asset.linked", row, after)
}
