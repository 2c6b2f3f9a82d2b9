// Package panel puts a device and what surrounds it on one page for somebody
// with a caller on the line: who uses it, what it is, how it is, what changed
// lately and how unusual that is, what is being done about it already. It
// reads what the domains keep and decides nothing; it owns only the table
// change_counts, by which it knows how usual a change is.
//
// Each part is for those who may read it where it comes from: a reader without
// tickets.read sees no tickets, and so on.
package panel

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/server/support"
	"holdfast/server/ticket"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// Window is how far back changes are looked at.
const Window = 14 * 24 * time.Hour

// Panel is a device and what surrounds it.
type Panel struct {
	Device    inventory.Device
	User      string // who uses it: who was last signed in, by name where somebody of that login is known; "" for readers who may not know
	Asset     Asset  // what is decided about it
	Support   support.Dates
	Supported bool // whether the dates of its system are known
	Health    health.Verdict
	Findings  []health.Finding // what is wrong, the worst first
	Changes   []Change         // the most unusual first
	More      int              // changes that are not listed
	Estate    int              // how many devices there are
	Alerts    []health.Alert
	Tickets   []ticket.Ticket // number, title, state and opening; the newest first
	OnDevice  int             // tickets on the device in a year
	OnModel   int             // tickets on devices of its model in a year
	Licences  []Licence

	MayAlerts, MayTickets, MayLicences, MayAssets bool // whether the reader may know of them
}

// Asset is what is decided about a device.
type Asset struct {
	ID           asset.ID
	Tag          string
	Status       asset.Status
	CustodianID  person.ID
	Custodian    string // "" also for readers who may not know
	Place        string
	PurchasedOn  time.Time
	WarrantyEnds time.Time
}

// Licence is a licensed product on a device, and how it stands with it.
type Licence struct {
	ProductID string
	Name      string
	Known     bool  // whether the position has been worked out
	Available int64 // rights left over; negative when short
}

// Reader reads panels.
type Reader struct {
	db        *store.DB
	inventory *inventory.Reader
}

// New makes a reader.
func New(db *store.DB, devices *inventory.Reader) *Reader { return &Reader{db: db, inventory: devices} }

// Of gives the panel of a device. Faults: Missing, Denied.
func (r *Reader) Of(ctx context.Context, of device.ID) (Panel, error) {
	found, err := r.inventory.Device(ctx, of)
	if err != nil {
		return Panel{}, err
	}
	p := Panel{Device: found.Device, User: found.LastUser}
	actor, unit := identity.ActorOf(ctx), found.UnitID
	may := func(permission identity.Permission) bool { return actor.Reach(permission).Has(unit) }
	p.MayAlerts, p.MayTickets = may(identity.AlertsRead), may(identity.TicketsRead)
	p.MayLicences, p.MayAssets = may(identity.LicencesRead) && may(identity.SoftwareRead), may(identity.AssetsRead)
	db := r.db.Read(ctx)
	for _, part := range []struct {
		may  bool
		read func(*gorm.DB) error
	}{
		{true, p.readSystem},
		{p.User != "", func(db *gorm.DB) error { return p.readUser(db, actor.Reach(identity.PeopleRead)) }},
		{p.MayAssets, func(db *gorm.DB) error { return p.readAsset(db, may(identity.PeopleRead)) }},
		{p.MayAlerts, p.readHealth},
		{p.MayAlerts, p.readAlerts},
		{p.MayTickets, func(db *gorm.DB) error { return p.readTickets(db, actor.Reach(identity.TicketsRead)) }},
		{p.MayLicences, p.readLicences},
		{true, func(db *gorm.DB) error {
			return p.readChanges(db, r.db.Now(), found.LastUser != "" || may(identity.PeopleRead))
		}},
	} {
		if !part.may {
			continue
		}
		if err := part.read(db); err != nil {
			return Panel{}, fmt.Errorf("read what surrounds device %s: %w", of, err)
		}
	}
	return p, nil
}

// ByKey is Of for the key by which tables name a device.
func (r *Reader) ByKey(ctx context.Context, key device.Key) (Panel, error) {
	var of device.ID
	err := r.db.Read(ctx).Raw("SELECT uid FROM devices WHERE id = ?", key).Row().Scan(&of)
	if err != nil {
		return Panel{}, fmt.Errorf("find device %d: %w", key, err)
	}
	return r.Of(ctx, of)
}

func (p *Panel) readSystem(db *gorm.DB) error {
	var facts json.RawMessage
	err := db.Raw("SELECT facts FROM device_sections WHERE device_id = ? AND name = 'os'", p.Device.Key).Row().Scan(list.JSON(&facts))
	if store.Missing(err) || err == nil && len(facts) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	var system report.OS
	if err := json.Unmarshal(facts, &system); err != nil {
		return err
	}
	p.Support, p.Supported = support.Of(system)
	return nil
}

// readUser finds the name of who was last signed in.
func (p *Panel) readUser(db *gorm.DB, reach identity.Scope) error {
	login := strings.ToLower(p.User[strings.LastIndexByte(p.User, '\\')+1:]) // Windows puts the domain before it
	where := list.All(list.Where("login = ?", login), list.Within("unit_id", reach))
	err := db.Raw("SELECT name FROM people WHERE "+where.SQL, where.Args...).Row().Scan(&p.User)
	if store.Missing(err) {
		return nil
	}
	return err
}

