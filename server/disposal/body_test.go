package disposal_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"holdfast/server/account"
	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

// body is an organisation with people who deal with disposal.
type body struct {
	*disposal.Service
	db          *store.DB
	assets      *asset.Service
	ctx         context.Context // may do everything, and is nobody
	unit, south unit.Unit
	ada, ben    context.Context // technicians, who propose and record
	mia, max    context.Context // managers, who approve
	help        context.Context // the help desk, who record
	alarms      *[]disposal.Alarm
	released    *[]asset.ID
}

func silent(*store.Tx, string, string, any) error { return nil }

func each(t *testing.T, test func(t *testing.T, b body)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, newBody(t, db)) })
}

func newBody(t *testing.T, db *store.DB) body {
	t.Helper()
	b := body{
		db: db, ctx: identity.WithActor(t.Context(), identity.System("root")), assets: asset.New(db, silent),
		alarms: new([]disposal.Alarm), released: new([]asset.ID),
	}
	alerts, agents := health.New(db, silent, health.Options{}), device.NewAgents(db)
	b.Service = disposal.New(db, disposal.Peers{
		EndCustody: b.assets.EndCustody, SetStatus: b.assets.SetStatus, RevokeAgent: agents.RevokeIn,
		CloseAlerts: func(ctx context.Context, tx *store.Tx, of device.Key) error {
			return alerts.CloseForDevice(ctx, tx, of, health.Closed)
		},
		PreviewRights: func(context.Context, []asset.ID) ([]disposal.RightChange, error) {
			return []disposal.RightChange{{Product: "Windows 11 Pro", Leave: 1, Before: 4, After: 4}}, nil
		},
		ReleaseRights: func(_ context.Context, _ *store.Tx, assets []asset.ID) error {
			*b.released = append(*b.released, assets...)
			return nil
		},
		OpenTicket: func(_ context.Context, tx *store.Tx, alarm disposal.Alarm) (disposal.TicketID, error) {
			*b.alarms = append(*b.alarms, alarm)
			of, _ := b.incident(tx)
			return of, nil
		},
	})
	units := unit.New(db)
	root := must(units.EnsureRoot(b.ctx, "Organisation"))
	b.unit, b.south = must(units.Create(b.ctx, root.ID, "North")), must(units.Create(b.ctx, root.ID, "South"))
	b.ada, b.ben = b.user(t, "Ada", identity.Servers), b.user(t, "Ben", identity.Servers)
	b.mia, b.max = b.user(t, "Mia", identity.Manager), b.user(t, "Max", identity.Manager)
	b.help = b.user(t, "Hal", identity.HelpDesk)
	return b
}

