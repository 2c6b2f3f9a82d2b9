package health

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"holdfast/server/device"
	"holdfast/server/store"
)

// dossier is what is on record about one device.
type dossier struct {
	facts  Facts
	was    []Finding
	args   map[findingKey]string // of was, as stored
	alerts map[findingKey]*Alert // open, or resolved within Grace; the newest of each condition
}

type findingKey struct{ check, subject string }

// loader reads the dossiers of many devices by a few queries.
type loader struct {
	tx       *store.Tx
	devices  []device.Key
	dossiers map[device.Key]*dossier
}

// load reads the dossiers of devices that have an agent. Those that have none
// any more are not among them.
func load(tx *store.Tx, devices []device.Key) (map[device.Key]*dossier, error) {
	l := &loader{tx: tx, devices: devices, dossiers: make(map[device.Key]*dossier, len(devices))}
	for _, read := range []func() error{l.readDevices, l.readSections, l.readFindings, l.readSamples, l.readAlerts} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return l.dossiers, nil
}

// each reads the rows of a query about the devices that stand in $1; the first
// column is the device.
func (l *loader) each(what, query string, args []any, scan func(*sql.Rows) (*dossier, error)) error {
	args = append([]any{l.tx.List(l.devices)}, args...)
	err := l.tx.EachRow(query, args, func(rows *sql.Rows) error {
		_, err := scan(rows)
		return err
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

func (l *loader) readDevices() error {
	query := `SELECT d.id, d.unit_id, d.kind, c.seen_at, a.status, a.warranty_ends_on
		FROM devices d JOIN device_contacts c ON c.device_id = d.id LEFT JOIN assets a ON a.device_id = d.id
		WHERE c.revoked_at IS NULL AND ` + l.tx.Among("d.id", 1)
	return l.each("devices", query, nil, func(rows *sql.Rows) (*dossier, error) {
		one := &dossier{args: map[findingKey]string{}, alerts: map[findingKey]*Alert{}}
		f := &one.facts
		f.Now, f.Sections, f.Volumes = l.tx.Now, map[string]Part{}, map[string][]Sample{}
		var status *string
		var ends *int32
		if err := rows.Scan(&f.Device, &f.UnitID, &f.Kind, &f.SeenAt, &status, &ends); err != nil {
			return nil, err
		}
		if status != nil {
			f.Asset = &Asset{Status: *status}
			if ends != nil {
				f.Asset.WarrantyEnds = startOf(*ends)
			}
		}
		l.dossiers[f.Device] = one
		return one, nil
	})
}

func (l *loader) readSections() error {
	query := `SELECT device_id, name, outcome, reported_at, CAST(facts AS text) FROM device_sections
		WHERE ` + l.tx.Among("device_id", 1) + " AND " + l.tx.Among("name", 2)
	return l.each("sections", query, []any{l.tx.List(watched())}, func(rows *sql.Rows) (*dossier, error) {
		var of device.Key
		var name string
		var part Part
		var facts *string
		if err := rows.Scan(&of, &name, &part.Outcome, &part.ReportedAt, &facts); err != nil {
			return nil, err
		}
		if facts != nil {
			part.Facts = json.RawMessage(*facts)
		}
		one := l.dossiers[of]
		if one != nil {
			one.facts.Sections[name] = part
		}
		return one, nil
	})
}

func (l *loader) readFindings() error {
	query := `SELECT device_id, check_id, subject, level, held, CAST(args AS text), CAST(memory AS text), since, seen_at
		FROM findings WHERE ` + l.tx.Among("device_id", 1)
	return l.each("findings", query, nil, func(rows *sql.Rows) (*dossier, error) {
		var f Finding
		var args, memory *string
		if err := rows.Scan(&f.Device, &f.Check, &f.Subject, &f.Level, &f.Held, &args, &memory, &f.Since, &f.SeenAt); err != nil {
			return nil, err
		}
		one := l.dossiers[f.Device]
		if one == nil {
			return nil, nil
		}
		var err error
		if f.Args, err = readArgs(args); err != nil {
			return nil, err
		}
		if memory != nil {
			if err := json.Unmarshal([]byte(*memory), &f.Memory); err != nil {
				return nil, err
			}
		}
		if args != nil {
			one.args[findingKey{f.Check, f.Subject}] = *args
		}
		one.was = append(one.was, f)
		return one, nil
	})
}

func (l *loader) readSamples() error {
	query := `SELECT device_id, mount, day, free_bytes, size_bytes FROM volume_samples
		WHERE ` + l.tx.Among("device_id", 1) + " AND day > $2 ORDER BY device_id, mount, day"
	return l.each("free space", query, []any{dayOf(l.tx.Now) - keptDays}, func(rows *sql.Rows) (*dossier, error) {
		var of device.Key
		var mount string
		var sample Sample
		if err := rows.Scan(&of, &mount, &sample.Day, &sample.Free, &sample.Size); err != nil {
			return nil, err
		}
		one := l.dossiers[of]
		if one != nil {
			one.facts.Volumes[mount] = append(one.facts.Volumes[mount], sample)
		}
		return one, nil
	})
}

const alertColumns = `id, check_id, coalesce(device_id, 0), subject, unit_id, severity, state, CAST(args AS text), first_seen_at, last_seen_at,
	count, reopened, acknowledged_at, acknowledged_by, acknowledged_as, snoozed_until, resolved_at, resolved_why`

func (l *loader) readAlerts() error {
	query := "SELECT " + alertColumns + " FROM alerts WHERE " + l.tx.Among("device_id", 1) +
		" AND (state = 'open' OR resolved_at >= $2) ORDER BY first_seen_at, id"
	return l.each("alerts", query, []any{l.tx.Now.Add(-Grace - longestHold)}, func(rows *sql.Rows) (*dossier, error) {
		alert, err := scanAlert(rows)
		if err != nil {
			return nil, err
		}
		one := l.dossiers[alert.Device]
		if one != nil {
			one.alerts[findingKey{alert.Check, alert.Subject}] = &alert
		}
		return one, nil
	})
}

// scanAlert reads a row of alertColumns.
func scanAlert(rows *sql.Rows) (Alert, error) {
	var a Alert
	var args, as, why *string
	var acknowledged, snoozed, resolved *time.Time
	err := rows.Scan(&a.ID, &a.Check, &a.Device, &a.Subject, &a.UnitID, &a.Severity, &a.State, &args, &a.FirstSeenAt, &a.LastSeenAt,
		&a.Count, &a.Reopened, &acknowledged, &a.AcknowledgedBy, &as, &snoozed, &resolved, &why)
	if err != nil {
		return Alert{}, err
	}
	a.AcknowledgedAt, a.SnoozedUntil, a.ResolvedAt = held(acknowledged), held(snoozed), held(resolved)
	a.AcknowledgedAs, a.ResolvedBecause = held(as), Reason(held(why))
	a.Args, err = readArgs(args)
	return a, err
}

// readArgs reads the values of a sentence as they were written: whole numbers
// stay whole.
func readArgs(text *string) (Args, error) {
	if text == nil {
		return nil, nil //nolint:nilnil // NULL in the database
	}
	var args Args
	if err := json.Unmarshal([]byte(*text), &args); err != nil {
		return nil, fmt.Errorf("read values of a sentence: %w", err)
	}
	for name, held := range args {
		if number, is := held.(float64); is && number == float64(int64(number)) {
			args[name] = int64(number)
		}
	}
	return args, nil
}

func held[T any](pointer *T) (value T) {
	if pointer != nil {
		value = *pointer
	}
	return value
}

// pointer is nil for the zero value, which is stored as NULL.
func pointer[T comparable](held T) *T {
	var none T
	if held == none {
		return nil
	}
	return &held
}

// watched lists the sections that checks read.
func watched() []string { return []string{"storage", "memory", "os", "update", "security"} }
