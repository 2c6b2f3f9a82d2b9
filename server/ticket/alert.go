package ticket

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/outbox"
	"holdfast/server/store"
)

// How alerts become tickets. An alert that the rule of its check concerns
// joins the open ticket of the same cause, or opens one. Where every device
// has a ticket of its own, more than a few devices within the window are one
// storm: one ticket for all, which swallows those that nobody has touched yet.
// An alert that comes back opens its ticket again unless that was closed. When
// all alerts of a ticket are over for the grace time, it is solved (Settle).
//
// All of it works from the alerts as they now are, whatever the messages say,
// so that the order of messages does not matter.

// following is the lock by which one transaction at a time makes tickets of
// alerts on PostgreSQL: two at once would open two for one cause.
const following = 0x7469636b6574

// AlertsChanged brings tickets in line with alerts. It handles the topics
// "alert.raised" and "alert.cleared" of the outbox.
func (s *Service) AlertsChanged(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	alerts := make([]string, len(messages))
	for i, message := range messages {
		alerts[i] = message.Subject
	}
	return s.follow(ctx, tx, alerts)
}

// follow brings tickets in line with these alerts.
func (s *Service) follow(ctx context.Context, tx *store.Tx, alerts []string) error {
	ctx = identity.WithActor(ctx, identity.System("holdfast"))
	alerts = slices.Compact(slices.Sorted(slices.Values(alerts)))
	if len(alerts) == 0 {
		return nil
	}
	if tx.Dialect() == store.Postgres {
		if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", following).Error; err != nil {
			return fmt.Errorf("wait for others who follow alerts: %w", err)
		}
	}
	if err := tx.ByIndex(); err != nil { // all that follows is asked for by key
		return fmt.Errorf("follow alerts: %w", err)
	}
	rules, err := desk.Load(tx.DB)
	if err != nil {
		return err
	}
	found, err := loadRaised(tx, alerts)
	if err != nil {
		return err
	}
	f := &follower{s: s, tx: tx, rules: rules, touched: map[ID]bool{}}
	for i := range found {
		if err := f.known(ctx, &found[i]); err != nil {
			return err
		}
	}
	if err := f.fresh(ctx, found); err != nil {
		return err
	}
	return f.clear(ctx)
}

// follower is one run of the rule.
type follower struct {
	s       *Service
	tx      *store.Tx
	rules   *desk.Rules
	touched map[ID]bool // tickets whose alerts changed
}

// known deals with an alert that belongs to a ticket.
func (f *follower) known(ctx context.Context, a *raised) error {
	if a.ticket.IsZero() {
		return nil
	}
	if a.State != health.Open {
		if a.wasCleared {
			return nil
		}
		return f.mark(a, a.ticket, &a.ResolvedAt)
	}
	w, err := f.s.begin(f.tx, a.ticket)
	if err != nil {
		return err
	}
	if w.t.State == Closed {
		if a.wasCleared {
			a.ticket = ID{} // it is a new piece of work
		}
		return nil
	}
	if a.wasCleared {
		if err := f.mark(a, a.ticket, nil); err != nil {
			return err
		}
		w.happened("alert_returned", f.named(a))
		w.t.ClearedAt = time.Time{}
		if w.t.State == Solved {
			w.happened("reopened", nil)
			if err := w.to(w.again(), byItself); err != nil {
				return err
			}
		}
	}
	if w.t.Urgency != desk.High && w.t.Source == FromAlert && f.urgent(a) {
		w.t.Urgency = desk.High
		if err := w.follows(); err != nil {
			return err
		}
	}
	if len(w.events) == 0 {
		return nil
	}
	_, err = w.save(ctx)
	return err
}

// mark notes since when an alert of a ticket is over, or that it is not.
func (f *follower) mark(a *raised, of ID, cleared *time.Time) error {
	f.touched[of] = true
	// A merged ticket keeps its alerts, to be parted again; both rows follow.
	err := f.tx.Exec("UPDATE ticket_alerts SET cleared_at = ? WHERE alert_id = ?", cleared, a.ID).Error
	if err != nil {
		return fmt.Errorf("note how alert %s is: %w", a.ID, err)
	}
	return nil
}

