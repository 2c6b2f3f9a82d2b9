package panel_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/panel"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

type estate struct {
	*panel.Reader
	db          *store.DB
	ctx         context.Context // may do everything
	now         time.Time
	root, north unit.Unit
	devices     []device.Key
	ids         []device.ID
}

// each makes an estate of twelve devices in unit North, on every database.
func each(t *testing.T, test func(t *testing.T, e *estate)) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			e := &estate{now: time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC), ctx: identity.WithActor(t.Context(), identity.System("root"))}
			db, err := store.Open(t.Context(), storetest.URL(t, dialect), store.Options{Now: func() time.Time { return e.now }})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			e.db, e.Reader = db, panel.New(db, inventory.New(db))
			units := unit.New(db)
			e.root = must(units.EnsureRoot(e.ctx, "Coastal Affairs"))
			e.north = must(units.Create(e.ctx, e.root.ID, "North"))
			for i := range 12 {
				e.add(t, fmt.Sprintf("CA-LT-%d", i), fmt.Sprintf("user%d", i))
			}
			test(t, e)
		})
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func (e *estate) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := e.db.Tx(t.Context(), func(tx *store.Tx) error { return tx.Exec(query, args...).Error }); err != nil {
		t.Fatal(err)
	}
}

func (e *estate) add(t *testing.T, name, user string) {
	t.Helper()
	uid := id.New[device.Mark]()
	var key device.Key
	err := e.db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.Raw(`INSERT INTO devices (uid, unit_id, name, kind, model, last_user, first_seen_at) VALUES (?, ?, ?, 'laptop', 'Latitude 5440', ?, ?) RETURNING id`,
			uid, e.north.ID, name, user, tx.Now).Scan(&key).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	e.exec(t, "INSERT INTO device_keys (device_id, kind, value) VALUES (?, 'name', ?), (?, 'user', ?)", key, strings.ToLower(name), key, user)
	e.devices, e.ids = append(e.devices, key), append(e.ids, uid)
}

// changed stores that something happened to devices, so long ago.
func (e *estate) changed(t *testing.T, ago time.Duration, action device.Action, subject string, devices ...device.Key) {
	t.Helper()
	for i, of := range devices {
		e.exec(t, `INSERT INTO device_changes (device_id, at, seq, section, action, subject, after) VALUES (?, ?, ?, 'software', ?, ?, '3.2')`,
			of, e.now.Add(-ago), len(subject)*100+i, action, subject)
	}
}

func TestMostUnusualChangeComesFirst(t *testing.T) {
	each(t, func(t *testing.T, e *estate) {
		const day = 24 * time.Hour
		e.changed(t, day, device.Installed, "Browser", e.devices...)
		e.changed(t, 2*day, device.Installed, "DocuBridge Connector", e.devices[0])
		e.changed(t, 3*day, device.Upgraded, "Office", e.devices[:6]...)
		e.changed(t, 20*day, device.Installed, "Long ago", e.devices[0])
		if err := e.CountChanges(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.now = e.now.Add(time.Minute)
		e.changed(t, 0, device.Uninstalled, "Not counted yet", e.devices[0])
		p := must(e.Of(e.ctx, e.ids[0]))
		var got []string
		for _, c := range p.Changes {
			got = append(got, fmt.Sprint(c.Subject, " ", c.Devices, " ", c.Counted, " ", c.Unusual))
		}
		want := "[Not counted yet 1 false false DocuBridge Connector 1 true true Office 6 true false Browser 12 true false]"
		if fmt.Sprint(got) != want || p.Estate != 12 || p.More != 0 {
			t.Errorf("changed %v of %d", got, p.Estate)
		}
	})
}

func TestPanelGathersWhatTheDomainsKeep(t *testing.T) {
	each(t, func(t *testing.T, e *estate) {
		key := e.devices[0]
		diallo := must(person.New(e.db).Create(e.ctx, person.Wish{Name: "Amara Diallo", Login: "adiallo", UnitID: e.north.ID, Active: true}))
		e.exec(t, `INSERT INTO assets (id, tag, kind, status, custodian_id, unit_id, device_id, warranty_ends_on, created_at, updated_at)
			VALUES (?, 'A-4417', 'laptop', 'in_use', ?, ?, ?, 20526, ?, ?)`, id.New[struct{}](), diallo.ID, e.north.ID, key, e.now, e.now)
		e.exec(t, `INSERT INTO device_sections (device_id, name, hash, outcome, reported_at, facts) VALUES (?, 'os', '', 'ok', ?, '{"id":"debian","version":"12","title":"Debian GNU/Linux 12"}')`, key, e.now)
		e.exec(t, "INSERT INTO device_health (device_id, rank, level, check_id, subject, judged_at, silent) VALUES (?, 1, 'warn', 'disk_space', '/', ?, false)", key, e.now)
		e.exec(t, `INSERT INTO findings (device_id, check_id, subject, level, held, since, seen_at) VALUES (?, 'disk_space', '/', 'warn', 'warn', ?, ?)`, key, e.now, e.now)
		e.exec(t, `INSERT INTO alerts (id, check_id, device_id, subject, unit_id, severity, state, first_seen_at, last_seen_at, count)
			VALUES (?, 'disk_space', ?, '/', ?, 'warn', 'open', ?, ?, 1)`, id.New[struct{}](), key, e.north.ID, e.now, e.now)
		p := must(e.Of(e.ctx, e.ids[0]))
		if p.Asset.Custodian != "Amara Diallo" || p.Asset.WarrantyEnds.Format(time.DateOnly) != "2026-03-14" || !p.Supported || p.Support.Title == "" ||
			p.Health.Level != "warn" || len(p.Findings) != 1 || len(p.Alerts) != 1 {
			t.Errorf("the panel is %+v", p)
		}
		manager := identity.WithActor(t.Context(), identity.Actor{Kind: identity.UserKind, ID: "x", Grants: []identity.Grant{{Role: identity.Manager, Reach: identity.Scope{All: true}}}})
		if p := must(e.Of(manager, e.ids[0])); p.Asset.Custodian != "" || p.Device.LastUser != "" || p.MayTickets {
			t.Errorf("a manager sees %+v", p.Asset)
		}
		south := identity.WithActor(t.Context(), identity.Actor{Kind: identity.UserKind, ID: "x", Grants: []identity.Grant{{Role: identity.HelpDesk, Reach: identity.Scope{Units: []identity.UnitID{e.root.ID}}}}})
		_, err := e.Of(south, e.ids[0])
		if !fault.Is(err, fault.Missing) {
			t.Errorf("another unit sees %v", err)
		}
		for text, want := range map[string]string{"a-4417": "tag", "diallo": "holder", "adiallo": "holder", "ca-lt-0": "name", "user0": "user", e.ids[0].String(): "id"} {
			answer, err := e.Find(e.ctx, text)
			if err != nil || answer.Best == nil || answer.Best.Device.ID != e.ids[0] {
				t.Errorf("%q finds %+v, %v", text, answer, err)
				continue
			}
			if matches := must(e.Matches(e.ctx, text)); matches[0].By != want {
				t.Errorf("%q was found by %s", text, matches[0].By)
			}
		}
		if answer, err := e.Find(e.ctx, "ca-lt"); err != nil || len(answer.Others) != 10 {
			t.Errorf("found %d others, %v", len(answer.Others), err)
		}
		if _, err := e.Find(e.ctx, "nobody here"); !fault.Is(err, fault.Missing) {
			t.Errorf("found %v", err)
		}
		if _, err := e.Find(e.ctx, "x"); !fault.Is(err, fault.Invalid) {
			t.Errorf("found %v", err)
		}
	})
}
