package health

import (
	"encoding/json"
	"fmt"
	"time"

	"holdfast/server/device"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// seenEvery is how old the seen_at of a finding that is in order may become:
// writing it anew at every report would be most of the work.
const seenEvery = 12 * time.Hour

// writes are what judgements change, gathered so that each table is written by
// few statements.
type writes struct {
	now      time.Time
	findings []Finding
	gone     []Finding
	verdicts []verdictRow
	samples  []deviceSample
	opened   []*Alert // new
	changed  []*Alert
	events   []alertEvent
	said     []saying
}

type verdictRow struct {
	device device.Key
	level  Level
	worst  *Finding
	due    time.Time
	silent bool
}

type deviceSample struct {
	device device.Key
	mount  string
	Sample
}

type alertEvent struct {
	alert    ID
	action   Action
	severity Level
	actor    string
	note     string
}

// saying is a message for the outbox.
type saying struct {
	topic string
	event Event
}

// found keeps a finding when there is something new about it.
func (w *writes) found(f *Finding, d *dossier) {
	for i := range d.was {
		was := &d.was[i]
		if was.Check != f.Check || was.Subject != f.Subject {
			continue
		}
		same := was.Level == f.Level && was.Held == f.Held && was.Since.Equal(f.Since) && sameMemory(was.Memory, f.Memory)
		fresh := f.SeenAt.Sub(was.SeenAt) < seenEvery // also when it is kept
		if same && fresh && (f.Level == OK || text(f.Args) == text(was.Args)) {
			return
		}
	}
	w.findings = append(w.findings, *f)
}

func sameMemory(a, b Memory) bool {
	if len(a) != len(b) {
		return false
	}
	for name, day := range a {
		if other, found := b[name]; !found || other != day {
			return false
		}
	}
	return true
}

// verdict sums a device up.
func (w *writes) verdict(d *dossier, made *judgement) {
	row := verdictRow{device: d.facts.Device, level: OK, worst: made.worst(), due: made.due, silent: !d.facts.Present()}
	switch {
	case row.worst != nil:
		row.level = row.worst.Level
	case d.facts.Stale():
		row.level = Unknown
	}
	for i := range made.findings {
		f := &made.findings[i]
		row.silent = row.silent || f.Level.Bad() && (f.Check == checkServerSilent || f.Check == checkDeviceSilent)
	}
	if !row.due.After(w.now) { // nothing is judged over and over within one moment
		row.due = w.now.Add(again)
	}
	w.verdicts = append(w.verdicts, row)
}

// alert keeps what became of an alert.
func (w *writes) alert(last *Alert, next step) {
	if next.alert == nil || next.alert == last {
		return
	}
	if last == nil || last.ID != next.alert.ID {
		w.opened = append(w.opened, next.alert)
	} else {
		w.changed = append(w.changed, next.alert)
	}
	if next.action == "" {
		return
	}
	a := next.alert
	w.events = append(w.events, alertEvent{alert: a.ID, action: next.action, severity: a.Severity})
	topic := TopicRaised
	if a.State == Resolved {
		topic = TopicCleared
	}
	w.said = append(w.said, saying{topic, Event{
		Alert: a.ID.String(), Check: a.Check, Device: a.Device, Subject: a.Subject, Severity: a.Severity,
		Reopened: next.action == ReopenedAgain, Reason: a.ResolvedBecause,
	}})
}

// save writes everything.
func (s *Service) save(tx *store.Tx, w *writes) error {
	for _, write := range []func(*store.Tx) error{
		w.saveFindings, w.saveGone, w.saveVerdicts, w.saveSamples, w.saveOpened, w.saveChanged, w.saveEvents,
	} {
		if err := write(tx); err != nil {
			return err
		}
	}
	for _, one := range w.said {
		if err := s.publish(tx, one.topic, one.event.Alert, one.event); err != nil {
			return err
		}
	}
	return nil
}

// col takes one value out of each row.
func col[R, T any](name string, rows []R, value func(*R) T) store.Column {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = value(&rows[i])
	}
	return store.Col(name, values)
}

