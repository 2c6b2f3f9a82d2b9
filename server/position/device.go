package position

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
)

// Use is a licensed product on a device.
type Use struct {
	Product  ProductID
	Key      string
	Name     string
	Versions []string
	Status   licence.Status // of the product in the organisation; empty when not worked out yet
	Short    int64
	Metric   string
	Bound    []string // references of the rights in force that are bound to this device
	Exempt   string   // reference of the exemption that covers it
}

// OnDevice gives the licensed products on a device that the actor may see, by
// name. Faults: Missing, Denied.
func (s *Service) OnDevice(ctx context.Context, of device.ID) (uses []Use, err error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return nil, err
	}
	var found struct {
		ID     device.Key
		UnitID identity.UnitID
	}
	if err := s.db.Read(ctx).Raw("SELECT id, unit_id FROM devices WHERE uid = ?", of).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read device %s: %w", of, err)
	}
	if found.ID == 0 || !reach.Has(found.UnitID) {
		return nil, fault.NewMissing("device")
	}
	return s.usesOn(ctx, found.ID)
}

func (s *Service) usesOn(ctx context.Context, key device.Key) (uses []Use, err error) {
	today := s.now().days()
	rows, err := s.db.Read(ctx).Raw(`SELECT p.id, p.key, p.name, r.version, t.status, t.available, t.metric,
		(SELECT MIN(x.reference) FROM exemptions x WHERE x.product_id = p.id AND x.device_id = i.device_id AND x.removed_at IS NULL
			AND (x.starts_on IS NULL OR x.starts_on <= ?) AND (x.ends_on IS NULL OR x.ends_on >= ?))
		FROM installations i JOIN releases r ON r.id = i.release_id JOIN products p ON p.id = r.product_id
		LEFT JOIN positions t ON t.product_id = p.id WHERE i.device_id = ? AND p.class = 'licensed' ORDER BY p.name, p.id, r.version`,
		today, today, key).Rows()
	if err != nil {
		return nil, fmt.Errorf("read licences on device %d: %w", key, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Use
		var version string
		var available int64
		err := rows.Scan(&one.Product, &one.Key, &one.Name, &version, list.Blank(&one.Status), list.Blank(&available), list.Blank(&one.Metric), list.Blank(&one.Exempt))
		if err != nil {
			return nil, fmt.Errorf("read licences on device %d: %w", key, err)
		}
		one.Short = max(0, -available)
		if len(uses) == 0 || uses[len(uses)-1].Product != one.Product {
			uses = append(uses, one)
		}
		last := &uses[len(uses)-1]
		if version != "" && !slices.Contains(last.Versions, version) {
			last.Versions = append(last.Versions, version)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return uses, s.addBound(ctx, key, today, uses)
}

// addBound adds the rights that are bound to the device.
func (s *Service) addBound(ctx context.Context, key device.Key, today int64, uses []Use) error {
	var rows []struct {
		ProductID ProductID
		Reference string
	}
	err := s.db.Read(ctx).Raw(`SELECT e.product_id, e.reference FROM entitlements e JOIN assets a ON a.id = e.asset_id
		WHERE a.device_id = ? AND e.removed_at IS NULL AND (e.starts_on IS NULL OR e.starts_on <= ?) AND (e.ends_on IS NULL OR e.ends_on >= ?)
		ORDER BY e.reference`, key, today, today).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("read rights bound to device %d: %w", key, err)
	}
	for _, row := range rows {
		if at := slices.IndexFunc(uses, func(u Use) bool { return u.Product == row.ProductID }); at >= 0 {
			uses[at].Bound = append(uses[at].Bound, row.Reference)
		}
	}
	return nil
}

// day is today as midnight UTC.
func (s *Service) day() time.Time {
	year, month, day := s.db.Now().In(time.Local).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
