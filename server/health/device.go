package health

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Verdict sums a device up: its worst finding, if any is bad.
type Verdict struct {
	Level    Level // Unknown when it has not been heard from lately, or not judged yet
	Check    string
	Subject  string
	Args     Args
	Since    time.Time
	JudgedAt time.Time // zero when it was not judged yet
}

// Verdicts gives the verdicts on devices, for lists and panels. Those that
// were not judged yet, or lie outside the actor's reach, are left out. Fault:
// Denied.
func (s *Service) Verdicts(ctx context.Context, devices ...device.Key) (found map[device.Key]Verdict, err error) {
	reach, err := identity.Reach(ctx, identity.AlertsRead)
	if err != nil {
		return nil, err
	}
	found = make(map[device.Key]Verdict, len(devices))
	if len(devices) == 0 {
		return found, nil
	}
	where := list.Where("h.device_id IN ?", devices)
	if !reach.All {
		where = list.All(where, list.Where("d.unit_id IN ?", reach.Units))
	}
	rows, err := s.db.Read(ctx).Raw(`SELECT h.device_id, h.level, h.check_id, h.subject, CAST(h.args AS text), h.since, h.judged_at
		FROM device_health h JOIN devices d ON d.id = h.device_id WHERE `+where.SQL, where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read verdicts: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var key device.Key
		var one Verdict
		err := rows.Scan(&key, &one.Level, list.Blank(&one.Check), list.Blank(&one.Subject), &one.Args, list.Blank(&one.Since), &one.JudgedAt)
		if err != nil {
			return nil, fmt.Errorf("read verdicts: %w", err)
		}
		found[key] = one
	}
	return found, rows.Err()
}

// Volume is the free space of a volume, day by day.
type Volume struct {
	Mount   string
	Samples []Sample // the oldest first; between two nothing changed
}

// Device is the health of one device: what was found, what stands open, and
// the free space of its volumes.
type Device struct {
	Verdict
	Findings []Finding // in the order of Checks
	Alerts   []Row     // open ones
	Volumes  []Volume
	Today    int32
}

// Device gives the health of a device. Faults: Missing, Denied.
func (s *Service) Device(ctx context.Context, of device.ID) (Device, error) {
	reach, err := identity.Reach(ctx, identity.AlertsRead)
	if err != nil {
		return Device{}, err
	}
	var row struct {
		ID     device.Key
		UnitID identity.UnitID
	}
	if err := s.db.Read(ctx).Raw("SELECT id, unit_id FROM devices WHERE uid = ?", of).Scan(&row).Error; err != nil {
		return Device{}, fmt.Errorf("find device %s: %w", of, err)
	}
	if row.ID == 0 || !reach.Has(row.UnitID) {
		return Device{}, fault.NewMissing("device")
	}
	verdicts, err := s.Verdicts(ctx, row.ID)
	if err != nil {
		return Device{}, err
	}
	made := Device{Verdict: verdicts[row.ID], Today: dayOf(s.db.Now())}
	if made.JudgedAt.IsZero() {
		made.Level = Unknown
	}
	if made.Findings, err = s.findings(ctx, row.ID); err != nil {
		return Device{}, err
	}
	if made.Alerts, err = s.read(ctx, list.Where("a.state = 'open' AND a.device_id = ?", row.ID)); err != nil {
		return Device{}, err
	}
	if made.Volumes, err = s.volumes(ctx, row.ID); err != nil {
		return Device{}, err
	}
	return made, nil
}

func (s *Service) findings(ctx context.Context, of device.Key) (found []Finding, err error) {
	rows, err := s.db.Read(ctx).Raw(`SELECT device_id, check_id, subject, level, held, CAST(args AS text), since, seen_at
		FROM findings WHERE device_id = ?`, of).Rows()
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var f Finding
		if err := rows.Scan(&f.Device, &f.Check, &f.Subject, &f.Level, &f.Held, &f.Args, &f.Since, &f.SeenAt); err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		found = append(found, f)
	}
	places := map[string]int{}
	for i, check := range Checks() {
		places[check.ID] = i
	}
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(places[a.Check], places[b.Check]), cmp.Compare(a.Subject, b.Subject))
	})
	return found, rows.Err()
}

func (s *Service) volumes(ctx context.Context, of device.Key) (volumes []Volume, err error) {
	rows, err := s.db.Read(ctx).Raw("SELECT mount, day, free_bytes, size_bytes FROM volume_samples WHERE device_id = ? ORDER BY mount, day", of).Rows()
	if err != nil {
		return nil, fmt.Errorf("read free space: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var mount string
		var sample Sample
		if err := rows.Scan(&mount, &sample.Day, &sample.Free, &sample.Size); err != nil {
			return nil, fmt.Errorf("read free space: %w", err)
		}
		if len(volumes) == 0 || volumes[len(volumes)-1].Mount != mount {
			volumes = append(volumes, Volume{Mount: mount})
		}
		last := &volumes[len(volumes)-1]
		last.Samples = append(last.Samples, sample)
	}
	return volumes, rows.Err()
}
