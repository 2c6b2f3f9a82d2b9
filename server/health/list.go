package health

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Row is an alert with the names of what it is about, as lists show it.
type Row struct {
	Alert
	DeviceID   device.ID // none when it is about no device
	DeviceName string
	Unit       string
}

const rowColumns = alertColumns + ", d.uid, d.name, u.name"

func (r *Row) scan() []any {
	return append(r.Alert.scan(), &r.DeviceID, list.Blank(&r.DeviceName), list.Blank(&r.Unit))
}

// About names the device that the alert is about, or what it is about instead.
func (r *Row) About() string {
	if r.DeviceName != "" {
		return r.DeviceName
	}
	if named, is := r.Args["Product"].(string); is {
		return named
	}
	return r.Subject
}

// Snoozed reports whether the alert sleeps at that time.
func (a *Alert) Snoozed(now time.Time) bool { return a.State == Open && a.SnoozedUntil.After(now) }

// unitOf is the unit of an alert: that of its device as it is now.
const unitOf = "COALESCE(d.unit_id, a.unit_id)"

// AlertColumns is the list of alerts at a time, which tells those that sleep.
func AlertColumns(now time.Time) *list.Definition[Row] {
	var checks, severities, states []string
	for _, check := range Checks() {
		checks = append(checks, check.ID)
	}
	severities = []string{string(Crit), string(Warn)}
	for _, state := range States() {
		states = append(states, string(state))
	}
	return &list.Definition[Row]{
		Name:   "alerts",
		Select: rowColumns,
		Scan:   func(r *Row) []any { return r.scan() },
		From:   "alerts a LEFT JOIN devices d ON d.id = a.device_id",
		Joins:  []list.Join{{Alias: "u", SQL: "LEFT JOIN units u ON u.id = " + unitOf}},
		ID:     "a.id", IDKind: list.UUID,
		Default: "severity",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("d.name", text), list.Contains("a.subject", text), list.Contains("CAST(a.args AS text)", text))
		},
		Columns: []list.Column[Row]{
			column(list.Field{Key: "check", SQL: "a.check_id", Kind: list.Enum, Values: checks, Sortable: true, Shown: true}, func(r Row) any { return r.Check }),
			column(list.Field{Key: "severity", SQL: "a.severity", Kind: list.Enum, Values: severities, Sortable: true, Shown: true}, func(r Row) any { return string(r.Severity) }),
			column(list.Field{Key: "device", SQL: "d.name", Kind: list.Text, Nullable: true, Shown: true, Match: ofDevice}, func(r Row) any { return r.About() }),
			column(list.Field{Key: "subject", SQL: "a.subject", Kind: list.Text}, func(r Row) any { return r.Subject }),
			column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Shown: true, Match: list.InUnit(unitOf)}, func(r Row) any { return r.Unit }),
			column(list.Field{Key: "first_seen", SQL: "a.first_seen_at", Kind: list.Time, Sortable: true, Shown: true}, func(r Row) any { return r.FirstSeenAt }),
			column(list.Field{Key: "last_seen", SQL: "a.last_seen_at", Kind: list.Time, Sortable: true, Shown: true}, func(r Row) any { return r.LastSeenAt }),
			column(list.Field{Key: "count", SQL: "a.count", Kind: list.Number, Sortable: true}, func(r Row) any { return r.Count }),
			column(list.Field{Key: "reopened", SQL: "a.reopened", Kind: list.Number}, func(r Row) any { return r.Reopened }),
			column(list.Field{Key: "state", SQL: "a.state", Kind: list.Enum, Values: states, Sortable: true, Shown: true}, func(r Row) any { return string(r.State) }),
			column(list.Field{Key: "acknowledged", SQL: "(a.acknowledged_at IS NOT NULL)", Kind: list.Flag}, func(r Row) any { return !r.AcknowledgedAt.IsZero() }),
			column(list.Field{Key: "acknowledged_by", SQL: "a.acknowledged_as", Kind: list.Text, Nullable: true}, func(r Row) any { return r.AcknowledgedAs }),
			column(list.Field{Key: "snoozed", SQL: "(a.snoozed_until IS NOT NULL)", Kind: list.Flag, Match: func(value string) list.Clause {
				asleep := list.Where("a.state = 'open' AND a.snoozed_until > ?", now)
				if value == "no" || value == "false" || value == "0" {
					return list.Where("a.state <> 'open' OR a.snoozed_until IS NULL OR a.snoozed_until <= ?", now)
				}
				return asleep
			}}, func(r Row) any { return r.Snoozed(now) }),
			column(list.Field{Key: "snoozed_until", SQL: "a.snoozed_until", Kind: list.Time, Nullable: true}, func(r Row) any { return r.SnoozedUntil }),
			column(list.Field{Key: "resolved_at", SQL: "a.resolved_at", Kind: list.Time, Sortable: true, Nullable: true}, func(r Row) any { return r.ResolvedAt }),
			column(list.Field{Key: "id", SQL: "a.id", Kind: list.UUID}, func(r Row) any { return r.ID.String() }),
		},
	}
}

