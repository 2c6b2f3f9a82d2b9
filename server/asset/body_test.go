package asset_test

import (
	"context"
	"encoding/json"
	"testing"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// body is an organisation with two units, a person and a place, and what was
// said to the outbox.
type body struct {
	*asset.Service
	db           *store.DB
	ctx          context.Context // may do everything
	root         unit.Unit
	north, south unit.Unit
	okafor       person.Person
	room         place.Place
	said         *[]string
}

func each(t *testing.T, test func(t *testing.T, b body)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var said []string
		b := body{db: db, ctx: identity.WithActor(t.Context(), identity.System("root")), said: &said}
		b.Service = asset.New(db, func(_ *store.Tx, topic, subject string, _ any) error {
			said = append(said, topic+" "+subject)
			return nil
		})
		units := unit.New(db)
		var err error
		if b.root, err = units.EnsureRoot(b.ctx, "Organisation"); err != nil {
			t.Fatal(err)
		}
		b.north, b.south = must(units.Create(b.ctx, b.root.ID, "North")), must(units.Create(b.ctx, b.root.ID, "South"))
		b.okafor = must(person.New(db).Create(b.ctx, person.Wish{Name: "R. Okafor", Login: "rokafor", Email: "r@example.org", UnitID: b.north.ID, Active: true}))
		b.room = must(place.New(db).Create(b.ctx, place.Wish{Name: "Room 214", UnitID: b.north.ID}))
		test(t, b)
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

// as is an actor with one role in one unit.
func (b body) as(role identity.Role, unit unit.Unit) context.Context {
	return identity.WithActor(b.ctx, identity.Actor{Kind: identity.UserKind, ID: id.New[identity.User]().String(), Name: string(role), Grants: []identity.Grant{
		{Role: role, UnitID: unit.ID, Reach: identity.Scope{Units: []identity.UnitID{unit.ID}}},
	}})
}

// laptop is what is decided about a laptop in unit North.
func (b body) laptop(tag string) asset.Wish {
	return asset.Wish{Tag: tag, Kind: asset.Laptop, Maker: "Dell", Model: "Latitude 5440", Serial: "SN-" + tag, UnitID: b.north.ID}
}

func (b body) create(t *testing.T, wish asset.Wish, status asset.Status) asset.Row {
	t.Helper()
	made, err := b.Create(b.ctx, wish, status)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// machine is a device as it is observed.
type machine struct {
	name, kind, maker, model, serial, tag, user string
	unit                                        unit.Unit
}

// device stores a device, past the rules of package device.
func (b body) device(t *testing.T, m machine) (device.Key, device.ID) {
	t.Helper()
	uid := id.New[device.Mark]()
	if m.kind == "" {
		m.kind = "laptop"
	}
	if m.unit.ID.IsZero() {
		m.unit = b.north
	}
	var key device.Key
	err := b.db.Tx(b.ctx, func(tx *store.Tx) error {
		null := func(text string) any {
			if text == "" {
				return nil
			}
			return text
		}
		err := tx.Raw(`INSERT INTO devices (uid, unit_id, name, kind, maker, model, serial, asset_tag, last_user, first_seen_at, reported_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			uid, m.unit.ID, m.name, m.kind, null(m.maker), null(m.model), null(m.serial), null(m.tag), null(m.user), tx.Now, tx.Now).Scan(&key).Error
		if err != nil {
			return err
		}
		for kind, value := range map[string]string{device.KeySerial: m.serial, device.KeyTag: m.tag} {
			if value == "" {
				continue
			}
			if err := tx.Exec("INSERT INTO device_keys (device_id, kind, value) VALUES (?, ?, LOWER(?))", key, kind, value).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return key, uid
}

// section stores what a device says in a section.
func (b body) section(t *testing.T, of device.Key, outcome report.Outcome, facts report.Section) {
	t.Helper()
	text := must(json.Marshal(facts))
	err := b.db.Tx(b.ctx, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO device_sections (device_id, name, hash, outcome, reported_at, facts) VALUES (?, ?, 'x', ?, ?, ?)
			ON CONFLICT (device_id, name) DO UPDATE SET outcome = excluded.outcome, facts = excluded.facts`,
			of, facts.Name(), outcome, tx.Now, string(text)).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// reported hands the outbox's message over that a device reported.
func (b body) reported(t *testing.T, keys ...device.Key) {
	t.Helper()
	var messages []outbox.Message
	for _, key := range keys {
		messages = append(messages, outbox.Message{Topic: device.Reported, Payload: must(json.Marshal(device.Event{Device: key, First: true}))})
	}
	if err := b.db.Tx(b.ctx, func(tx *store.Tx) error { return b.Reported(b.ctx, tx, messages) }); err != nil {
		t.Fatal(err)
	}
}

func (b body) get(t *testing.T, of asset.ID) asset.Detail {
	t.Helper()
	found, err := b.Get(b.ctx, of)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
