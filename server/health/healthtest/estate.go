// Package healthtest simulates an estate whose devices hover around the limits
// of the checks, so that tests and benchmarks can count what people hear of
// it: one alert for each thing that is really wrong, none for noise.
package healthtest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/unit"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// Clock is the time of an estate; its database must have been opened with it.
type Clock struct{ now time.Time }

// NewClock makes a clock that stands at the beginning of the simulation.
func NewClock() *Clock { return &Clock{time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)} }

// Now gives the time.
func (c *Clock) Now() time.Time { return c.now }

// Estate is a number of simulated devices.
type Estate struct {
	db      *store.DB
	clock   *Clock
	health  *health.Service
	random  *rand.Rand
	began   time.Time
	devices []*machine
	unit    identity.UnitID

	// Tick is called after each step of the simulation, for those who follow
	// what health says through the outbox. It may be nil.
	Tick func(ctx context.Context) error
}

// Cause is one thing that is really wrong with a device.
type Cause struct {
	Device device.Key
	Checks []string // those that may speak of it
	Begins time.Time
	Ends   time.Time // zero: not within the simulation
}

// machine is one simulated device.
type machine struct {
	key     device.Key
	kind    device.Kind
	cause   *Cause
	level   float64 // around which its free space and its pressure are noise, 0 to 1
	updated time.Time
	told    map[string]string // what it reported last of the sections that always tell
}

// step is the time from one round of reports to the next.
const step = 3 * time.Hour

// New makes an estate of so many devices. One in ten has something really
// wrong with it, some days into the simulation, and most of those get mended.
func New(ctx context.Context, db *store.DB, clock *Clock, service *health.Service, devices int, seed uint64) (*Estate, error) {
	e := &Estate{db: db, clock: clock, health: service, random: rand.New(rand.NewPCG(seed, 7)), began: clock.Now()}
	root, err := unit.New(db).EnsureRoot(ctx, "Simulated body")
	if err != nil {
		return nil, fmt.Errorf("make the estate's unit: %w", err)
	}
	e.unit = root.ID
	err = db.Tx(ctx, func(tx *store.Tx) error {
		for number := range devices {
			one, err := e.enrol(tx, number)
			if err != nil {
				return err
			}
			e.devices = append(e.devices, one)
		}
		return nil
	})
	return e, err
}

func (e *Estate) enrol(tx *store.Tx, number int) (*machine, error) {
	kinds := []device.Kind{device.Desktop, device.Desktop, device.Laptop, device.Laptop, device.Server}
	one := &machine{kind: kinds[number%len(kinds)], level: e.random.Float64(), updated: tx.Now, told: map[string]string{}}
	uid := id.New[device.Mark]()
	err := tx.Raw(`INSERT INTO devices (uid, unit_id, name, kind, first_seen_at, reported_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		uid, e.unit, fmt.Sprintf("sim-%04d", number), string(one.kind), tx.Now, tx.Now).Scan(&one.key).Error
	if err != nil {
		return nil, fmt.Errorf("enrol a simulated device: %w", err)
	}
	err = tx.Exec("INSERT INTO device_contacts (device_id, credential_hash, enrolled_at, seen_at) VALUES (?, ?, ?, ?)",
		one.key, []byte(uid.String()), tx.Now, tx.Now).Error
	if err != nil {
		return nil, fmt.Errorf("enrol a simulated device: %w", err)
	}
	if number%10 == 0 {
		one.cause = e.cause(one, number/10)
	}
	return one, nil
}

// cause makes something really wrong with a device.
func (e *Estate) cause(one *machine, number int) *Cause {
	wrong := [][]string{
		{"disk_space"}, {"restart_pending"}, {"security_updates"}, {"memory_pressure"}, {"disk_space", "disk_trend"},
	}
	if one.kind == device.Server {
		wrong = append(wrong, []string{"server_silent"})
	}
	if one.kind == device.Laptop {
		wrong = append(wrong, []string{"encryption_off"})
	}
	made := &Cause{Device: one.key, Checks: wrong[number%len(wrong)]}
	made.Begins = e.began.Add(time.Duration(24+e.random.IntN(5*24)) * time.Hour)
	if e.random.IntN(4) > 0 {
		made.Ends = made.Begins.Add(time.Duration(18+e.random.IntN(5)) * 24 * time.Hour)
	}
	return made
}

// Causes lists what is really wrong.
func (e *Estate) Causes() (causes []Cause) {
	for _, one := range e.devices {
		if one.cause != nil {
			causes = append(causes, *one.cause)
		}
	}
	return causes
}

// Run lets so many days pass: devices report, are silent at night, cannot be
// read now and then, and their values dance around the limits.
func (e *Estate) Run(ctx context.Context, days int) error {
	ctx = identity.WithActor(ctx, identity.System("simulation"))
	for end := e.clock.now.AddDate(0, 0, days); e.clock.now.Before(end); e.clock.now = e.clock.now.Add(step) {
		if err := e.round(ctx); err != nil {
			return err
		}
		if err := e.health.Due(ctx); err != nil {
			return err
		}
		if e.Tick != nil {
			if err := e.Tick(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// heard is a section that a device reports.
type heard struct {
	device  device.Key
	name    string
	outcome report.Outcome
	facts   string
}

func (e *Estate) round(ctx context.Context) error {
	const batch = 200
	for from := 0; from < len(e.devices); from += batch {
		var all []heard
		var here []device.Key
		for _, one := range e.devices[from:min(from+batch, len(e.devices))] {
			if !e.isUp(one) {
				continue
			}
			here = append(here, one.key)
			all = append(all, e.sections(one)...)
		}
		if err := e.db.Tx(ctx, func(tx *store.Tx) error { return e.deliver(ctx, tx, here, all) }); err != nil {
			return fmt.Errorf("deliver simulated reports: %w", err)
		}
	}
	return nil
}

func (e *Estate) deliver(ctx context.Context, tx *store.Tx, here []device.Key, all []heard) error {
	if len(here) == 0 {
		return nil
	}
	times := make([]time.Time, len(here))
	for i := range times {
		times[i] = tx.Now
	}
	if err := tx.UpdateRows("device_contacts", 1, store.Col("device_id", here), store.Col("seen_at", times)); err != nil {
		return err
	}
	if len(all) == 0 {
		return nil
	}
	var devices []device.Key
	var names, hashes, outcomes, facts []string
	var at []time.Time
	var messages []outbox.Message
	for i, one := range all {
		devices, names, outcomes, facts = append(devices, one.device), append(names, one.name), append(outcomes, string(one.outcome)), append(facts, one.facts)
		hashes, at = append(hashes, "x"), append(at, tx.Now)
		if i == 0 || all[i-1].device != one.device {
			payload, err := json.Marshal(map[string]any{"device": one.device})
			if err != nil {
				return err
			}
			messages = append(messages, outbox.Message{Topic: "device.reported", Payload: payload})
		}
	}
	err := tx.InsertRows("device_sections", `ON CONFLICT (device_id, name) DO UPDATE SET outcome = excluded.outcome, facts = excluded.facts, reported_at = excluded.reported_at`,
		store.Col("device_id", devices), store.Col("name", names), store.Col("hash", hashes), store.Col("outcome", outcomes),
		store.Col("facts", facts).As("json"), store.Col("reported_at", at))
	if err != nil {
		return err
	}
	return e.health.Reported(ctx, tx, messages)
}
