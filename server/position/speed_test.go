package position_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/identity"
	"holdfast/server/intake"
	"holdfast/server/outbox"
	"holdfast/server/position"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// crowd is how many devices have the product beforehand, and how many more
// there are.
const crowd = 3000

// A report through the real door changes the position within a second, among
// thousands of devices.
func TestPositionFollowsAReportWithinASecond(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBody(t, db)
		product, releases := b.product(t, "cad")
		b.buy(t, entitlement.Wish{ProductID: product, Quantity: crowd})
		b.crowd(t, product, releases[0])
		changed := make(chan position.Changed, 10)
		running := run(t, b, changed)
		agent := running.enrol(t)
		const reports = 5
		worst := time.Duration(0)
		for i := range reports {
			version := "1" // the release that the product has
			if i%2 == 1 {
				version = "another"
			}
			sent := time.Now()
			running.send(t, agent, version)
			select {
			case one := <-changed:
				took := time.Since(sent)
				worst = max(worst, took)
				if want := int64(-1 + i%2); one.Available != want {
					t.Errorf("report %d: available is %d, want %d", i, one.Available, want)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("report %d changed nothing", i)
			}
		}
		t.Logf("%d devices, slowest of %d: %s", crowd, reports, worst)
		if worst > time.Second {
			t.Errorf("the position changed %s after the report", worst)
		}
	})
}

// crowd stores devices with the release, past the rules of package device.
func (b body) crowd(t *testing.T, product position.ProductID, release int32) {
	t.Helper()
	b.write(t, func(tx *store.Tx) error {
		var names, uids []string
		var units []string
		var times []time.Time
		for i := range crowd {
			names, uids = append(names, fmt.Sprintf("crowd-%d", i)), append(uids, uuid.NewString())
			units, times = append(units, b.north.ID.String()), append(times, tx.Now)
		}
		kinds := make([]string, crowd)
		for i := range kinds {
			kinds[i] = "laptop"
		}
		err := tx.InsertRows("devices", "", store.Col("uid", uids).As("uuid"), store.Col("unit_id", units).As("uuid"), store.Col("name", names),
			store.Col("kind", kinds), store.Col("first_seen_at", times))
		if err != nil {
			return err
		}
		return tx.Exec("INSERT INTO installations (device_id, release_id, since) SELECT id, ?, first_seen_at FROM devices", release).Error
	})
	if err := b.Recompute(b.ctx, product); err != nil {
		t.Fatal(err)
	}
	b.drain(t)
}

// door is an intake that runs, with the outbox behind it.
type door struct {
	*intake.Service
}

func run(t *testing.T, b body, changed chan<- position.Changed) door {
	t.Helper()
	var words *outbox.Outbox
	publish := func(tx *store.Tx, topic, subject string, payload any) error {
		return words.Publish(tx, topic, subject, payload)
	}
	positions := position.New(b.db, slog.New(slog.DiscardHandler), publish)
	words = outbox.New(b.db, slog.New(slog.DiscardHandler),
		outbox.Subscription{Topic: device.Reported, Consumer: "position", Handle: positions.Reported},
		outbox.Subscription{Topic: position.Topic, Consumer: "test", Handle: func(_ context.Context, _ *store.Tx, messages []outbox.Message) error {
			for _, message := range messages {
				var one position.Changed
				if err := json.Unmarshal(message.Payload, &one); err != nil {
					return err
				}
				changed <- one
			}
			return nil
		}})
	admit := func(*store.Tx, identity.Secret) (identity.UnitID, string, error) { return b.north.ID, "", nil }
	service := intake.New(b.db, admit, software.NewInterner(b.db, 1000), nil, intake.Options{Publish: func(tx *store.Tx, topic string, events []outbox.Event) error {
		return words.PublishAll(tx, topic, events)
	}})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	for _, part := range []func(context.Context) error{service.Run, words.Run} {
		running.Go(func() {
			if err := part(ctx); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return door{service}
}

func (d door) enrol(t *testing.T) intake.Agent {
	t.Helper()
	answer, err := d.Enrol(t.Context(), "192.0.2.1", protocol.Enrol{
		Protocol: 1, Key: "hfe_any", Hostname: "new-pc", Evidence: identify.Evidence{UUID: uuid.NewString()}, Agent: report.Agent{Version: "1.0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	actor, err := d.Authenticate(t.Context(), answer.Credential)
	if err != nil {
		t.Fatal(err)
	}
	return intake.Agent{Device: int32(actor.DeviceID), Credential: identity.Secret(answer.Credential)}
}

// send reports that one release of the product's title is installed.
func (d door) send(t *testing.T, agent intake.Agent, version string) {
	t.Helper()
	list := &report.Software{Packages: []report.Package{{Title: "cad", Version: version}}}
	facts, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	part := report.Part{Name: list.Name(), Outcome: report.OK, Hash: report.Hash(report.OK, list), Facts: facts}
	message := report.Report{
		ID: uuid.Must(uuid.NewV7()).String(), TakenAt: time.Now().UTC(), Agent: report.Agent{Version: "1.0", OS: "linux", Arch: "amd64"},
		Digest: report.StateDigest([]report.Part{part}), Sections: []report.Part{part},
	}
	body, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Report(t.Context(), agent, "", body); err != nil {
		t.Fatal(err)
	}
}
