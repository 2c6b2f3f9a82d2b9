package position_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/outbox"
	"holdfast/server/person"
	"holdfast/server/position"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// body is an organisation with two units, what it bought, and what it has.
type body struct {
	*position.Service
	rights       *entitlement.Service
	assets       *asset.Service
	outbox       *outbox.Outbox
	db           *store.DB
	ctx          context.Context // may do everything
	root         unit.Unit
	north, south unit.Unit
	heard        *[]position.Changed
}

func each(t *testing.T, test func(t *testing.T, b body)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, newBody(t, db)) })
}

// bodyOf is the services on a database that has units already.
func bodyOf(t *testing.T, db *store.DB) body {
	t.Helper()
	b := body{db: db, ctx: identity.WithActor(t.Context(), identity.System("root")), heard: &[]position.Changed{}}
	publish := func(tx *store.Tx, topic, subject string, payload any) error {
		return b.outbox.Publish(tx, topic, subject, payload)
	}
	b.Service, b.rights, b.assets = position.New(db, slog.New(slog.DiscardHandler), publish), entitlement.New(db, publish), asset.New(db, publish)
	b.outbox = outbox.New(db, slog.New(slog.DiscardHandler),
		outbox.Subscription{Topic: device.Reported, Consumer: "position", Handle: b.Reported},
		outbox.Subscription{Topic: "software.recognised", Consumer: "position", Handle: b.Recognised},
		outbox.Subscription{Topic: entitlement.Topic, Consumer: "position", Handle: b.Decided},
		outbox.Subscription{Topic: asset.Topic, Consumer: "position", Handle: b.AssetChanged},
		outbox.Subscription{Topic: position.Topic, Consumer: "test", Handle: func(_ context.Context, _ *store.Tx, messages []outbox.Message) error {
			for _, message := range messages {
				var changed position.Changed
				if err := json.Unmarshal(message.Payload, &changed); err != nil {
					return err
				}
				*b.heard = append(*b.heard, changed)
			}
			return nil
		}})
	return b
}

func newBody(t *testing.T, db *store.DB) body {
	t.Helper()
	b := bodyOf(t, db)
	units := unit.New(db)
	var err error
	if b.root, err = units.EnsureRoot(b.ctx, "Organisation"); err != nil {
		t.Fatal(err)
	}
	b.north, b.south = must(units.Create(b.ctx, b.root.ID, "North")), must(units.Create(b.ctx, b.root.ID, "South"))
	return b
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
	reach := identity.Scope{Units: []identity.UnitID{unit.ID}}
	if unit.ID == b.root.ID {
		reach = identity.Scope{All: true}
	}
	return identity.WithActor(b.ctx, identity.Actor{Kind: identity.UserKind, ID: id.New[identity.User]().String(), Name: string(role), Grants: []identity.Grant{
		{Role: role, UnitID: unit.ID, Reach: reach},
	}})
}

func (b body) write(t *testing.T, work func(tx *store.Tx) error) {
	t.Helper()
	if err := b.db.Tx(b.ctx, work); err != nil {
		t.Fatal(err)
	}
}

