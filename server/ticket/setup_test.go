package ticket_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/notify"
	"holdfast/server/outbox"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/ticket"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

// office is an organisation with two units, people of the desk, a requester,
// and a clock that the test sets.
type office struct {
	*ticket.Service
	db           *store.DB
	ctx          context.Context // may do everything
	now          *time.Time
	root         unit.Unit
	north, south unit.Unit
	okafor       context.Context // help desk, north
	brandt       context.Context // office systems, everywhere
	diallo       context.Context // requester, north
	said         *[]string
}

// monday is a Monday morning within office hours.
var monday = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func each(t *testing.T, test func(t *testing.T, o office)) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) { test(t, open(t, dialect)) })
	}
}

func open(t *testing.T, dialect store.Dialect) office {
	t.Helper()
	now := monday
	db, err := store.Open(t.Context(), storetest.URL(t, dialect), store.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	var said []string
	o := office{db: db, now: &now, said: &said, ctx: identity.WithActor(t.Context(), identity.System("root"))}
	translate := func(language, key string, args fault.Args) string { return fmt.Sprint(language, " ", key, " ", args) }
	o.Service = ticket.New(db, func(_ *store.Tx, topic, subject string, _ any) error {
		said = append(said, topic+" "+subject)
		return nil
	}, notify.New(db, notify.Options{Translate: translate}), ticket.Options{Translate: translate, Public: func() string { return "https://h.example.org" }})
	units := unit.New(db)
	o.root = must(units.EnsureRoot(o.ctx, "Coastal Affairs"))
	o.north, o.south = must(units.Create(o.ctx, o.root.ID, "North")), must(units.Create(o.ctx, o.root.ID, "South"))
	o.exec(t, "UPDATE calendars SET time_zone = 'UTC'")
	o.okafor = o.user(t, "Rosalind Okafor", identity.HelpDesk, o.north)
	o.brandt = o.user(t, "Hannah Brandt", identity.OfficeSystems, o.root)
	o.diallo = o.user(t, "Amara Diallo", identity.Requester, o.north)
	return o
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

func (o office) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := o.db.Tx(t.Context(), func(tx *store.Tx) error { return tx.Exec(query, args...).Error }); err != nil {
		t.Fatal(err)
	}
}

// user makes a user with a role in a unit and all below, past package account.
func (o office) user(t *testing.T, name string, role identity.Role, in unit.Unit) context.Context {
	t.Helper()
	user := id.New[identity.User]()
	login := strings.ToLower(strings.ReplaceAll(name, " ", "."))
	o.exec(t, "INSERT INTO users (id, login, name, email, created_at) VALUES (?, ?, ?, ?, ?)", user, login, name, login+"@example.org", *o.now)
	o.exec(t, "INSERT INTO grants (holder_id, role, unit_id, created_at) VALUES (?, ?, ?, ?)", user, role, in.ID, *o.now)
	reach := identity.Scope{Units: []identity.UnitID{in.ID}}
	if in.IsRoot() {
		reach = identity.Scope{All: true}
	}
	return identity.WithActor(t.Context(), identity.Actor{
		Kind: identity.UserKind, ID: user.String(), Name: name, Locale: "en",
		Grants: []identity.Grant{{Role: role, UnitID: in.ID, Reach: reach}},
	})
}

func userOf(ctx context.Context) identity.UserID {
	return must(id.Parse[identity.User](identity.ActorOf(ctx).ID))
}

// device stores a device, past the rules of package device.
func (o office) device(t *testing.T, name, kind, user string, in unit.Unit) device.Key {
	t.Helper()
	var key device.Key
	err := o.db.Tx(t.Context(), func(tx *store.Tx) error {
		err := tx.Raw(`INSERT INTO devices (uid, unit_id, name, kind, model, last_user, first_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			id.New[device.Mark](), in.ID, name, kind, "Latitude 5440", user, tx.Now).Scan(&key).Error
		if err != nil || user == "" {
			return err
		}
		return tx.Exec("INSERT INTO device_keys (device_id, kind, value) VALUES (?, 'user', ?)", key, user).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// alert stores an open alert, past the rules of package health, and has it
// followed.
func (o office) alert(t *testing.T, check string, of device.Key, subject string, in unit.Unit, severity health.Level) string {
	t.Helper()
	alert := o.quietly(t, check, of, subject, in, severity)
	o.follow(t, alert)
	return alert
}

func (o office) quietly(t *testing.T, check string, of device.Key, subject string, in unit.Unit, severity health.Level) string {
	t.Helper()
	alert := id.New[health.Mark]().String()
	var key *device.Key
	if of != 0 {
		key = &of
	}
	o.exec(t, `INSERT INTO alerts (id, check_id, device_id, subject, unit_id, severity, state, first_seen_at, last_seen_at, count)
		VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?, 1)`, alert, check, key, subject, in.ID, severity, *o.now, *o.now)
	return alert
}

func (o office) resolve(t *testing.T, alerts ...string) {
	t.Helper()
	o.exec(t, "UPDATE alerts SET state = 'resolved', resolved_at = ?, resolved_why = 'cleared' WHERE id IN ?", *o.now, alerts)
	o.follow(t, alerts...)
}

func (o office) reopen(t *testing.T, alerts ...string) {
	t.Helper()
	o.exec(t, "UPDATE alerts SET state = 'open', resolved_at = NULL WHERE id IN ?", alerts)
	o.follow(t, alerts...)
}

func (o office) follow(t *testing.T, alerts ...string) {
	t.Helper()
	messages := make([]outbox.Message, len(alerts))
	for i, alert := range alerts {
		messages[i] = outbox.Message{Subject: alert}
	}
	err := o.db.Tx(t.Context(), func(tx *store.Tx) error { return o.AlertsChanged(t.Context(), tx, messages) })
	if err != nil {
		t.Fatal(err)
	}
}

// passes lets time pass, and what it brings happen.
func (o office) passes(t *testing.T, d time.Duration) {
	t.Helper()
	*o.now = o.now.Add(d)
	if err := o.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// open opens an incident of unit North.
func (o office) open(t *testing.T, title string) ticket.Row {
	t.Helper()
	made, err := o.Create(o.okafor, ticket.Wish{Title: title, Body: "It does not work.", Unit: o.north.ID, Source: ticket.FromDesk, Keyed: "office"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (o office) person(t *testing.T, name string, in unit.Unit) person.Person {
	t.Helper()
	return must(person.New(o.db).Create(o.ctx, person.Wish{Name: name, UnitID: in.ID, Email: fmt.Sprintf("p%d@example.org", len(name)), Language: "fr", Active: true}))
}
