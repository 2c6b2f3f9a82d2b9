package device

import (
	"database/sql"
	"time"

	"holdfast/server/store"
	"holdfast/shared/report"
)

// state is what is stored of one device, as far as a report may change it.
type state struct {
	key        Key
	summary    summary
	reported   bool // there was a report before
	credential []byte
	revoked    bool
	private    bool // its unit does not want to know who uses it
	twice      bool // this very report is stored already

	hashes    map[string]string // of every section
	sections  map[string]oldSection
	keys      map[key]bool
	parts     map[partKey]component
	installed map[int32]installed
	notes     map[noteKey]bool
}

type oldSection struct {
	outcome report.Outcome
	facts   []byte
}

type partKey struct{ kind, ident string }

// component is a row of table components.
type component struct {
	device              Key
	part                part
	firstSeen, lastSeen time.Time
	removed             *time.Time
}

type installed struct {
	since time.Time
	on    *int32
}

type noteKey struct{ section, path string }

// load reads the states of the devices of the reports, and locks the devices
// in their order.
func load(tx *store.Tx, reports []*Incoming) (map[Key]*state, error) {
	l := &loader{tx: tx, states: make(map[Key]*state, len(reports))}
	for _, in := range reports {
		l.devices = append(l.devices, in.Device)
		if in.HasList {
			l.listed = append(l.listed, in.Device)
		}
	}
	for _, read := range []func([]*Incoming) error{l.readDevices, l.readReports, l.readHashes, l.readFacts, l.readKeys, l.readParts, l.readNotes, l.readInstalled} {
		if err := read(reports); err != nil {
			return nil, err
		}
	}
	return l.states, nil
}

type loader struct {
	tx      *store.Tx
	devices []Key
	listed  []Key // those whose software is reported
	states  map[Key]*state
}

func (l *loader) readDevices([]*Incoming) error {
	query := `SELECT d.id, d.name, d.kind, d.maker, d.model, d.serial, d.asset_tag, d.os_family, d.os_name, d.os_version,
		d.kernel, d.arch, d.cpu, d.cores, d.memory_bytes, d.disk_bytes, d.free_bytes, d.address, d.mac, d.last_user,
		d.booted_at, d.updates, d.security_updates, d.restart_required, d.reported_at,
		c.credential_hash, c.revoked_at,
		EXISTS (SELECT 1 FROM units u JOIN units p ON u.path LIKE p.path || '%' WHERE u.id = d.unit_id AND p.users_private)
		FROM devices d JOIN device_contacts c ON c.device_id = d.id
		WHERE ` + l.tx.Among("d.id", 1) + " ORDER BY d.id"
	if l.tx.Dialect() == store.Postgres {
		query += " FOR UPDATE OF d"
	}
	return l.tx.EachRow(query, []any{l.tx.List(l.devices)}, func(rows *sql.Rows) error {
		one := &state{
			hashes: map[string]string{}, sections: map[string]oldSection{}, keys: map[key]bool{},
			parts: map[partKey]component{}, installed: map[int32]installed{}, notes: map[noteKey]bool{},
		}
		var reported, revoked *time.Time
		s := &one.summary
		err := rows.Scan(&one.key, &s.name, &s.kind, &s.maker, &s.model, &s.serial, &s.assetTag, &s.osFamily, &s.osName, &s.osVersion,
			&s.kernel, &s.arch, &s.cpu, &s.cores, &s.memory, &s.disk, &s.free, &s.address, &s.mac, &s.lastUser,
			&s.booted, &s.updates, &s.securityUpdates, &s.restart, &reported,
			&one.credential, &revoked, &one.private)
		one.reported, one.revoked = reported != nil, revoked != nil
		l.states[one.key] = one
		return err
	})
}

func (l *loader) readReports(reports []*Incoming) error {
	ids := make([]string, len(reports))
	for i, in := range reports {
		ids[i] = in.Report
	}
	columns := []store.Column{store.Col("device_id", l.devices), store.Col("report_id", ids).As("uuid")}
	return l.tx.EachMatch("SELECT r.device_id FROM v JOIN device_reports r ON r.device_id = v.device_id AND r.report_id = v.report_id", columns,
		l.each(func(s *state, _ *sql.Rows) error {
			s.twice = true
			return nil
		}))
}