func (w *writes) saveFindings(tx *store.Tx) error {
	if len(w.findings) == 0 {
		return nil
	}
	err := tx.InsertRows("findings", `ON CONFLICT (device_id, check_id, subject) DO UPDATE SET level = excluded.level,
		held = excluded.held, args = excluded.args, memory = excluded.memory, since = excluded.since, seen_at = excluded.seen_at`,
		col("device_id", w.findings, func(f *Finding) device.Key { return f.Device }),
		col("check_id", w.findings, func(f *Finding) string { return f.Check }),
		col("subject", w.findings, func(f *Finding) string { return f.Subject }),
		col("level", w.findings, func(f *Finding) string { return string(f.Level) }),
		col("held", w.findings, func(f *Finding) string { return string(f.Held) }),
		col("args", w.findings, func(f *Finding) *string { return pointer(text(f.Args)) }).As("json"),
		col("memory", w.findings, func(f *Finding) *string { return pointer(text(f.Memory)) }).As("json"),
		col("since", w.findings, func(f *Finding) time.Time { return f.Since }),
		col("seen_at", w.findings, func(f *Finding) time.Time { return f.SeenAt }))
	if err != nil {
		return fmt.Errorf("save findings: %w", err)
	}
	return nil
}

// text writes values as JSON, always in the same way; "" for none.
func text[M ~map[string]V, V any](values M) string {
	if len(values) == 0 {
		return ""
	}
	written, err := json.Marshal(values)
	if err != nil { // cannot be: they are numbers and texts
		return ""
	}
	return string(written)
}

func (w *writes) saveGone(tx *store.Tx) error {
	if len(w.gone) == 0 {
		return nil
	}
	err := tx.DeleteRows("findings",
		col("device_id", w.gone, func(f *Finding) device.Key { return f.Device }),
		col("check_id", w.gone, func(f *Finding) string { return f.Check }),
		col("subject", w.gone, func(f *Finding) string { return f.Subject }))
	if err != nil {
		return fmt.Errorf("remove findings: %w", err)
	}
	return nil
}

func (w *writes) saveVerdicts(tx *store.Tx) error {
	if len(w.verdicts) == 0 {
		return nil
	}
	worst := func(get func(*Finding) string) func(*verdictRow) *string {
		return func(v *verdictRow) *string {
			if v.worst == nil {
				return nil
			}
			return pointer(get(v.worst))
		}
	}
	err := tx.InsertRows("device_health", `ON CONFLICT (device_id) DO UPDATE SET rank = excluded.rank, level = excluded.level,
		check_id = excluded.check_id, subject = excluded.subject, args = excluded.args, since = excluded.since,
		judged_at = excluded.judged_at, due_at = excluded.due_at, silent = excluded.silent`,
		col("device_id", w.verdicts, func(v *verdictRow) device.Key { return v.device }),
		col("rank", w.verdicts, func(v *verdictRow) int16 { return int16(v.level.rank()) }), //nolint:gosec // 0 to 3
		col("level", w.verdicts, func(v *verdictRow) string { return string(v.level) }),
		col("check_id", w.verdicts, worst(func(f *Finding) string { return f.Check })),
		col("subject", w.verdicts, worst(func(f *Finding) string { return f.Subject })),
		col("args", w.verdicts, worst(func(f *Finding) string { return text(f.Args) })).As("json"),
		col("since", w.verdicts, func(v *verdictRow) *time.Time {
			if v.worst == nil {
				return nil
			}
			return &v.worst.Since
		}),
		col("judged_at", w.verdicts, func(*verdictRow) time.Time { return w.now }),
		col("due_at", w.verdicts, func(v *verdictRow) time.Time { return v.due }),
		col("silent", w.verdicts, func(v *verdictRow) bool { return v.silent }))
	if err != nil {
		return fmt.Errorf("save verdicts: %w", err)
	}
	return nil
}

