package position

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/shared/report"
)

// loader fills an estate with what concerns some products at a moment.
type loader struct {
	db       *gorm.DB
	dialect  store.Dialect
	at       moment
	rules    *licence.Rules
	products []product
	byID     map[ProductID]int // place in products and in the estate
	estate   *licence.Estate

	devices map[device.Key]*machine // wanted ones, and whatever is known of them
	people  map[person.ID]bool      // in the estate
	bound   map[asset.ID]string     // identifiers of machines by asset
	gone    map[string]bool         // machines that are gone, in the estate because a right is bound to them
	units   map[identity.UnitID]unit
}

type product struct {
	id     ProductID
	metric licence.Metric
}

type unit struct {
	site string // the unit directly below the root that it is in; empty for the root
}

// machine is a device with what is read of it.
type machine struct {
	uid        string
	name       string
	kind       device.Kind
	unit       identity.UnitID
	lastUser   string
	user       string
	cores      *int64
	processors []licence.Processor
	here       bool // known, and not revoked by then
}

// load reads the estate of some products. What is installed on devices that
// are gone is left out, and so is what refers to something unknown.
func load(ctx context.Context, db *gorm.DB, dialect store.Dialect, at moment, products []ProductID) (*loader, error) {
	l := &loader{
		db: db.WithContext(ctx), dialect: dialect, at: at, rules: licence.Bundled(), estate: &licence.Estate{},
		byID: map[ProductID]int{}, devices: map[device.Key]*machine{}, people: map[person.ID]bool{},
		bound: map[asset.ID]string{}, gone: map[string]bool{}, units: map[identity.UnitID]unit{},
	}
	if len(products) == 0 {
		return l, nil
	}
	for _, step := range []struct {
		what string
		do   func([]ProductID) error
	}{
		{"products", l.loadProducts}, {"units", l.loadUnits}, {"installations", l.loadInstallations},
		{"what rights are bound to", l.loadBound}, {"exempt devices", l.loadExempt}, {"devices", l.loadDevices},
		{"processors", l.loadProcessors}, {"users", l.loadUsers}, {"assignments", l.loadAssignments},
		{"entitlements", l.loadEntitlements}, {"exemptions", l.loadExemptions},
	} {
		if err := step.do(products); err != nil {
			return nil, fmt.Errorf("read %s: %w", step.what, err)
		}
	}
	l.addMachines()
	return l, nil
}