// column is a filterable column: all of the alerts' are.
func column(field list.Field, value func(Row) any) list.Column[Row] {
	field.Filterable = true
	return list.Column[Row]{Field: field, Value: value}
}

// ofDevice finds alerts by a part of the name of their device, or by the
// identifier of a device.
func ofDevice(value string) list.Clause {
	if of, err := uuid.Parse(value); err == nil {
		return list.Where("d.uid = ?", of.String())
	}
	return list.Contains("d.name", value)
}

// within keeps to the alerts of a part of the organisation.
func within(scope identity.Scope) list.Clause { return list.Within(unitOf, scope) }

// Columns is AlertColumns at the present time.
func (s *Service) Columns() *list.Definition[Row] { return AlertColumns(s.db.Now()) }

// Alerts answers one page of the alerts. Faults: Invalid, Denied.
func (s *Service) Alerts(ctx context.Context, q list.Query) (list.Page[Row], error) {
	reach, err := identity.Reach(ctx, identity.AlertsRead)
	if err != nil {
		return list.Page[Row]{}, err
	}
	return list.Run(ctx, s.db, s.Columns(), q, within(reach))
}

// CountAlerts tells how many alerts a query has. Faults as those of Alerts.
func (s *Service) CountAlerts(ctx context.Context, q list.Query) (int, error) {
	reach, err := identity.Reach(ctx, identity.AlertsRead)
	if err != nil {
		return 0, err
	}
	return list.Count(ctx, s.db, s.Columns(), q, within(reach))
}

// ExportAlerts gives all alerts of a query. Faults as those of Alerts.
func (s *Service) ExportAlerts(ctx context.Context, q list.Query) (iter.Seq2[Row, error], error) {
	reach, err := identity.Reach(ctx, identity.AlertsRead)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, s.Columns(), q, within(reach)), nil
}

// read reads alerts by a condition, oldest first.
func (s *Service) read(ctx context.Context, where list.Clause) (found []Row, err error) {
	rows, err := s.db.Read(ctx).Raw("SELECT "+rowColumns+" FROM alerts a LEFT JOIN devices d ON d.id = a.device_id LEFT JOIN units u ON u.id = "+unitOf+
		" WHERE "+where.SQL+" ORDER BY a.first_seen_at, a.id", where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Row
		if err := rows.Scan(one.scan()...); err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// Get gives one alert. Faults: Missing, Denied.
func (s *Service) Get(ctx context.Context, of ID) (Row, error) {
	reach, err := identity.Reach(ctx, identity.AlertsRead)
	if err != nil {
		return Row{}, err
	}
	found, err := s.read(ctx, list.All(list.Where("a.id = ?", of), within(reach)))
	if err != nil {
		return Row{}, err
	}
	if len(found) == 0 {
		return Row{}, fault.NewMissing("alert")
	}
	return found[0], nil
}

// Happening is one thing that happened to an alert.
type Happening struct {
	At       time.Time
	Action   Action
	Severity Level
	Actor    string // empty when the server did it
	Note     string
}

// History tells what happened to an alert, the oldest first. Faults as those
// of Get.
func (s *Service) History(ctx context.Context, of ID) (history []Happening, err error) {
	if _, err := s.Get(ctx, of); err != nil {
		return nil, err
	}
	rows, err := s.db.Read(ctx).Raw("SELECT at, action, severity, actor_name, note FROM alert_events WHERE alert_id = ? ORDER BY at, id", of).Rows()
	if err != nil {
		return nil, fmt.Errorf("read history of alert %s: %w", of, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Happening
		if err := rows.Scan(&one.At, &one.Action, &one.Severity, list.Blank(&one.Actor), list.Blank(&one.Note)); err != nil {
			return nil, fmt.Errorf("read history of alert %s: %w", of, err)
		}
		history = append(history, one)
	}
	return history, rows.Err()
}

// Cause is how many open alerts a check has, those that sleep left out.
type Cause struct {
	Check        string
	Severity     Level // the worst of them
	Alerts       int
	Devices      int
	Acknowledged int
}

// Causes counts the open alerts by their cause, the worst and then the most
// frequent first. Fault: Denied.
func (s *Service) Causes(ctx context.Context) (causes []Cause, err error) {
	reach, err := identity.Reach(ctx, identity.AlertsRead)
	if err != nil {
		return nil, err
	}
	where := list.All(list.Where("a.state = 'open' AND (a.snoozed_until IS NULL OR a.snoozed_until <= ?)", s.db.Now()), within(reach))
	rows, err := s.db.Read(ctx).Raw(`SELECT a.check_id, MIN(a.severity), COUNT(*), COUNT(DISTINCT a.device_id), COUNT(a.acknowledged_at)
		FROM alerts a LEFT JOIN devices d ON d.id = a.device_id WHERE `+where.SQL+` GROUP BY a.check_id ORDER BY 2, 3 DESC, 1`, where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("count alerts by cause: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Cause
		if err := rows.Scan(&one.Check, &one.Severity, &one.Alerts, &one.Devices, &one.Acknowledged); err != nil {
			return nil, fmt.Errorf("count alerts by cause: %w", err)
		}
		causes = append(causes, one)
	}
	return causes, rows.Err()
}
