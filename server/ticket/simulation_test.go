package ticket_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/health/healthtest"
	"holdfast/server/identity"
	"holdfast/server/notify"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/ticket"
)

// month lets a month pass over an estate whose devices hover around the limits
// of the checks, with tickets made of its alerts. It counts the tickets, what
// was really wrong that the rules want a ticket for, and what is amiss.
func month(ctx context.Context, url string, devices int, seed uint64) (tickets, causes int, problems []string, err error) {
	clock := healthtest.NewClock()
	db, err := store.Open(ctx, url, store.Options{Now: clock.Now})
	if err != nil {
		return 0, 0, nil, err
	}
	defer db.Close() //nolint:errcheck // the test's own
	if _, err := db.Migrate(ctx); err != nil {
		return 0, 0, nil, err
	}
	ctx = identity.WithActor(ctx, identity.System("simulation"))
	translate := func(_, key string, _ fault.Args) string { return key }
	service := ticket.New(db, func(*store.Tx, string, string, any) error { return nil },
		notify.New(db, notify.Options{Translate: translate}), ticket.Options{Translate: translate, Public: func() string { return "" }})
	box := outbox.New(db, slog.New(slog.DiscardHandler),
		outbox.Subscription{Topic: health.TopicRaised, Consumer: "ticket", Handle: service.AlertsChanged},
		outbox.Subscription{Topic: health.TopicCleared, Consumer: "ticket", Handle: service.AlertsChanged})
	estate, err := healthtest.New(ctx, db, clock, health.New(db, box.Publish, health.Options{}), devices, seed)
	if err != nil {
		return 0, 0, nil, err
	}
	estate.Tick = func(ctx context.Context) error {
		if err := box.Drain(ctx); err != nil {
			return err
		}
		return service.Settle(ctx)
	}
	if err := estate.Run(ctx, 30); err != nil {
		return 0, 0, nil, err
	}
	return judgeMonth(ctx, db, estate.Causes())
}

// judgeMonth holds the tickets against what was really wrong.
func judgeMonth(ctx context.Context, db *store.DB, causes []healthtest.Cause) (tickets, wanted int, problems []string, err error) {
	rules, err := desk.Load(db.Read(ctx))
	if err != nil {
		return 0, 0, nil, err
	}
	type key struct {
		device device.Key
		check  string
	}
	made := map[key]map[int]bool{} // numbers of the tickets of the alerts of a device and check
	numbers := map[int]bool{}
	rows, err := db.Read(ctx).Raw(`SELECT a.device_id, a.check_id, t.number FROM ticket_alerts x JOIN tickets t ON t.id = x.ticket_id
		JOIN alerts a ON a.id = x.alert_id WHERE t.merged_into IS NULL`).Rows()
	if err != nil {
		return 0, 0, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var of sql.Null[device.Key]
		var check string
		var number int
		if err := rows.Scan(&of, &check, &number); err != nil {
			return 0, 0, nil, err
		}
		at := key{of.V, check}
		if made[at] == nil {
			made[at] = map[int]bool{}
		}
		made[at][number], numbers[number] = true, true
	}
	if err := rows.Err(); err != nil {
		return 0, 0, nil, err
	}
	for _, cause := range causes {
		found := map[int]bool{}
		for _, check := range cause.Checks {
			for number := range made[key{cause.Device, check}] {
				found[number] = true
			}
			delete(made, key{cause.Device, check})
		}
		concerned := slices.ContainsFunc(cause.Checks, func(check string) bool {
			rule := rules.Alert(check)
			return rule.Concerns("warn")
		})
		topics := map[string]bool{}
		for _, check := range cause.Checks {
			rule := rules.Alert(check)
			topics[rule.Topic] = true
		}
		if len(found) > 0 {
			wanted++
		}
		if concerned && len(found) == 0 || len(found) > len(topics) {
			problems = append(problems, fmt.Sprintf("%v of device %d from %s: tickets %v", cause.Checks, cause.Device, cause.Begins, found))
		}
	}
	for noise, of := range made {
		problems = append(problems, fmt.Sprintf("noise: %s of device %d made tickets %v", noise.check, noise.device, of))
	}
	return len(numbers), wanted, problems, nil
}

func TestMonthOfNoiseMakesTicketsOfWhatIsReallyWrong(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			tickets, causes, problems, err := month(t.Context(), storetest.URL(t, dialect), 60, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range problems {
				t.Error(problem)
			}
			if tickets == 0 || tickets > causes {
				t.Errorf("%d tickets of %d causes", tickets, causes)
			}
			t.Logf("%d tickets of %d causes", tickets, causes)
		})
	}
}

// BenchmarkMonth lets a month pass over 2,000 devices, tickets included.
func BenchmarkMonth(b *testing.B) {
	const devices = 2000
	for b.Loop() {
		tickets, causes, problems, err := month(b.Context(), "sqlite:"+b.TempDir()+"/month.db", devices, 1)
		if err != nil {
			b.Fatal(err)
		}
		for _, problem := range problems {
			b.Error(problem)
		}
		b.ReportMetric(float64(causes), "causes")
		b.ReportMetric(float64(tickets)/float64(causes), "tickets/cause")
		b.ReportMetric(float64(len(problems)), "noise")
	}
}