// fresh finds or opens tickets for alerts that belong to none. Those of one
// cause go together, so that a fleet with one trouble is one step.
func (f *follower) fresh(ctx context.Context, found []raised) error {
	alike := map[string][]*raised{} // by cause
	var causes []string
	for i := range found {
		a := &found[i]
		rule := f.rules.Alert(a.Check)
		if !a.ticket.IsZero() || a.State != health.Open || !rule.Concerns(string(a.Severity)) {
			continue
		}
		of := cause(&rule, a)
		if alike[of] == nil {
			causes = append(causes, of)
		}
		alike[of] = append(alike[of], a)
	}
	waiting := map[string][]*raised{} // those that may be a storm, by topic
	var topics []string
	for _, of := range causes {
		alerts := alike[of]
		joined, err := f.joins(ctx, of, alerts)
		if err != nil {
			return err
		}
		rule := f.rules.Alert(alerts[0].Check)
		switch {
		case joined:
		case stormy(&rule, alerts[0]):
			if waiting[rule.Topic] == nil {
				topics = append(topics, rule.Topic)
			}
			waiting[rule.Topic] = append(waiting[rule.Topic], alerts...)
		default:
			if err := f.opens(ctx, of, alerts); err != nil {
				return err
			}
		}
	}
	for _, topic := range topics {
		if err := f.storms(ctx, waiting[topic]); err != nil {
			return err
		}
	}
	return nil
}

