package position

import (
	"database/sql"
	"strings"
	"time"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/person"
)

// loadUsers reads who uses the devices, where that matters: the custodian of
// a device's asset, or else the person whose login was last seen on it.
func (l *loader) loadUsers(wanted []ProductID) error {
	if !l.counts("per_named_user") {
		matters := false
		err := l.each(func(*sql.Rows) error {
			matters = true
			return nil
		}, "SELECT 1 FROM exemptions x WHERE x.product_id IN ? AND x.person_id IS NOT NULL AND x.removed_at IS NULL LIMIT 1", wanted)
		if err != nil || !matters {
			return err
		}
	}
	where, keys := l.keys("a.device_id", func(m *machine) bool { return m.here })
	err := l.each(func(rows *sql.Rows) error {
		var key device.Key
		user, err := l.person(rows, &key)
		if err != nil {
			return err
		}
		l.devices[key].user = user
		return nil
	}, "SELECT n.id, n.name, n.unit_id, a.device_id FROM assets a JOIN people n ON n.id = a.custodian_id WHERE "+where, keys)
	if err != nil {
		return err
	}
	return l.loadLogins()
}

// loadLogins finds the users of devices without a custodian by their login.
func (l *loader) loadLogins() error {
	devices := map[string][]*machine{}
	for _, one := range l.devices {
		if login := loginOf(one.lastUser); one.here && one.user == "" && login != "" {
			devices[login] = append(devices[login], one)
		}
	}
	if len(devices) == 0 {
		return nil
	}
	logins := make([]string, 0, len(devices))
	for login := range devices {
		logins = append(logins, login)
	}
	where, logged := amongTexts(l.dialect, "n.login", logins)
	return l.each(func(rows *sql.Rows) error {
		var login string
		user, err := l.person(rows, &login)
		if err != nil {
			return err
		}
		for _, one := range devices[login] {
			one.user = user
		}
		return nil
	}, "SELECT n.id, n.name, n.unit_id, n.login FROM people n WHERE "+where, logged)
}

// loginOf is the login in an account such as DOMAIN\login or login@domain, as
// people are kept by it.
func loginOf(account string) string {
	if _, after, has := strings.Cut(account, `\`); has {
		account = after
	}
	account, _, _ = strings.Cut(account, "@")
	return strings.ToLower(strings.TrimSpace(account))
}

// person scans a person and what follows, puts the person into the estate and
// gives the identifier.
func (l *loader) person(rows *sql.Rows, rest ...any) (string, error) {
	var id person.ID
	var name string
	var unit identity.UnitID
	if err := rows.Scan(append([]any{&id, &name, &unit}, rest...)...); err != nil {
		return "", err
	}
	if !l.people[id] {
		l.people[id] = true
		l.estate.Users = append(l.estate.Users, licence.User{ID: id.String(), Name: name, Unit: unit.String()})
	}
	return id.String(), nil
}

// loadAssignments reads who is assigned a right.
func (l *loader) loadAssignments(wanted []ProductID) error {
	return l.each(func(rows *sql.Rows) error {
		var of ProductID
		var from, to time.Time
		user, err := l.person(rows, &of, list.Day(&from), list.Day(&to))
		if err != nil {
			return err
		}
		if at, known := l.byID[of]; known {
			l.estate.Assignments = append(l.estate.Assignments, licence.Assignment{
				Product: l.estate.Products[at].Key, User: user, Since: date(from), Until: date(to),
			})
		}
		return nil
	}, `SELECT n.id, n.name, n.unit_id, g.product_id, g.starts_on, g.ends_on FROM assignments g
		JOIN people n ON n.id = g.person_id WHERE g.product_id IN ? AND g.removed_at IS NULL`, wanted)
}

// loadEntitlements reads the rights. One of a site licence is bound to the
// site that its unit is in, unless that is the whole organisation.
func (l *loader) loadEntitlements(wanted []ProductID) error {
	return l.each(func(rows *sql.Rows) error {
		var of ProductID
		var one licence.Entitlement
		var from, to, maintained time.Time
		var unit identity.UnitID
		var bound asset.ID
		err := rows.Scan(&of, &one.ID, &one.Quantity, &one.PackSize, list.Blank(&one.Metric), list.Day(&from), list.Day(&to), list.Day(&maintained),
			&one.CostCents, list.Blank(&one.Currency), &unit, &bound, list.Blank(&one.Paper))
		if err != nil {
			return err
		}
		at, known := l.byID[of]
		if !known {
			return nil
		}
		one.Product, one.Unit = l.estate.Products[at].Key, unit.String()
		one.From, one.To, one.MaintenanceUntil = date(from), date(to), date(maintained)
		if l.products[at].metric.Kind() == "site" {
			one.BoundTo = l.units[unit].site
		} else if !bound.IsZero() {
			one.BoundTo = l.machineOf(bound)
		}
		l.estate.Entitlements = append(l.estate.Entitlements, one)
		return nil
	}, `SELECT e.product_id, e.reference, e.quantity, e.pack_size, e.metric, e.starts_on, e.ends_on, e.maintained_until, e.cost_cents, e.currency,
		e.unit_id, e.asset_id, k.number FROM entitlements e LEFT JOIN papers k ON k.id = e.paper_id
		WHERE e.product_id IN ? AND e.removed_at IS NULL`, wanted)
}

// machineOf gives the identifier of the machine that an asset is. A device
// that is gone by then stays what the right is bound to: it is idle there.
func (l *loader) machineOf(bound asset.ID) string {
	one := l.devices[keyOf(l.bound[bound])]
	if one == nil {
		return l.bound[bound]
	}
	if !one.here && one.uid != "" && !l.gone[one.uid] {
		l.gone[one.uid] = true
		l.estate.Devices = append(l.estate.Devices, licence.Device{ID: one.uid, Name: one.name, Unit: one.unit.String()})
	}
	return one.uid
}

// loadExemptions reads the uses that need no right.
func (l *loader) loadExemptions(wanted []ProductID) error {
	return l.each(func(rows *sql.Rows) error {
		var of ProductID
		var one licence.Exemption
		var key device.Key
		var by person.ID
		var name string
		var unit identity.UnitID
		var from, to time.Time
		if err := rows.Scan(&of, &one.ID, list.Blank(&key), &by, list.Blank(&name), &unit, &one.Reason, list.Day(&from), list.Day(&to)); err != nil {
			return err
		}
		at, known := l.byID[of]
		if !known {
			return nil
		}
		one.Product, one.From, one.Until = l.estate.Products[at].Key, date(from), date(to)
		switch {
		case key != 0 && !l.devices[key].here:
			return nil // nothing on it counts
		case key != 0:
			one.On = l.devices[key].uid
		default:
			one.User = by.String()
			if !l.people[by] {
				l.people[by] = true
				l.estate.Users = append(l.estate.Users, licence.User{ID: by.String(), Name: name, Unit: unit.String()})
			}
		}
		l.estate.Exemptions = append(l.estate.Exemptions, one)
		return nil
	}, `SELECT x.product_id, x.reference, x.device_id, x.person_id, n.name, n.unit_id, x.reason, x.starts_on, x.ends_on
		FROM exemptions x LEFT JOIN people n ON n.id = x.person_id WHERE x.product_id IN ? AND x.removed_at IS NULL`, wanted)
}

func date(day time.Time) licence.Date {
	if day.IsZero() {
		return ""
	}
	return licence.Date(day.Format(time.DateOnly))
}
