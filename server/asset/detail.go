package asset

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Detail is one asset with what its page shows.
type Detail struct {
	Row
	Facts       []Fact       // decided beside observed, in the order of the page
	ReportedAt  time.Time    // when the device, or the host of a peripheral, last reported
	Attachments []Attachment // where a peripheral hangs and hung, the newest first
	Peripherals []Row        // what hangs on its device
	Next        []Transition // changes of status that the actor may make
	Barred      []Transition // those that the table has and the actor may not make by hand
	MayEdit     bool
}

// Fact is one thing about an asset, as decided and as observed.
type Fact struct {
	Key      string // such as "serial"
	Decided  string
	Observed string // empty when no device says anything
	Drift    bool   // both say something, and not the same
}

// Attachment is a time that a peripheral hung on a device.
type Attachment struct {
	DeviceID device.ID // none when the actor may not see it
	Device   string
	Since    time.Time
	Until    time.Time // zero while it hangs there
}

// Drifts counts the facts that differ.
func (d Detail) Drifts() int {
	drifts := 0
	for _, fact := range d.Facts {
		if fact.Drift {
			drifts++
		}
	}
	return drifts
}

// Get gives one asset. Faults: Missing, Denied.
func (s *Service) Get(ctx context.Context, of ID) (Detail, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return Detail{}, err
	}
	row, err := find(s.db.Read(ctx), of, reach)
	if err != nil {
		return Detail{}, err
	}
	return s.detail(ctx, row)
}

func (s *Service) detail(ctx context.Context, row Row) (Detail, error) {
	d := Detail{Row: hidden(ctx, row), MayEdit: identity.AllowIn(ctx, identity.AssetsEdit, row.UnitID) == nil}
	var err error
	if err = s.observe(ctx, &d); err != nil {
		return Detail{}, err
	}
	if d.Attachments, err = s.attachments(ctx, row.ID); err != nil {
		return Detail{}, err
	}
	if row.Device != 0 {
		if d.Peripherals, err = s.hangingOn(ctx, row.Device); err != nil {
			return Detail{}, err
		}
	}
	for _, t := range row.Status.Next() {
		if !t.ByCase && identity.AllowIn(ctx, t.Needs, row.UnitID) == nil {
			d.Next = append(d.Next, t)
		} else {
			d.Barred = append(d.Barred, t)
		}
	}
	return d, nil
}

// hidden leaves out who holds an asset, and devices of other units, where the
// actor may not know.
func hidden(ctx context.Context, row Row) Row {
	actor := identity.ActorOf(ctx)
	if !actor.Reach(identity.PeopleRead).Has(row.UnitID) {
		row.Custodian, row.CustodianID = "", none
	}
	devices := actor.Reach(identity.DevicesRead)
	if !devices.Has(row.deviceUnit) {
		row.DeviceID, row.DeviceName = device.ID{}, ""
	}
	if !devices.Has(row.hostUnit) {
		row.HostID, row.Host = device.ID{}, ""
	}
	return row
}

// allHidden is hidden for many.
func allHidden(ctx context.Context, rows []Row, err error) ([]Row, error) {
	for i := range rows {
		rows[i] = hidden(ctx, rows[i])
	}
	return rows, err
}

// observe puts what the device says beside what is decided.
func (s *Service) observe(ctx context.Context, d *Detail) error {
	var o observed
	key := d.Device
	switch {
	case key != 0:
		found, err := devices(s.db.Read(ctx), list.Where("d.id = ?", key))
		if err != nil {
			return err
		}
		if len(found) == 1 {
			o = found[0]
		}
	case !d.HostID.IsZero():
		found, err := devices(s.db.Read(ctx), list.Where("d.uid = ?", d.HostID))
		if err != nil {
			return err
		}
		if len(found) == 1 {
			host := found[0]
			key = host.Key
			o = observed{Key: host.Key, ID: host.ID, UnitID: host.UnitID, Unit: host.Unit}
			if err := s.observePart(ctx, d.Row, &o); err != nil {
				return err
			}
		}
	}
	if key != 0 && identity.AllowIn(ctx, identity.DevicesRead, o.UnitID) != nil {
		o = observed{}
	}
	if o.Key != 0 {
		err := s.db.Read(ctx).Raw("SELECT reported_at FROM devices WHERE id = ?", o.Key).Row().Scan(list.Blank(&d.ReportedAt))
		if err != nil {
			return fmt.Errorf("read when device %d reported: %w", o.Key, err)
		}
	}
	d.Facts = compare(ctx, d.Row, o)
	return nil
}

// observePart reads what its host says of a peripheral.
func (s *Service) observePart(ctx context.Context, row Row, o *observed) (err error) {
	rows, err := s.db.Read(ctx).Raw(`SELECT maker, model, serial FROM components WHERE device_id = ? AND LOWER(serial) = ?
		ORDER BY CASE WHEN removed_at IS NULL THEN 0 ELSE 1 END LIMIT 1`, o.Key, fold(row.Serial)).Rows()
	if err != nil {
		return fmt.Errorf("read component: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := rows.Scan(list.Blank(&o.Maker), list.Blank(&o.Model), list.Blank(&o.Serial)); err != nil {
			return fmt.Errorf("read component: %w", err)
		}
	}
	return rows.Err()
}