// user is somebody with a role in unit North.
func (b body) user(t *testing.T, name string, role identity.Role) context.Context {
	t.Helper()
	made := must(account.New(b.db).CreateUser(b.ctx, account.Newcomer{Login: name + "1", Name: name}, nil))
	return identity.WithActor(b.ctx, identity.Actor{
		Kind: identity.UserKind, ID: made.ID.String(), Name: name,
		Grants: []identity.Grant{{Role: role, UnitID: b.unit.ID, Reach: identity.Scope{Units: []identity.UnitID{b.unit.ID}}}},
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

func (b body) tx(t *testing.T, work func(tx *store.Tx) error) {
	t.Helper()
	if err := b.db.Tx(b.ctx, work); err != nil {
		t.Fatal(err)
	}
}

// laptop makes a laptop that is in use, and its device when it has drives.
func (b body) laptop(t *testing.T, tag string, drives ...string) (asset.ID, device.Key) {
	t.Helper()
	made := must(b.assets.Create(b.ctx, asset.Wish{Tag: tag, Kind: asset.Laptop, Model: "Latitude 7400", UnitID: b.unit.ID}, asset.InUse))
	if drives == nil {
		return made.ID, 0
	}
	key := b.device(t, tag)
	for _, serial := range drives {
		b.sees(t, key, serial)
	}
	if _, err := b.assets.Link(b.ctx, made.ID, b.uid(t, key)); err != nil {
		t.Fatal(err)
	}
	return made.ID, key
}

// device stores a device with an agent, past the rules of package device.
func (b body) device(t *testing.T, name string) (key device.Key) {
	t.Helper()
	b.tx(t, func(tx *store.Tx) error {
		err := tx.Raw("INSERT INTO devices (uid, unit_id, name, kind, first_seen_at, reported_at) VALUES (?, ?, ?, 'laptop', ?, ?) RETURNING id",
			id.New[device.Mark](), b.unit.ID, name, tx.Now, tx.Now).Scan(&key).Error
		if err != nil {
			return err
		}
		return tx.Exec("INSERT INTO device_contacts (device_id, credential_hash, enrolled_at, seen_at) VALUES (?, ?, ?, ?)",
			key, []byte(name), tx.Now, tx.Now).Error
	})
	return key
}

func (b body) uid(t *testing.T, key device.Key) (uid device.ID) {
	t.Helper()
	if err := b.db.Read(b.ctx).Raw("SELECT uid FROM devices WHERE id = ?", key).Row().Scan(&uid); err != nil {
		t.Fatal(err)
	}
	return uid
}

// sees is a device that reports a drive.
func (b body) sees(t *testing.T, key device.Key, serial string) {
	t.Helper()
	b.tx(t, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO components (device_id, kind, ident, model, serial, size_bytes, first_seen_at, last_seen_at) VALUES (?, 'drive', LOWER(?), 'Samsung SSD 860', ?, 256000000000, ?, ?)
			ON CONFLICT (device_id, kind, ident) DO UPDATE SET last_seen_at = excluded.last_seen_at, removed_at = NULL`, key, serial, serial, tx.Now, tx.Now).Error
	})
}

// misses is a device that reports a drive no more.
func (b body) misses(t *testing.T, key device.Key, serial string) {
	t.Helper()
	b.tx(t, func(tx *store.Tx) error {
		return tx.Exec("UPDATE components SET removed_at = ? WHERE device_id = ? AND serial = ?", tx.Now, key, serial).Error
	})
}

// incident opens an incident, past the rules of package ticket.
func (b body) incident(tx *store.Tx) (disposal.TicketID, int) {
	of, number := id.New[disposal.TicketMark](), 0
	err := tx.Raw(`INSERT INTO tickets (id, number, kind, title, state, impact, urgency, priority, category_id, team, level, unit_id, source,
		opened_at, updated_at, calendar_id, own_minutes, own_due_at, resolve_minutes, resolve_used_s)
		SELECT ?, 1 + (SELECT COUNT(*) FROM tickets), 'incident', 'A drive is missing', 'new', 'one', 'medium', 'p4', c.id, 'helpdesk', 1, ?, 'desk',
		CAST(? AS `+when(tx)+`), CAST(? AS `+when(tx)+`), k.id, 1, CAST(? AS `+when(tx)+`), 1, 0 FROM ticket_categories c, calendars k WHERE c.key = 'security' RETURNING number`,
		of, b.unit.ID, tx.Now, tx.Now, tx.Now).Scan(&number).Error
	if err != nil {
		panic(err)
	}
	return of, number
}

func when(tx *store.Tx) string {
	if tx.Dialect() == store.Postgres {
		return "timestamptz"
	}
	return "text"
}

// begin makes a case with assets on a route.
func (b body) begin(t *testing.T, route string, assets ...asset.ID) *disposal.Case {
	t.Helper()
	made := must(b.Create(b.ada, disposal.Wish{Title: "Refresh", UnitID: b.unit.ID}))
	return must(b.Add(b.ada, made.ID, route, "worn out", assets...))
}

// approved makes a case that is approved.
func (b body) approved(t *testing.T, route string, assets ...asset.ID) *disposal.Case {
	t.Helper()
	c := b.begin(t, route, assets...)
	c = must(b.Offer(b.ada, c.ID))
	c = must(b.Approve(b.mia, c.ID, ""))
	if c.State == disposal.Offered {
		c = must(b.Approve(b.max, c.ID, ""))
	}
	if c.State != disposal.Approved {
		t.Fatalf("it is %s", c.State)
	}
	return c
}

func purge() disposal.RecordWish {
	return disposal.RecordWish{Outcome: disposal.Purge, Technique: "block_erase", Tool: "nvme-cli", ToolVersion: "2.4", PerformedOn: time.Now().AddDate(0, 0, -1)}
}

// wipe records and checks every drive that needs it.
func (b body) wipe(t *testing.T, c *disposal.Case) *disposal.Case {
	t.Helper()
	for _, problem := range c.Problems() {
		if problem.Drive == nil {
			c = must(b.NoData(b.ben, c.ID, problem.Line.ID, "it never had a drive"))
			continue
		}
		wish := purge()
		if problem.Drive.Medium != disposal.SSD {
			wish.Medium = disposal.SSD
		}
		if problem.Drive.Record == nil {
			c = must(b.Record(b.ben, c.ID, problem.Drive.ID, wish))
		}
		c = must(b.Validate(b.help, c.ID, problem.Drive.ID, "full", "nothing found"))
	}
	return c
}

func (b body) message(key device.Key) []outbox.Message {
	return []outbox.Message{{HappenedAt: b.db.Now().Add(time.Minute), Payload: fmt.Appendf(nil, `{"device": %d}`, key)}}
}