// each reads the device in the first and only column and calls read for it.
func (l *loader) each(read func(s *state, rows *sql.Rows) error) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var device Key
		if err := rows.Scan(&device); err != nil {
			return err
		}
		if s := l.states[device]; s != nil {
			return read(s, rows)
		}
		return nil
	}
}

func (l *loader) readHashes([]*Incoming) error {
	var device Key
	var name, hash string
	return l.tx.EachRow("SELECT device_id, name, hash FROM device_sections WHERE "+l.tx.Among("device_id", 1),
		[]any{l.tx.List(l.devices)}, func(rows *sql.Rows) error {
			err := rows.Scan(&device, &name, &hash)
			if s := l.states[device]; s != nil {
				s.hashes[name] = hash
			}
			return err
		})
}

func (l *loader) readFacts(reports []*Incoming) error {
	var devices []Key
	var names []string
	for _, in := range reports {
		for i := range in.Parts {
			if s := l.states[in.Device]; s != nil && s.hashes[in.Parts[i].Name] != "" {
				devices, names = append(devices, in.Device), append(names, in.Parts[i].Name)
			}
		}
	}
	if len(devices) == 0 {
		return nil
	}
	return l.tx.EachMatch(`SELECT s.device_id, s.name, s.outcome, coalesce(CAST(s.facts AS text), '{}') FROM v
		JOIN device_sections s ON s.device_id = v.device_id AND s.name = v.name`,
		[]store.Column{store.Col("device_id", devices), store.Col("name", names)}, func(rows *sql.Rows) error {
			var device Key
			var name string
			var old oldSection
			err := rows.Scan(&device, &name, &old.outcome, &old.facts)
			if s := l.states[device]; s != nil {
				s.sections[name] = old
			}
			return err
		})
}

func (l *loader) readKeys([]*Incoming) error {
	return l.tx.EachRow("SELECT device_id, kind, value FROM device_keys WHERE "+l.tx.Among("device_id", 1),
		[]any{l.tx.List(l.devices)}, func(rows *sql.Rows) error {
			var device Key
			var one key
			err := rows.Scan(&device, &one.kind, &one.value)
			if s := l.states[device]; s != nil {
				s.keys[one] = true
			}
			return err
		})
}

func (l *loader) readParts([]*Incoming) error {
	return l.tx.EachRow(`SELECT device_id, kind, ident, maker, model, serial, size_bytes, first_seen_at, last_seen_at, removed_at
		FROM components WHERE `+l.tx.Among("device_id", 1),
		[]any{l.tx.List(l.devices)}, func(rows *sql.Rows) error {
			var c component
			p := &c.part
			err := rows.Scan(&c.device, &p.kind, &p.ident, &p.maker, &p.model, &p.serial, &p.size, &c.firstSeen, &c.lastSeen, &c.removed)
			if s := l.states[c.device]; s != nil {
				s.parts[partKey{p.kind, p.ident}] = c
			}
			return err
		})
}

func (l *loader) readNotes([]*Incoming) error {
	return l.tx.EachRow("SELECT device_id, section, path FROM device_notes WHERE "+l.tx.Among("device_id", 1),
		[]any{l.tx.List(l.devices)}, func(rows *sql.Rows) error {
			var device Key
			var one noteKey
			err := rows.Scan(&device, &one.section, &one.path)
			if s := l.states[device]; s != nil {
				s.notes[one] = true
			}
			return err
		})
}

func (l *loader) readInstalled([]*Incoming) error {
	if len(l.listed) == 0 {
		return nil
	}
	var device Key
	var release int32
	var one installed
	return l.tx.EachRow("SELECT device_id, release_id, since, installed_on FROM installations WHERE "+l.tx.Among("device_id", 1),
		[]any{l.tx.List(l.listed)}, func(rows *sql.Rows) error {
			err := rows.Scan(&device, &release, &one.since, &one.on)
			if s := l.states[device]; s != nil {
				s.installed[release] = one
			}
			return err
		})
}