func (p *Panel) readAsset(db *gorm.DB, people bool) error {
	a := &p.Asset
	err := db.Raw(`SELECT a.id, a.tag, a.status, a.custodian_id, c.name, l.path, a.purchased_on, a.warranty_ends_on FROM assets a
		LEFT JOIN people c ON c.id = a.custodian_id LEFT JOIN places l ON l.id = a.place_id WHERE a.device_id = ?`, p.Device.Key).
		Row().Scan(&a.ID, &a.Tag, &a.Status, &a.CustodianID, list.Blank(&a.Custodian), list.Blank(&a.Place), list.Day(&a.PurchasedOn), list.Day(&a.WarrantyEnds))
	if store.Missing(err) {
		return nil
	}
	if !people {
		a.Custodian, a.CustodianID = "", person.ID{}
	}
	return err
}

func (p *Panel) readHealth(db *gorm.DB) error {
	h := &p.Health
	h.Level = health.Unknown
	err := db.Raw("SELECT level, check_id, subject, args, since, judged_at FROM device_health WHERE device_id = ?", p.Device.Key).
		Row().Scan(&h.Level, list.Blank(&h.Check), list.Blank(&h.Subject), &h.Args, list.Blank(&h.Since), &h.JudgedAt)
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return each(db, `SELECT check_id, subject, level, args, since, seen_at FROM findings WHERE device_id = ? AND level IN ('warn', 'crit')
		ORDER BY level, since, check_id`, []any{p.Device.Key}, func(rows *sql.Rows) error {
		var f health.Finding
		err := rows.Scan(&f.Check, &f.Subject, &f.Level, &f.Args, &f.Since, &f.SeenAt)
		p.Findings = append(p.Findings, f)
		return err
	})
}

func (p *Panel) readAlerts(db *gorm.DB) error {
	return each(db, `SELECT id, check_id, subject, severity, args, first_seen_at, last_seen_at FROM alerts WHERE device_id = ? AND state = 'open'
		ORDER BY severity, first_seen_at, id LIMIT 20`, []any{p.Device.Key}, func(rows *sql.Rows) error {
		var a health.Alert
		err := rows.Scan(&a.ID, &a.Check, &a.Subject, &a.Severity, &a.Args, &a.FirstSeenAt, &a.LastSeenAt)
		p.Alerts = append(p.Alerts, a)
		return err
	})
}

func (p *Panel) readTickets(db *gorm.DB, reach identity.Scope) error {
	err := each(db, `SELECT id, kind, number, title, COALESCE(title_key, ''), title_args, state, opened_at FROM tickets WHERE device_id = ? AND merged_into IS NULL
		ORDER BY opened_at DESC, id LIMIT 6`, []any{p.Device.Key}, func(rows *sql.Rows) error {
		var t ticket.Ticket
		var args json.RawMessage
		if err := rows.Scan(&t.ID, &t.Kind, &t.Number, &t.Title, &t.TitleKey, list.JSON(&args), &t.State, &t.OpenedAt); err != nil {
			return err
		}
		p.Tickets = append(p.Tickets, t)
		if len(args) == 0 {
			return nil
		}
		return json.Unmarshal(args, &p.Tickets[len(p.Tickets)-1].TitleArgs)
	})
	if err != nil {
		return err
	}
	year := db.NowFunc().AddDate(-1, 0, 0)
	err = db.Raw("SELECT COUNT(*) FROM tickets WHERE device_id = ? AND opened_at >= ? AND merged_into IS NULL", p.Device.Key, year).Row().Scan(&p.OnDevice)
	if err != nil || p.Device.Model == "" {
		return err
	}
	where := list.All(list.Where("d.model = ? AND t.opened_at >= ? AND t.merged_into IS NULL", p.Device.Model, year), list.Within("t.unit_id", reach))
	return db.Raw("SELECT COUNT(*) FROM tickets t JOIN devices d ON d.id = t.device_id WHERE "+where.SQL, where.Args...).Row().Scan(&p.OnModel)
}

func (p *Panel) readLicences(db *gorm.DB) error {
	return each(db, `SELECT DISTINCT p.id, p.name, s.available FROM installations i JOIN releases r ON r.id = i.release_id
		JOIN products p ON p.id = r.product_id LEFT JOIN positions s ON s.product_id = p.id
		WHERE i.device_id = ? AND p.class = 'licensed' ORDER BY p.name, p.id LIMIT 30`, []any{p.Device.Key}, func(rows *sql.Rows) error {
		var l Licence
		var available sql.NullInt64
		err := rows.Scan(&l.ProductID, &l.Name, &available)
		l.Known, l.Available = available.Valid, available.Int64
		p.Licences = append(p.Licences, l)
		return err
	})
}

// each runs a query and hands over its rows.
func each(db *gorm.DB, query string, args []any, take func(*sql.Rows) error) (err error) {
	rows, err := db.Raw(query, args...).Rows()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// deviceID reads the identifier of a device, if it is one.
func deviceID(text string) (device.ID, bool) {
	of, err := id.Parse[device.Mark](text)
	return of, err == nil
}