// each runs a query and hands over its rows.
func (l *loader) each(row func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := l.db.Raw(query, args...).Rows()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (l *loader) loadProducts(wanted []ProductID) error {
	return l.each(func(rows *sql.Rows) error {
		var id ProductID
		var one licence.Product
		var class string
		places, counted := entitlement.ScanCounted()
		if err := rows.Scan(append([]any{&id, &one.Key, &one.Name, &one.Publisher, &class}, places...)...); err != nil {
			return err
		}
		by, err := counted(one.Key)
		if err != nil {
			return err
		}
		one.Rule, one.Metric, one.Packs, one.FreeEditions = by.Rule, by.Metric, by.Packs, by.FreeEditions
		one.Free = class == "free"
		l.byID[id] = len(l.products)
		l.products = append(l.products, product{id, l.rules.Of(&one, l.at.day).Metric.Metric})
		l.estate.Products = append(l.estate.Products, one)
		return nil
	}, `SELECT p.id, p.key, p.name, p.publisher, p.class, `+entitlement.CountedColumns+`
		FROM products p LEFT JOIN product_metrics m ON m.product_id = p.id WHERE p.id IN ? ORDER BY p.key`, wanted)
}

// loadUnits reads the tree. The units directly below the root are the sites.
func (l *loader) loadUnits([]ProductID) error {
	return l.each(func(rows *sql.Rows) error {
		var id, parent identity.UnitID
		var name, path string
		if err := rows.Scan(&id, &parent, &name, &path); err != nil {
			return err
		}
		one := licence.Unit{ID: id.String(), Name: name, Parent: parent.String(), Kind: "unit"}
		above := strings.Split(strings.Trim(path, "/"), "/")
		if len(above) <= 2 {
			one.Kind = "site"
		}
		site := ""
		if len(above) > 1 {
			site = above[1]
		}
		l.units[id] = unit{site: site}
		l.estate.Units = append(l.estate.Units, one)
		return nil
	}, "SELECT id, parent_id, name, path FROM units ORDER BY path")
}

// loadInstallations reads what is installed, or what was.
func (l *loader) loadInstallations(wanted []ProductID) error {
	const present = `SELECT r.product_id, i.device_id, r.version, r.edition FROM releases r
		JOIN installations i ON i.release_id = r.id WHERE r.product_id IN ?`
	const past = `SELECT r.product_id, i.device_id, r.version, r.edition FROM releases r
		JOIN installations_past i ON i.release_id = r.id WHERE r.product_id IN ?`
	query, args := present, []any{wanted}
	if !l.at.past.IsZero() {
		query = present + " AND i.since < ? UNION ALL " + past + " AND i.since < ? AND i.until >= ?"
		args = []any{wanted, l.at.past, wanted, l.at.past, l.at.past}
	}
	return l.each(func(rows *sql.Rows) error {
		var of ProductID
		var on device.Key
		var one licence.Installation
		if err := rows.Scan(&of, &on, &one.Version, &one.Edition); err != nil {
			return err
		}
		at, known := l.byID[of]
		if !known {
			return nil
		}
		one.Product = l.estate.Products[at].Key
		one.On = strconv.Itoa(int(on)) // until addMachines knows its identifier
		l.want(on)
		l.estate.Installations = append(l.estate.Installations, one)
		return nil
	}, query, args...)
}

func (l *loader) want(key device.Key) *machine {
	one := l.devices[key]
	if one == nil {
		one = &machine{}
		l.devices[key] = one
	}
	return one
}

// loadBound reads the assets that rights are bound to. One without a device is
// a machine of its own, on which nothing is installed.
func (l *loader) loadBound(wanted []ProductID) error {
	return l.each(func(rows *sql.Rows) error {
		var id asset.ID
		var tag string
		var key device.Key
		if err := rows.Scan(&id, &tag, list.Blank(&key)); err != nil {
			return err
		}
		if key != 0 {
			l.want(key)
			l.bound[id] = strconv.Itoa(int(key))
			return nil
		}
		l.bound[id] = "asset " + id.String()
		l.estate.Devices = append(l.estate.Devices, licence.Device{ID: l.bound[id], Name: tag})
		return nil
	}, `SELECT a.id, a.tag, a.device_id FROM assets a WHERE a.id IN
		(SELECT e.asset_id FROM entitlements e WHERE e.product_id IN ? AND e.removed_at IS NULL AND e.asset_id IS NOT NULL)`, wanted)
}

func (l *loader) loadExempt(wanted []ProductID) error {
	return l.each(func(rows *sql.Rows) error {
		var key device.Key
		if err := rows.Scan(&key); err != nil {
			return err
		}
		l.want(key)
		return nil
	}, "SELECT DISTINCT x.device_id FROM exemptions x WHERE x.product_id IN ? AND x.removed_at IS NULL AND x.device_id IS NOT NULL", wanted)
}

// keys is the condition that a column is one of the devices, and its
// parameter: a list in one text, since a hundred thousand parameters are more
// than a statement takes.
func (l *loader) keys(column string, wanted func(*machine) bool) (condition, list string) {
	var b strings.Builder
	for key, one := range l.devices {
		if wanted == nil || wanted(one) {
			b.WriteByte(',')
			b.WriteString(strconv.Itoa(int(key)))
		}
	}
	return among(l.dialect, column, strings.TrimPrefix(b.String(), ","))
}

// among is the condition that a column is in a list of numbers with commas
// between them, and its parameter.
func among(dialect store.Dialect, column, numbers string) (condition, list string) {
	if dialect == store.Postgres {
		return column + " = ANY(CAST(? AS integer[]))", "{" + numbers + "}"
	}
	return column + " IN (SELECT value FROM json_each(?))", "[" + numbers + "]"
}

// amongTexts is the condition that a column is in a list of texts, and its
// parameter.
func amongTexts(dialect store.Dialect, column string, texts []string) (condition, list string) {
	encoded, err := json.Marshal(texts)
	if err != nil { // cannot be: texts
		encoded = []byte("[]")
	}
	if dialect == store.Postgres {
		return column + " IN (SELECT jsonb_array_elements_text(CAST(? AS jsonb)))", string(encoded)
	}
	return column + " IN (SELECT value FROM json_each(?))", string(encoded)
}

func (l *loader) loadDevices([]ProductID) error {
	where, list := l.keys("d.id", nil)
	return l.each(func(rows *sql.Rows) error {
		var key device.Key
		var lastUser sql.NullString
		var cores sql.NullInt64
		var revoked sql.Null[time.Time]
		var found machine
		if err := rows.Scan(&key, &found.uid, &found.name, &found.kind, &found.unit, &lastUser, &cores, &revoked); err != nil {
			return err
		}
		found.lastUser = lastUser.String
		if cores.Valid && cores.Int64 > 0 {
			found.cores = &cores.Int64
		}
		found.here = !revoked.Valid || !l.at.past.IsZero() && !revoked.V.Before(l.at.past)
		*l.devices[key] = found
		return nil
	}, `SELECT d.id, d.uid, d.name, d.kind, d.unit_id, d.last_user, d.cores, c.revoked_at
		FROM devices d LEFT JOIN device_contacts c ON c.device_id = d.id WHERE `+where, list)
}

// counts reports whether any of the products is counted by a metric of this
// kind.
func (l *loader) counts(kind string) bool {
	return slices.ContainsFunc(l.products, func(p product) bool { return p.metric.Kind() == kind })
}

// loadProcessors reads the cores of the devices with a product that is
// counted by them.
func (l *loader) loadProcessors([]ProductID) error {
	if !l.counts("per_core") {
		return nil
	}
	for i := range l.estate.Installations { // only these have processors that matter
		one := &l.estate.Installations[i]
		if at := l.byKey(one.Product); l.products[at].metric.Kind() == "per_core" {
			l.devices[keyOf(one.On)].processors = []licence.Processor{}
		}
	}
	where, list := l.keys("device_id", func(m *machine) bool { return m.here && m.processors != nil })
	return l.each(func(rows *sql.Rows) error {
		var key device.Key
		var facts []byte
		if err := rows.Scan(&key, &facts); err != nil {
			return err
		}
		var cpu report.CPU
		if err := json.Unmarshal(facts, &cpu); err != nil {
			return fmt.Errorf("read processors of device %d: %w", key, err)
		}
		l.devices[key].learn(cpu)
		return nil
	}, "SELECT device_id, facts FROM device_sections WHERE name = 'cpu' AND facts IS NOT NULL AND "+where, list)
}

func (l *loader) byKey(key string) int {
	at, _ := slices.BinarySearchFunc(l.estate.Products, key, func(p licence.Product, key string) int { return strings.Compare(p.Key, key) })
	return at
}

func keyOf(text string) device.Key {
	number, err := strconv.Atoi(text)
	if err != nil { // cannot be: written by loadInstallations
		return 0
	}
	return device.Key(number) //nolint:gosec // was a key before
}

// learn takes the processors that a device reported.
func (m *machine) learn(cpu report.CPU) {
	positive := func(number int) *int64 {
		if number <= 0 {
			return nil
		}
		return new(int64(number))
	}
	if m.cores = positive(cpu.Threads); m.cores == nil {
		m.cores = positive(cpu.Cores)
	}
	for _, each := range cpu.Processors {
		m.processors = append(m.processors, licence.Processor{
			Cores: positive(each.Cores), Threads: positive(each.Threads), Maker: each.Maker, Model: each.Model,
		})
	}
	if len(m.processors) > 0 || cpu.Sockets <= 0 {
		return
	}
	one := licence.Processor{Count: positive(cpu.Sockets)}
	if cpu.Cores%cpu.Sockets == 0 {
		one.Cores = positive(cpu.Cores / cpu.Sockets)
	}
	m.processors = append(m.processors, one)
}

// addMachines puts the devices into the estate, each as what it is, and
// leaves out what is installed on those that are gone.
func (l *loader) addMachines() {
	for _, one := range l.devices {
		if !one.here {
			continue
		}
		unit := one.unit.String()
		switch one.kind {
		case device.Server:
			l.estate.Hosts = append(l.estate.Hosts, licence.Host{ID: one.uid, Name: one.name, Unit: unit, Processors: one.processors})
		case device.Virtual, device.Container:
			l.estate.VirtualMachines = append(l.estate.VirtualMachines, licence.VirtualMachine{ID: one.uid, Name: one.name, Unit: unit, VirtualCores: one.cores, User: one.user})
		case device.Desktop, device.Laptop, device.Tablet, device.Handheld, device.Other:
			fallthrough
		default:
			l.estate.Devices = append(l.estate.Devices, licence.Device{ID: one.uid, Name: one.name, Kind: string(one.kind), Unit: unit, User: one.user, Processors: one.processors})
		}
	}
	kept := l.estate.Installations[:0]
	for _, each := range l.estate.Installations {
		if on := l.devices[keyOf(each.On)]; on.here {
			each.On = on.uid
			kept = append(kept, each)
		}
	}
	l.estate.Installations = kept
}
