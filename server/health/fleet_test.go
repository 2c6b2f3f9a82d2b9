package health_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

const gib = 1 << 30

// fleet is an organisation with devices, at a time that the test sets.
type fleet struct {
	*health.Service
	db    *store.DB
	ctx   context.Context // may do everything
	now   *time.Time
	root  unit.Unit
	units map[string]unit.Unit
	said  *[]said
}

// said is what was said to the outbox.
type said struct {
	topic string
	event health.Event
}

func each(t *testing.T, test func(t *testing.T, f fleet)) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) { test(t, newFleet(t, storetest.URL(t, dialect))) })
	}
}

func newFleet(t testing.TB, url string) fleet {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ctx := identity.WithActor(t.Context(), identity.System("root"))
	db, err := store.Open(ctx, url, store.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	f := fleet{db: db, ctx: ctx, now: &now, units: map[string]unit.Unit{}, said: &[]said{}}
	f.Service = health.New(db, func(_ *store.Tx, topic, _ string, payload any) error {
		*f.said = append(*f.said, said{topic, payload.(health.Event)})
		return nil
	}, health.Options{})
	units := unit.New(db)
	if f.root, err = units.EnsureRoot(ctx, "Organisation"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"North", "South"} {
		f.units[name] = must(units.Create(ctx, f.root.ID, name))
	}
	f.pass(2 * time.Hour) // the server has been up for a while
	return f
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func (f fleet) pass(d time.Duration) { *f.now = f.now.Add(d) }

// as is an actor with one role in one unit.
func (f fleet) as(role identity.Role, in string) context.Context {
	of := f.units[in].ID
	return identity.WithActor(f.ctx, identity.Actor{Kind: identity.TokenKind, ID: id.New[identity.Token]().String(), Name: string(role), Grants: []identity.Grant{
		{Role: role, UnitID: of, Reach: identity.Scope{Units: []identity.UnitID{of}}},
	}})
}

func (f fleet) tx(t testing.TB, work func(tx *store.Tx) error) {
	t.Helper()
	if err := f.db.Tx(f.ctx, work); err != nil {
		t.Fatal(err)
	}
}

// device stores a device, past the rules of package device.
func (f fleet) device(t testing.TB, name string, kind device.Kind, in string) (device.Key, device.ID) {
	t.Helper()
	uid := id.New[device.Mark]()
	var key device.Key
	f.tx(t, func(tx *store.Tx) error {
		err := tx.Raw(`INSERT INTO devices (uid, unit_id, name, kind, first_seen_at, reported_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
			uid, f.units[in].ID, name, kind, tx.Now, tx.Now).Scan(&key).Error
		if err != nil {
			return err
		}
		return tx.Exec("INSERT INTO device_contacts (device_id, credential_hash, enrolled_at, seen_at) VALUES (?, ?, ?, ?)", key, []byte(uid.String()), tx.Now, tx.Now).Error
	})
	return key, uid
}

// says stores what a device says in sections, and that it was here.
func (f fleet) says(t testing.TB, of device.Key, outcome report.Outcome, sections ...report.Section) {
	t.Helper()
	f.tx(t, func(tx *store.Tx) error {
		for _, facts := range sections {
			err := tx.Exec(`INSERT INTO device_sections (device_id, name, hash, outcome, reported_at, facts) VALUES (?, ?, 'x', ?, ?, ?)
				ON CONFLICT (device_id, name) DO UPDATE SET outcome = excluded.outcome, facts = excluded.facts, reported_at = excluded.reported_at`,
				of, facts.Name(), outcome, tx.Now, string(must(json.Marshal(facts)))).Error
			if err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE device_contacts SET seen_at = ? WHERE device_id = ?", tx.Now, of).Error
	})
}

// reports stores sections and hands over the outbox's message about it.
func (f fleet) reports(t testing.TB, of device.Key, sections ...report.Section) {
	t.Helper()
	f.says(t, of, report.OK, sections...)
	var names []string
	for _, section := range sections {
		names = append(names, section.Name())
	}
	f.heard(t, of, names...)
}

func (f fleet) heard(t testing.TB, of device.Key, sections ...string) {
	t.Helper()
	message := outbox.Message{Topic: "device.reported", Payload: must(json.Marshal(map[string]any{"device": of, "sections": sections}))}
	f.tx(t, func(tx *store.Tx) error { return f.Reported(f.ctx, tx, []outbox.Message{message}) })
}

func (f fleet) due(t testing.TB) {
	t.Helper()
	if err := f.Due(f.ctx); err != nil {
		t.Fatal(err)
	}
}

// alerts lists every alert there is, in the order of their first being seen.
func (f fleet) alerts(t testing.TB) []health.Row {
	t.Helper()
	q := query(t, "sort=first_seen&limit=500")
	page, err := f.Alerts(f.ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

// disk is a drive C: with so many gigabytes free of 200.
func disk(free float64) *report.Storage {
	bytes := int64(free * gib)
	return &report.Storage{Volumes: []report.Volume{{Mount: "C:", Device: "disk0", SizeBytes: 200 * gib, FreeBytes: &bytes}}}
}

func updates(restart bool, security ...string) *report.Update {
	made := &report.Update{RestartRequired: &restart, SecurityCount: new(len(security))}
	for _, name := range security {
		made.Pending = append(made.Pending, report.PendingUpdate{Title: name, Security: true})
	}
	return made
}