// product makes a licensed product with a release for each of the editions.
func (b body) product(t *testing.T, key string, editions ...string) (position.ProductID, []int32) {
	t.Helper()
	product := id.New[struct{}]().String()
	var made position.ProductID
	if err := made.UnmarshalText([]byte(product)); err != nil {
		t.Fatal(err)
	}
	if len(editions) == 0 {
		editions = []string{""}
	}
	releases := make([]int32, len(editions))
	b.write(t, func(tx *store.Tx) error {
		err := tx.Exec(`INSERT INTO products (id, key, name, publisher, class, origin, created_at, updated_at) VALUES (?, ?, ?, 'Maker', 'licensed', 'local', ?, ?)`,
			made, key, "The "+key, tx.Now, tx.Now).Error
		if err != nil {
			return err
		}
		var title int32
		if err := tx.Raw("INSERT INTO titles (uid, name, first_seen_at) VALUES (?, ?, ?) RETURNING id", id.New[struct{}]().String(), key, tx.Now).Scan(&title).Error; err != nil {
			return err
		}
		for i, edition := range editions {
			err := tx.Raw("INSERT INTO releases (title_id, version, edition, first_seen_at, product_id, class) VALUES (?, ?, ?, ?, ?, 'product') RETURNING id",
				title, fmt.Sprint(i+1), edition, tx.Now, made).Scan(&releases[i]).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	return made, releases
}

// machine is a device as it is observed.
type machine struct {
	name string
	kind device.Kind
	user string
	unit unit.Unit
	cpu  *report.CPU
}

// device stores a device, past the rules of package device.
func (b body) device(t *testing.T, m machine) (key device.Key, uid device.ID) {
	t.Helper()
	uid = id.New[device.Mark]()
	if m.kind == "" {
		m.kind = device.Laptop
	}
	if m.unit.ID.IsZero() {
		m.unit = b.north
	}
	b.write(t, func(tx *store.Tx) error {
		var user any
		if m.user != "" {
			user = m.user
		}
		err := tx.Raw(`INSERT INTO devices (uid, unit_id, name, kind, last_user, first_seen_at, reported_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			uid, m.unit.ID, m.name, m.kind, user, tx.Now, tx.Now).Scan(&key).Error
		if err != nil {
			return err
		}
		if err := tx.Exec("INSERT INTO device_contacts (device_id, credential_hash, enrolled_at, seen_at) VALUES (?, ?, ?, ?)", key, []byte(uid.String()), tx.Now, tx.Now).Error; err != nil {
			return err
		}
		if m.cpu == nil {
			return nil
		}
		return tx.Exec("INSERT INTO device_sections (device_id, name, hash, outcome, reported_at, facts) VALUES (?, 'cpu', 'x', 'ok', ?, ?)",
			key, tx.Now, string(must(json.Marshal(m.cpu)))).Error
	})
	return key, uid
}

// cpu is so many processors with so many cores each.
func cpu(sockets, cores int) *report.CPU {
	made := &report.CPU{Sockets: sockets, Cores: sockets * cores, Threads: 2 * sockets * cores}
	for i := range sockets {
		made.Processors = append(made.Processors, report.Processor{Socket: i, Cores: cores, Threads: 2 * cores})
	}
	return made
}

// install installs a release on devices, says so, and lets positions follow.
func (b body) install(t *testing.T, release int32, keys ...device.Key) {
	t.Helper()
	b.write(t, func(tx *store.Tx) error {
		for _, key := range keys {
			if err := tx.Exec("INSERT INTO installations (device_id, release_id, since) VALUES (?, ?, ?)", key, release, tx.Now).Error; err != nil {
				return err
			}
			if err := b.outbox.Publish(tx, device.Reported, fmt.Sprint(key), device.Event{Device: key, Sections: []string{"software"}, Added: []int32{release}}); err != nil {
				return err
			}
		}
		return nil
	})
	b.drain(t)
}

// uninstall takes a release off a device.
func (b body) uninstall(t *testing.T, release int32, key device.Key) {
	t.Helper()
	b.write(t, func(tx *store.Tx) error {
		err := tx.Exec(`INSERT INTO installations_past (device_id, release_id, since, until) SELECT device_id, release_id, since, ? FROM installations
			WHERE device_id = ? AND release_id = ?`, tx.Now, key, release).Error
		if err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM installations WHERE device_id = ? AND release_id = ?", key, release).Error; err != nil {
			return err
		}
		return b.outbox.Publish(tx, device.Reported, fmt.Sprint(key), device.Event{Device: key, Removed: []int32{release}})
	})
	b.drain(t)
}

func (b body) drain(t *testing.T) {
	t.Helper()
	if err := b.outbox.Drain(b.ctx); err != nil {
		t.Fatal(err)
	}
	waiting, err := b.outbox.Waiting(b.ctx)
	if err != nil || len(waiting) > 0 {
		t.Fatalf("not dealt with: %+v, %v", waiting, err)
	}
}

// buy records rights and lets positions follow.
func (b body) buy(t *testing.T, wish entitlement.Wish) entitlement.Row {
	t.Helper()
	if wish.UnitID.IsZero() {
		wish.UnitID = b.root.ID
	}
	made, err := b.rights.Create(b.ctx, wish)
	if err != nil {
		t.Fatal(err)
	}
	b.drain(t)
	return made
}

// countBy decides by which metric a product is counted.
func (b body) countBy(t *testing.T, product position.ProductID, metric licence.Metric) {
	t.Helper()
	if _, err := b.rights.CountBy(b.ctx, product, &entitlement.CountedWish{Metric: licence.Counting{Metric: metric}}); err != nil {
		t.Fatal(err)
	}
	b.drain(t)
}

// figures checks what a product comes to, that its lines add up, and that the
// kept position, one worked out anew and the list say the same.
func (b body) figures(t *testing.T, product position.ProductID, owned, needed, available int64) position.Detail {
	t.Helper()
	kept, err := b.Product(b.ctx, product, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Position.Check(); err != nil {
		t.Error(err)
	}
	fresh, err := b.Explain(b.ctx, product, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Position.Check(); err != nil {
		t.Error(err)
	}
	for _, p := range []licence.Position{kept.Position, fresh.Position} {
		got := [3]string{p.Owned.String(), p.Needed.String(), p.Available.String()}
		if want := [3]string{fmt.Sprint(owned), fmt.Sprint(needed), fmt.Sprint(available)}; got != want {
			t.Fatalf("owned, needed and available are %v, want %v", got, want)
		}
	}
	return kept
}

func (b body) person(t *testing.T, name, login string) person.Person {
	t.Helper()
	made, err := person.New(b.db).Create(b.ctx, person.Wish{Name: name, Login: login, UnitID: b.north.ID, Active: true})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// day is so many days from today.
func day(offset int) time.Time {
	year, month, date := time.Now().Date()
	return time.Date(year, month, date+offset, 0, 0, 0, 0, time.UTC)
}

func jsonOf(value any) (json.RawMessage, error) { return json.Marshal(value) }

// report2 is a virtual machine with two virtual cores.
var report2 = report.CPU{Threads: 2, Cores: 1, Sockets: 1}
