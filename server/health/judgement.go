package health

import (
	"context"
	"fmt"
	"slices"

	"holdfast/server/device"
	"holdfast/server/store"
)

// judging is the lock by which one transaction at a time judges on
// PostgreSQL; SQLite has one writer anyway. What a judgement finds depends on
// the one before, and judging is cheap: a thousand devices a second.
const judging = 0x6865616c7468

// Judge runs all checks on the devices, within tx, and does what follows from
// it: findings, alerts, what is said to the outbox. Devices without an agent
// are closed.
func (s *Service) Judge(ctx context.Context, tx *store.Tx, devices ...device.Key) error {
	devices = slices.Compact(slices.Sorted(slices.Values(devices)))
	if len(devices) == 0 {
		return nil
	}
	if err := lock(tx); err != nil {
		return err
	}
	if err := tx.ByIndex(); err != nil {
		return fmt.Errorf("judge devices: %w", err)
	}
	checks, err := s.active(tx)
	if err != nil {
		return err
	}
	dossiers, err := load(tx, devices)
	if err != nil {
		return fmt.Errorf("judge devices: %w", err)
	}
	w := &writes{now: tx.Now}
	var left []device.Key
	for _, key := range devices {
		one := dossiers[key]
		if one == nil {
			left = append(left, key)
			continue
		}
		one.facts.Interval = s.options.Interval
		one.facts.Listening = tx.Now.Sub(s.started) >= heardWithin(s.options.Interval)
		one.judge(checks, w)
	}
	if err := s.save(tx, w); err != nil {
		return fmt.Errorf("judge devices: %w", err)
	}
	return s.close(ctx, tx, left, Closed)
}

func lock(tx *store.Tx) error {
	if tx.Dialect() != store.Postgres {
		return nil
	}
	if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", judging).Error; err != nil {
		return fmt.Errorf("wait for another judgement: %w", err)
	}
	return nil
}

// judge works out what follows for one device.
func (d *dossier) judge(checks []Active, w *writes) {
	enabled := slices.DeleteFunc(slices.Clone(checks), func(c Active) bool { return !c.Enabled })
	d.sample(w)
	made := judge(enabled, &d.facts, d.was)
	for i := range made.findings {
		found := &made.findings[i]
		at := slices.IndexFunc(enabled, func(c Active) bool { return c.ID == found.Check })
		w.found(found, d)
		d.follow(&condition{
			check: found.Check, device: found.Device, subject: found.Subject, unit: d.facts.UnitID,
			level: found.Level, held: found.Held, since: found.Since, hold: enabled[at].Hold, args: found.Args,
		}, &made, w)
	}
	for i := range made.kept {
		w.found(&made.kept[i], d)
	}
	for i := range made.gone {
		gone := &made.gone[i]
		w.gone = append(w.gone, *gone)
		why := Gone
		if !slices.ContainsFunc(enabled, func(c Active) bool { return c.ID == gone.Check }) {
			why = Disabled
		}
		d.follow(&condition{
			check: gone.Check, device: gone.Device, subject: gone.Subject, unit: d.facts.UnitID, gone: why,
		}, &made, w)
	}
	w.verdict(d, &made)
}

func (d *dossier) follow(c *condition, made *judgement, w *writes) {
	last := d.alerts[findingKey{c.check, c.subject}]
	next := c.follow(last, d.facts.Now)
	made.call(next.due)
	w.alert(last, next)
}

// sample keeps the free space of today where it changed.
func (d *dossier) sample(w *writes) {
	volumes, known := volumesOf(&d.facts)
	if !known || d.facts.Stale() {
		return
	}
	for _, volume := range volumes {
		now := Sample{Day: d.facts.Today(), Free: *volume.FreeBytes, Size: volume.SizeBytes}
		before := d.facts.Volumes[volume.Mount]
		if len(before) > 0 {
			last := before[len(before)-1]
			if last.Free == now.Free && last.Size == now.Size || last.Day > now.Day {
				continue
			}
			if last.Day == now.Day {
				before = before[:len(before)-1]
			}
		}
		d.facts.Volumes[volume.Mount] = append(before, now)
		w.samples = append(w.samples, deviceSample{d.facts.Device, volume.Mount, now})
	}
}
