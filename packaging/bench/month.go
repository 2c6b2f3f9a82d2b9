package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/health/healthtest"
	"holdfast/server/identity"
	"holdfast/server/notify"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
)

// measureMonth lets a month pass over an estate whose values dance around the
// limits of the checks, with something really wrong on one device in ten, and
// counts what people would have heard: tickets for what is wrong, none for
// noise. The time is simulated; checks, outbox, rules and tickets are the
// product's own, on SQLite.
func measureMonth(ctx context.Context, p plan, t *table) (err error) {
	folder, err := os.MkdirTemp("", "hfmonth")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	clock := healthtest.NewClock()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(folder, "month.db"), store.Options{Now: clock.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	ctx = identity.WithActor(ctx, identity.System("simulation"))
	estate, err := follow(ctx, db, clock, p.simulated)
	if err != nil {
		return err
	}
	if err := estate.Run(ctx, 30); err != nil {
		return err
	}
	return count(ctx, db, estate.Causes(), t)
}

// follow makes the estate, with tickets that follow its alerts.
func follow(ctx context.Context, db *store.DB, clock *healthtest.Clock, devices int) (*healthtest.Estate, error) {
	var words *outbox.Outbox
	publish := func(tx *store.Tx, topic, subject string, payload any) error {
		return words.Publish(tx, topic, subject, payload)
	}
	silent := slog.New(slog.DiscardHandler)
	checks := health.New(db, publish, health.Options{})
	tickets := ticket.New(db, publish, notify.New(db, notify.Options{Translate: i18n.Translate}), ticket.Options{
		Public: func() string { return "http://127.0.0.1" }, Translate: i18n.Translate, Log: silent,
	})
	words = outbox.New(db, silent,
		outbox.Subscription{Topic: health.TopicRaised, Consumer: "ticket", Handle: tickets.AlertsChanged},
		outbox.Subscription{Topic: health.TopicCleared, Consumer: "ticket", Handle: tickets.AlertsChanged})
	estate, err := healthtest.New(ctx, db, clock, checks, devices, 1)
	if err != nil {
		return nil, err
	}
	estate.Tick = func(ctx context.Context) error { return errors.Join(words.Drain(ctx), tickets.Settle(ctx)) }
	return estate, nil
}

// heard is an alert of the month, and the ticket that it led to in the end.
type heard struct {
	Device device.Key
	Check  string
	Ticket string
	State  string // of the ticket
}

// count compares what was heard with what was really wrong.
func count(ctx context.Context, db *store.DB, causes []healthtest.Cause, t *table) error {
	var all []heard
	err := db.Read(ctx).Raw(`SELECT a.device_id AS device, a.check_id AS "check", COALESCE(t.id, '') AS ticket, COALESCE(t.state, '') AS state FROM alerts a
		LEFT JOIN ticket_alerts x ON x.alert_id = a.id LEFT JOIN tickets t ON t.id = x.ticket_id
		WHERE t.id IS NULL OR t.merged_into IS NULL`).Scan(&all).Error
	if err != nil {
		return fmt.Errorf("read what was heard: %w", err)
	}
	alerts, noise, ended := 0, 0, 0
	perCause, tickets := map[int]int{}, map[string]bool{} // tickets: whether they are of something real
	for _, one := range all {
		cause := slices.IndexFunc(causes, func(c healthtest.Cause) bool {
			return c.Device == one.Device && slices.Contains(c.Checks, one.Check)
		})
		if cause < 0 {
			noise++
		} else {
			alerts++
		}
		if one.Ticket == "" {
			continue
		}
		if _, known := tickets[one.Ticket]; !known && (one.State == string(ticket.Solved) || one.State == string(ticket.Closed)) {
			ended++
		}
		tickets[one.Ticket] = tickets[one.Ticket] || cause >= 0
		if cause >= 0 {
			perCause[cause]++
		}
	}
	ofNoise, most := 0, 0
	for _, real := range tickets {
		if !real {
			ofNoise++
		}
	}
	for _, count := range perCause {
		most = max(most, count)
	}
	t.figure("things really wrong", float64(len(causes)), "")
	t.figure("alerts of these", float64(alerts), "")
	t.none("alerts of noise", noise)
	t.figure("things wrong that led to a ticket", float64(len(perCause)), "")
	t.figure("tickets", float64(len(tickets)), "")
	t.atMost("tickets for each of these things", float64(len(tickets)-ofNoise)/float64(max(1, len(perCause))), 1, "")
	t.figure("alerts with a ticket of one thing, at most", float64(most), "")
	t.none("tickets of noise", ofNoise)
	t.figure("tickets that solved themselves", float64(ended), "")
	return nil
}
