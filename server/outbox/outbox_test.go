package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// heard collects the subjects that a consumer dealt with.
type heard struct{ subjects []string }

func (h *heard) handle(_ context.Context, _ *store.Tx, messages []outbox.Message) error {
	for _, message := range messages {
		h.subjects = append(h.subjects, message.Subject)
	}
	return nil
}

func newOutbox(db *store.DB, subscriptions ...outbox.Subscription) *outbox.Outbox {
	return outbox.New(db, slog.New(slog.DiscardHandler), subscriptions...)
}

func publish(t *testing.T, db *store.DB, o *outbox.Outbox, topic string, subjects ...string) {
	t.Helper()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		for _, subject := range subjects {
			if err := o.Publish(tx, topic, subject, map[string]int{"n": 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, o *outbox.Outbox) {
	t.Helper()
	if err := o.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestEveryConsumerOfATopicHearsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var licence, health, other heard
		o := newOutbox(db,
			outbox.Subscription{Topic: "device.reported", Consumer: "licence", Handle: licence.handle},
			outbox.Subscription{Topic: "device.reported", Consumer: "health", Handle: health.handle},
			outbox.Subscription{Topic: "asset.changed", Consumer: "licence", Handle: other.handle})
		publish(t, db, o, "device.reported", "1", "2")
		publish(t, db, o, "nobody.listens", "3")
		drain(t, o)
		drain(t, o)
		want := []string{"1", "2"}
		if !slices.Equal(licence.subjects, want) || !slices.Equal(health.subjects, want) || len(other.subjects) != 0 {
			t.Errorf("heard %v, %v and %v; want %v twice and nothing", licence.subjects, health.subjects, other.subjects, want)
		}
	})
}

func TestWhatIsRolledBackDidNotHappen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var h heard
		o := newOutbox(db, outbox.Subscription{Topic: "t", Consumer: "c", Handle: h.handle})
		undone := errors.New("undone")
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return errors.Join(o.Publish(tx, "t", "1", nil), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		drain(t, o)
		if len(h.subjects) != 0 {
			t.Errorf("heard %v of what was rolled back", h.subjects)
		}
	})
}

func TestOneBadMessageDoesNotStopTheOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var h heard
		broken := true
		o := newOutbox(db, outbox.Subscription{Topic: "t", Consumer: "c",
			Handle: func(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
				for _, message := range messages {
					if message.Subject == "bad" && broken {
						return errors.New("cannot be dealt with")
					}
				}
				return h.handle(ctx, tx, messages)
			}})
		publish(t, db, o, "t", "1", "bad", "2")
		drain(t, o)
		if want := []string{"1", "2"}; !slices.Equal(h.subjects, want) {
			t.Fatalf("heard %v, want %v", h.subjects, want)
		}
		waiting, err := o.Waiting(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(waiting) != 1 || waiting[0].Count != 1 || waiting[0].Failed != 1 || waiting[0].Error != "cannot be dealt with" || waiting[0].Oldest.IsZero() {
			t.Errorf("waiting: %+v", waiting)
		}
		broken = false
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.Exec("UPDATE outbox SET due_at = ?", tx.Now.Add(-time.Hour)).Error
		}); err != nil {
			t.Fatal(err)
		}
		drain(t, o)
		if want := []string{"1", "2", "bad"}; !slices.Equal(h.subjects, want) {
			t.Errorf("heard %v, want %v", h.subjects, want)
		}
	})
}

func TestRunWakesAtTheCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		got := make(chan string, 1)
		o := newOutbox(db, outbox.Subscription{Topic: "t", Consumer: "c",
			Handle: func(_ context.Context, _ *store.Tx, messages []outbox.Message) error {
				got <- messages[0].Subject
				return nil
			}})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- o.Run(ctx) }()
		publish(t, db, o, "t", "1")
		if subject := <-got; subject != "1" {
			t.Errorf("heard %q", subject)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