func (w *writes) saveSamples(tx *store.Tx) error {
	if len(w.samples) == 0 {
		return nil
	}
	err := tx.InsertRows("volume_samples", `ON CONFLICT (device_id, mount, day) DO UPDATE SET
		free_bytes = excluded.free_bytes, size_bytes = excluded.size_bytes`,
		col("device_id", w.samples, func(s *deviceSample) device.Key { return s.device }),
		col("mount", w.samples, func(s *deviceSample) string { return s.mount }),
		col("day", w.samples, func(s *deviceSample) int32 { return s.Day }),
		col("free_bytes", w.samples, func(s *deviceSample) int64 { return s.Free }),
		col("size_bytes", w.samples, func(s *deviceSample) int64 { return s.Size }))
	if err != nil {
		return fmt.Errorf("save free space: %w", err)
	}
	return nil
}

func (w *writes) saveOpened(tx *store.Tx) error {
	if len(w.opened) == 0 {
		return nil
	}
	err := tx.InsertRows("alerts", "",
		col("id", w.opened, func(a **Alert) string { return (*a).ID.String() }).As("uuid"),
		col("check_id", w.opened, func(a **Alert) string { return (*a).Check }),
		col("device_id", w.opened, func(a **Alert) *int32 { return pointer((*a).Device) }),
		col("subject", w.opened, func(a **Alert) string { return (*a).Subject }),
		col("unit_id", w.opened, func(a **Alert) string { return (*a).UnitID.String() }).As("uuid"),
		col("severity", w.opened, func(a **Alert) string { return string((*a).Severity) }),
		col("state", w.opened, func(a **Alert) string { return string((*a).State) }),
		col("args", w.opened, func(a **Alert) *string { return pointer(text((*a).Args)) }).As("json"),
		col("first_seen_at", w.opened, func(a **Alert) time.Time { return (*a).FirstSeenAt }),
		col("last_seen_at", w.opened, func(a **Alert) time.Time { return (*a).LastSeenAt }),
		col("count", w.opened, func(a **Alert) int { return (*a).Count }))
	if err != nil {
		return fmt.Errorf("save new alerts: %w", err)
	}
	return nil
}

// saveChanged leaves out what people write: acknowledged and snoozed.
func (w *writes) saveChanged(tx *store.Tx) error {
	if len(w.changed) == 0 {
		return nil
	}
	err := tx.UpdateRows("alerts", 1,
		col("id", w.changed, func(a **Alert) string { return (*a).ID.String() }).As("uuid"),
		col("unit_id", w.changed, func(a **Alert) string { return (*a).UnitID.String() }).As("uuid"),
		col("severity", w.changed, func(a **Alert) string { return string((*a).Severity) }),
		col("state", w.changed, func(a **Alert) string { return string((*a).State) }),
		col("args", w.changed, func(a **Alert) *string { return pointer(text((*a).Args)) }).As("json"),
		col("last_seen_at", w.changed, func(a **Alert) time.Time { return (*a).LastSeenAt }),
		col("count", w.changed, func(a **Alert) int { return (*a).Count }),
		col("reopened", w.changed, func(a **Alert) int { return (*a).Reopened }),
		col("resolved_at", w.changed, func(a **Alert) *time.Time { return pointer((*a).ResolvedAt) }),
		col("resolved_why", w.changed, func(a **Alert) *string { return pointer(string((*a).ResolvedBecause)) }))
	if err != nil {
		return fmt.Errorf("save alerts: %w", err)
	}
	return nil
}

func (w *writes) saveEvents(tx *store.Tx) error {
	if len(w.events) == 0 {
		return nil
	}
	err := tx.InsertRows("alert_events", "",
		col("id", w.events, func(*alertEvent) string { return id.New[alertEvent]().String() }).As("uuid"),
		col("alert_id", w.events, func(e *alertEvent) string { return e.alert.String() }).As("uuid"),
		col("at", w.events, func(*alertEvent) time.Time { return w.now }),
		col("action", w.events, func(e *alertEvent) string { return string(e.action) }),
		col("severity", w.events, func(e *alertEvent) string { return string(e.severity) }),
		col("actor_name", w.events, func(e *alertEvent) *string { return pointer(e.actor) }),
		col("note", w.events, func(e *alertEvent) *string { return pointer(e.note) }))
	if err != nil {
		return fmt.Errorf("save history of alerts: %w", err)
	}
	return nil
}
