package health

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"holdfast/server/device"
	"holdfast/server/list"
	"holdfast/server/store"
)

// dossier is what is on record about one device.
type dossier struct {
	facts  Facts
	was    []Finding
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

// each reads the rows of a query about the devices that stand in $1.
func (l *loader) each(what, query string, args []any, scan func(*sql.Rows) error) error {
	if err := l.tx.EachRow(query, append([]any{l.tx.List(l.devices)}, args...), scan); err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

func (l *loader) readDevices() error {
	query := `SELECT d.id, d.unit_id, d.kind, c.seen_at, a.status, a.warranty_ends_on
		FROM devices d JOIN device_contacts c ON c.device_id = d.id LEFT JOIN assets a ON a.device_id = d.id
		WHERE c.revoked_at IS NULL AND ` + l.tx.Among("d.id", 1)
	return l.each("devices", query, nil, func(rows *sql.Rows) error {
		one := &dossier{alerts: map[findingKey]*Alert{}}
		f := &one.facts
		f.Now, f.Sections, f.Volumes = l.tx.Now, map[string]Part{}, map[string][]Sample{}
		var status *string
		var ends *int32
		if err := rows.Scan(&f.Device, &f.UnitID, &f.Kind, &f.SeenAt, &status, &ends); err != nil {
			return err
		}
		if status != nil {
			f.Asset = &Asset{Status: *status}
			if ends != nil {
				f.Asset.WarrantyEnds = startOf(*ends)
			}
		}
		l.dossiers[f.Device] = one
		return nil
	})
}

func (l *loader) readSections() error {
	query := `SELECT device_id, name, outcome, reported_at, CAST(facts AS text) FROM device_sections
		WHERE ` + l.tx.Among("device_id", 1) + " AND " + l.tx.Among("name", 2)
	return l.each("sections", query, []any{l.tx.List(watched())}, func(rows *sql.Rows) error {
		var of device.Key
		var name string
		var part Part
		var facts *string
		if err := rows.Scan(&of, &name, &part.Outcome, &part.ReportedAt, &facts); err != nil {
			return err
		}
		if facts != nil {
			part.Facts = json.RawMessage(*facts)
		}
		if one := l.dossiers[of]; one != nil {
			one.facts.Sections[name] = part
		}
		return nil
	})
}

func (l *loader) readFindings() error {
	query := `SELECT device_id, check_id, subject, level, held, CAST(args AS text), CAST(memory AS text), since, seen_at
		FROM findings WHERE ` + l.tx.Among("device_id", 1)
	return l.each("findings", query, nil, func(rows *sql.Rows) error {
		var f Finding
		var memory *string
		if err := rows.Scan(&f.Device, &f.Check, &f.Subject, &f.Level, &f.Held, &f.Args, &memory, &f.Since, &f.SeenAt); err != nil {
			return err
		}
		if memory != nil {
			if err := json.Unmarshal([]byte(*memory), &f.Memory); err != nil {
				return fmt.Errorf("read what a check remembers: %w", err)
			}
		}
		if one := l.dossiers[f.Device]; one != nil {
			one.was = append(one.was, f)
		}
		return nil
	})
}

func (l *loader) readSamples() error {
	query := `SELECT device_id, mount, day, free_bytes, size_bytes FROM volume_samples
		WHERE ` + l.tx.Among("device_id", 1) + " AND day > $2 ORDER BY device_id, mount, day"
	return l.each("free space", query, []any{dayOf(l.tx.Now) - keptDays}, func(rows *sql.Rows) error {
		var of device.Key
		var mount string
		var sample Sample
		if err := rows.Scan(&of, &mount, &sample.Day, &sample.Free, &sample.Size); err != nil {
			return err
		}
		if one := l.dossiers[of]; one != nil {
			one.facts.Volumes[mount] = append(one.facts.Volumes[mount], sample)
		}
		return nil
	})
}

// alertColumns are read by Alert.scan, from alerts a.
const alertColumns = `a.id, a.check_id, a.device_id, a.subject, a.unit_id, a.severity, a.state, CAST(a.args AS text), a.first_seen_at,
	a.last_seen_at, a.count, a.reopened, a.acknowledged_at, a.acknowledged_by, a.acknowledged_as, a.snoozed_until, a.resolved_at,
	a.resolved_why`

// scan gives the places of alertColumns.
func (a *Alert) scan() []any {
	return []any{
		&a.ID, &a.Check, list.Blank(&a.Device), &a.Subject, &a.UnitID, &a.Severity, &a.State, &a.Args, &a.FirstSeenAt,
		&a.LastSeenAt, &a.Count, &a.Reopened, list.Blank(&a.AcknowledgedAt), &a.AcknowledgedBy, list.Blank(&a.AcknowledgedAs),
		list.Blank(&a.SnoozedUntil), list.Blank(&a.ResolvedAt), list.Blank(&a.ResolvedBecause),
	}
}

func (l *loader) readAlerts() error {
	query := "SELECT " + alertColumns + " FROM alerts a WHERE " + l.tx.Among("a.device_id", 1) +
		" AND (a.state = 'open' OR a.resolved_at >= $2) ORDER BY a.first_seen_at, a.id"
	return l.each("alerts", query, []any{l.tx.Now.Add(-Grace - longestHold)}, func(rows *sql.Rows) error {
		var alert Alert
		err := rows.Scan(alert.scan()...)
		if one := l.dossiers[alert.Device]; one != nil {
			one.alerts[findingKey{alert.Check, alert.Subject}] = &alert
		}
		return err
	})
}

// Scan implements sql.Scanner: whole numbers stay whole.
func (a *Args) Scan(source any) error {
	var text json.RawMessage
	if err := list.JSON(&text).Scan(source); err != nil {
		return err
	}
	*a = nil
	if text == nil {
		return nil
	}
	if err := json.Unmarshal(text, a); err != nil {
		return fmt.Errorf("read values of a sentence: %w", err)
	}
	for name, value := range *a {
		if number, is := value.(float64); is && number == float64(int64(number)) {
			(*a)[name] = int64(number)
		}
	}
	return nil
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
func watched() []string {
	var sections []string
	for _, check := range Checks() {
		for _, source := range check.Reads {
			switch source {
			case "asset", "contact", "history", "position": // no sections
			default:
				if !slices.Contains(sections, source) {
					sections = append(sections, source)
				}
			}
		}
	}
	return sections
}