// storms opens a ticket for each device, or one for all when they are many.
func (f *follower) storms(ctx context.Context, alerts []*raised) error {
	rule := f.rules.Alert(alerts[0].Check)
	since := f.tx.Now.Add(-f.rules.Settings.StormWindow)
	storm, err := f.storm(&rule, since)
	if err != nil {
		return err
	}
	if storm.IsZero() {
		devices := map[device.Key]bool{}
		for _, a := range alerts {
			devices[a.Device] = true
		}
		lately, err := f.lately(&rule, since)
		if err != nil {
			return err
		}
		for _, of := range lately {
			devices[of] = true
		}
		if len(devices) <= f.rules.Settings.StormDevices {
			for _, a := range alerts {
				one := f.rules.Alert(a.Check)
				of := cause(&one, a)
				joined, err := f.joins(ctx, of, []*raised{a}) // another alert of the device may have opened it by now
				if err == nil && !joined {
					err = f.opens(ctx, of, []*raised{a})
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
		if storm, err = f.breaks(ctx, &rule, alerts, since); err != nil {
			return err
		}
	}
	return f.gather(ctx, storm, alerts)
}

// storm finds the open storm that alerts of this rule still join.
func (f *follower) storm(rule *desk.AlertRule, since time.Time) (ID, error) {
	var found ID
	err := f.tx.Raw(`SELECT t.id FROM tickets t WHERE t.cause = ? AND t.storm AND t.state NOT IN ('solved', 'closed')
		AND EXISTS (SELECT 1 FROM ticket_alerts x WHERE x.ticket_id = t.id AND x.joined_at >= ?) ORDER BY t.opened_at DESC LIMIT 1`,
		stormCause(rule), since).Row().Scan(&found)
	if err != nil && !store.Missing(err) {
		return ID{}, fmt.Errorf("look for a storm: %w", err)
	}
	return found, nil
}

// lately lists the devices whose alerts of this topic got tickets of their own
// within the window.
func (f *follower) lately(rule *desk.AlertRule, since time.Time) (devices []device.Key, err error) {
	err = f.tx.EachRow(`SELECT DISTINCT a.device_id FROM ticket_alerts x JOIN alerts a ON a.id = x.alert_id JOIN tickets t ON t.id = x.ticket_id
		WHERE x.joined_at >= $1 AND a.device_id IS NOT NULL AND t.cause LIKE $2 AND t.opened_at >= $1`,
		[]any{since, rule.Topic + "|device|%"}, func(rows *sql.Rows) error {
			var one device.Key
			err := rows.Scan(&one)
			devices = append(devices, one)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("count devices of a storm: %w", err)
	}
	return devices, nil
}

// breaks opens the one ticket of a storm, and makes those of its tickets that
// nobody has touched a part of it.
func (f *follower) breaks(ctx context.Context, rule *desk.AlertRule, alerts []*raised, since time.Time) (ID, error) {
	var swallowed []struct {
		ID   ID
		Path string
	}
	err := f.tx.Raw(`SELECT t.id, u.path FROM tickets t JOIN units u ON u.id = t.unit_id
		WHERE t.cause LIKE ? AND t.opened_at >= ? AND t.state = 'new' AND t.owner_id IS NULL AND t.source = 'alert'
		AND NOT EXISTS (SELECT 1 FROM ticket_messages m WHERE m.ticket_id = t.id) ORDER BY t.number`,
		rule.Topic+"|device|%", since).Scan(&swallowed).Error
	if err != nil {
		return ID{}, fmt.Errorf("find tickets of a storm: %w", err)
	}
	paths := make([]string, 0, len(alerts)+len(swallowed))
	for _, a := range alerts {
		paths = append(paths, a.unitPath)
	}
	for _, t := range swallowed {
		paths = append(paths, t.Path)
	}
	impact, urgency, category := weighed(rule, alerts[0])
	if impact == desk.One {
		impact = desk.Group
	}
	row, err := f.s.open(ctx, f.tx, f.rules, Wish{
		Kind: desk.Incident, TitleKey: "ticket.alert.storm", TitleArgs: fault.Args{"Check": rule.Check, "Count": len(alerts)},
		Impact: impact, Urgency: urgency, Keyed: category, Unit: common(paths), Source: FromAlert, cause: stormCause(rule), storm: true,
	})
	if err != nil {
		return ID{}, err
	}
	for _, each := range swallowed {
		from, err := f.s.begin(f.tx, each.ID)
		if err != nil {
			return ID{}, err
		}
		into, err := f.s.begin(f.tx, row.ID)
		if err != nil {
			return ID{}, err
		}
		if _, err := f.s.merge(ctx, from, into); err != nil {
			return ID{}, err
		}
	}
	return row.ID, nil
}

// gather lets alerts join a storm.
func (f *follower) gather(ctx context.Context, storm ID, alerts []*raised) error {
	if err := f.join(alerts, storm); err != nil {
		return err
	}
	w, err := f.s.begin(f.tx, storm)
	if err != nil {
		return err
	}
	var devices int
	err = f.tx.Raw(`SELECT COUNT(DISTINCT a.device_id) FROM ticket_alerts x JOIN alerts a ON a.id = x.alert_id
		WHERE x.ticket_id = ?`, storm).Row().Scan(&devices)
	if err != nil {
		return fmt.Errorf("count devices of a storm: %w", err)
	}
	if w.t.TitleKey != "" { // nobody has written another title
		w.t.TitleArgs["Count"] = devices
		w.t.Title = f.s.Titled(&w.t.Ticket, "en")
	}
	w.t.ClearedAt = time.Time{}
	w.happened("alerts_joined", fault.Args{"Count": len(alerts)})
	_, err = w.save(ctx)
	return err
}

// joins lets alerts of one cause join its ticket: one that is open, or was
// solved within the grace time. It reports whether there was one.
func (f *follower) joins(ctx context.Context, cause string, alerts []*raised) (bool, error) {
	var found ID
	err := f.tx.Raw(`SELECT id FROM tickets WHERE cause = ? AND merged_into IS NULL
		AND (state NOT IN ('solved', 'closed') OR state = 'solved' AND solved_at >= ?) ORDER BY opened_at DESC LIMIT 1`,
		cause, f.tx.Now.Add(-f.rules.Settings.Grace)).Row().Scan(&found)
	if store.Missing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the ticket of a cause: %w", err)
	}
	if err := f.join(alerts, found); err != nil {
		return false, err
	}
	w, err := f.s.begin(f.tx, found)
	if err != nil {
		return false, err
	}
	w.t.ClearedAt = time.Time{}
	if len(alerts) == 1 {
		w.happened("alert_joined", f.named(alerts[0]))
	} else {
		w.happened("alerts_joined", fault.Args{"Count": len(alerts)})
	}
	if w.t.State == Solved {
		w.happened("reopened", nil)
		if err := w.to(w.again(), byItself); err != nil {
			return false, err
		}
	}
	if w.t.Urgency != desk.High && slices.ContainsFunc(alerts, f.urgent) {
		w.t.Urgency = desk.High
		if err := w.follows(); err != nil {
			return false, err
		}
	}
	_, err = w.save(ctx)
	return true, err
}

func (f *follower) urgent(a *raised) bool {
	rule := f.rules.Alert(a.Check)
	_, urgency, _ := weighed(&rule, a)
	return urgency == desk.High
}

func (f *follower) join(alerts []*raised, of ID) error {
	ids := make([]string, len(alerts))
	for i, a := range alerts {
		a.ticket = of
		ids[i] = a.ID.String()
	}
	f.touched[of] = true
	err := f.tx.InsertRows("ticket_alerts", "ON CONFLICT (ticket_id, alert_id) DO UPDATE SET cleared_at = NULL, joined_at = excluded.joined_at",
		store.Col("ticket_id", slices.Repeat([]string{of.String()}, len(ids))).As("uuid"), store.Col("alert_id", ids).As("uuid"),
		store.Col("joined_at", slices.Repeat([]time.Time{f.tx.Now}, len(ids))))
	if err != nil {
		return fmt.Errorf("let alerts join ticket %s: %w", of, err)
	}
	return nil
}

// opens opens a ticket for alerts of one cause, of which the first says what
// it is about.
func (f *follower) opens(ctx context.Context, cause string, alerts []*raised) error {
	a := alerts[0]
	rule := f.rules.Alert(a.Check)
	impact, urgency, category := weighed(&rule, a)
	if slices.ContainsFunc(alerts, f.urgent) {
		urgency = desk.High
	}
	wish := Wish{
		Kind: desk.Incident, TitleKey: "ticket.alert.one", TitleArgs: fault.Args{"Check": a.Check, "Name": about(&rule, a)},
		Impact: impact, Urgency: urgency, Keyed: category, Unit: a.UnitID, Source: FromAlert, cause: cause,
	}
	if rule.Cause == desk.ByDevice {
		wish.Device = a.Device
	}
	if a.Check == productCheck {
		var err error
		if wish.Device, err = onlyDevice(f.tx, a.Subject); err != nil {
			return err
		}
	}
	row, err := f.s.open(ctx, f.tx, f.rules, wish)
	if err != nil {
		return err
	}
	return f.join(alerts, row.ID)
}

// named is what a line of the history says about an alert.
func (f *follower) named(a *raised) fault.Args {
	args := fault.Args{"Check": a.Check, "Severity": string(a.Severity)}
	if a.name != "" {
		args["Name"] = a.name
	} else {
		args["Name"] = a.Subject
	}
	return args
}

// clear works out for each ticket whose alerts changed whether all are over.
func (f *follower) clear(ctx context.Context) error {
	for of := range f.touched {
		var open int
		var newest *time.Time
		err := f.tx.Raw("SELECT COUNT(*) FROM ticket_alerts WHERE ticket_id = ? AND cleared_at IS NULL", of).Row().Scan(&open)
		if err == nil && open == 0 {
			err = f.tx.Raw("SELECT cleared_at FROM ticket_alerts WHERE ticket_id = ? ORDER BY cleared_at DESC LIMIT 1", of).Row().Scan(&newest)
		}
		if err != nil {
			return fmt.Errorf("see whether the alerts of a ticket are over: %w", err)
		}
		w, err := f.s.begin(f.tx, of)
		if err != nil {
			return err
		}
		over := time.Time{}
		if open == 0 && newest != nil {
			over = *newest
		}
		if over.Equal(w.t.ClearedAt) {
			continue
		}
		if w.t.ClearedAt = over; !over.IsZero() && w.t.State.Open() {
			w.happened("alerts_over", nil)
			if f.rules.Settings.Grace == 0 && w.t.Source == FromAlert { // nothing to wait for
				if err := w.settle(); err != nil {
					return err
				}
			}
		}
		if _, err := w.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// loadRaised reads alerts with what the rule asks of their devices and units,
// and the ticket that each belongs to.
func loadRaised(tx *store.Tx, alerts []string) (found []raised, err error) {
	err = eachRow(tx.DB, `SELECT a.id, a.check_id, COALESCE(a.device_id, 0), a.subject, a.severity, a.state, a.args, a.first_seen_at, a.resolved_at,
		u.id, u.name, u.path, COALESCE(d.kind, ''), COALESCE(d.name, ''), COALESCE(d.model, ''),
		(SELECT x.ticket_id FROM ticket_alerts x JOIN tickets t ON t.id = x.ticket_id
			WHERE x.alert_id = a.id AND t.merged_into IS NULL ORDER BY x.joined_at DESC, t.number DESC LIMIT 1),
		EXISTS (SELECT 1 FROM ticket_alerts x JOIN tickets t ON t.id = x.ticket_id
			WHERE x.alert_id = a.id AND t.merged_into IS NULL AND x.cleared_at IS NOT NULL)
		FROM alerts a LEFT JOIN devices d ON d.id = a.device_id JOIN units u ON u.id = COALESCE(d.unit_id, a.unit_id)
		WHERE a.id IN ? ORDER BY a.first_seen_at, a.id`, []any{alerts}, func(rows *sql.Rows) error {
		var a raised
		var args json.RawMessage
		err := rows.Scan(&a.ID, &a.Check, &a.Device, &a.Subject, &a.Severity, &a.State, list.JSON(&args), &a.FirstSeenAt, list.Blank(&a.ResolvedAt),
			&a.UnitID, &a.unitName, &a.unitPath, &a.kind, &a.name, &a.model, &a.ticket, &a.wasCleared)
		if err != nil {
			return err
		}
		if len(args) > 0 {
			if err := json.Unmarshal(args, &a.Args); err != nil {
				return err
			}
		}
		found = append(found, a)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	return found, nil
}