// compare lists the facts of an asset beside those of its device.
func compare(ctx context.Context, row Row, o observed) []Fact {
	kind := ""
	if row.Device != 0 && o.Kind != device.Other && o.Kind != "" {
		kind = string(o.Kind)
	}
	facts := []Fact{
		{Key: "tag", Decided: row.Tag, Observed: o.AssetTag, Drift: differs(row.Tag, o.AssetTag)},
		{Key: "kind", Decided: string(row.Kind), Observed: kind, Drift: differs(string(row.Kind), kind)},
		{Key: "maker", Decided: row.Maker, Observed: o.Maker, Drift: row.Maker != "" && o.Maker != "" && !sameMaker(row.Maker, o.Maker)},
		{Key: "model", Decided: row.Model, Observed: o.Model, Drift: differs(row.Model, o.Model) && !contained(row.Model, o.Model)},
		{Key: "serial", Decided: row.Serial, Observed: o.Serial, Drift: differs(row.Serial, o.Serial)},
	}
	if identity.AllowIn(ctx, identity.PeopleRead, row.UnitID) == nil {
		user := ""
		if identity.AllowIn(ctx, identity.PeopleRead, o.UnitID) == nil {
			user = o.LastUser
		}
		// That somebody else signed in last is worth seeing and no error: only a
		// person says who holds a thing.
		facts = append(facts, Fact{Key: "custodian", Decided: row.Custodian, Observed: user})
	}
	return append(facts, Fact{Key: "unit", Decided: row.Unit, Observed: o.Unit, Drift: o.Key != 0 && o.UnitID != row.UnitID})
}

func differs(decided, observed string) bool {
	return decided != "" && observed != "" && !strings.EqualFold(tidy(decided), tidy(observed))
}

// contained reports whether one name is the other with more words around it,
// as "Latitude 5440" and "Dell Latitude 5440" are.
func contained(a, b string) bool {
	a, b = strings.ToLower(tidy(a)), strings.ToLower(tidy(b))
	return strings.Contains(a, b) || strings.Contains(b, a)
}

func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

func (s *Service) attachments(ctx context.Context, of ID) (found []Attachment, err error) {
	rows, err := s.db.Read(ctx).Raw(`SELECT d.uid, d.name, d.unit_id, t.since, t.until FROM asset_attachments t
		JOIN devices d ON d.id = t.device_id WHERE t.asset_id = ?
		ORDER BY CASE WHEN t.until IS NULL THEN 0 ELSE 1 END, t.since DESC, t.device_id LIMIT 200`, of).Rows()
	if err != nil {
		return nil, fmt.Errorf("read attachments of asset %s: %w", of, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a Attachment
		var unit identity.UnitID
		if err := rows.Scan(&a.DeviceID, &a.Device, &unit, &a.Since, list.Blank(&a.Until)); err != nil {
			return nil, fmt.Errorf("read attachments of asset %s: %w", of, err)
		}
		if identity.AllowIn(ctx, identity.DevicesRead, unit) != nil {
			a.DeviceID, a.Device = device.ID{}, ""
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

// hangingOn gives the peripherals of a device that the actor may see.
func (s *Service) hangingOn(ctx context.Context, key device.Key) ([]Row, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return nil, err
	}
	found, err := read(s.db.Read(ctx), list.All(
		list.Where("a.id IN (SELECT t.asset_id FROM asset_attachments t WHERE t.device_id = ? AND t.until IS NULL)", key),
		within(reach)), 100)
	return allHidden(ctx, found, err)
}

// Panel is what the page of a device shows of its asset.
type Panel struct {
	Asset       *Detail // nil when there is none, or not for this reader
	Candidates  []Candidate
	Peripherals []Row
	Ownable     bool   // whether such a device can be an asset at all
	MayOwn      bool   // whether the actor may record it as one
	Tag         string // proposed for that
}

// PanelOf gives what the page of a device shows of its asset. Faults: Missing
// device, Denied.
func (s *Service) PanelOf(ctx context.Context, of device.ID) (Panel, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return Panel{}, err
	}
	d, err := deviceSeen(ctx, s.db.Read(ctx), of)
	if err != nil {
		return Panel{}, err
	}
	panel := Panel{Ownable: d.Kind != device.Virtual && d.Kind != device.Container}
	if panel.Peripherals, err = s.hangingOn(ctx, d.Key); err != nil {
		return Panel{}, err
	}
	candidates, err := s.candidates(ctx, []device.Key{d.Key})
	if err != nil {
		return Panel{}, err
	}
	panel.Candidates = candidates[d.Key]
	if !d.Asset.IsZero() {
		row, err := find(s.db.Read(ctx), d.Asset, reach)
		if fault.Is(err, fault.Missing) {
			return panel, nil
		}
		if err != nil {
			return Panel{}, err
		}
		found, err := s.detail(ctx, row)
		panel.Asset = &found
		return panel, err
	}
	if panel.Ownable && identity.AllowIn(ctx, identity.AssetsEdit, d.UnitID) == nil {
		panel.MayOwn = true
		if panel.Tag, err = freeTag(s.db.Read(ctx), d); err == nil && panel.Tag == "" {
			panel.Tag, err = nextTag(s.db.Read(ctx))
		}
	}
	return panel, err
}
