// Package outbox carries word of what happened from one domain to the others:
// a report changed a device, so positions must be worked out again, checks
// run, tickets opened.
//
// A message is written in the transaction that made it happen, one row for
// each consumer of its topic, so that it exists exactly when the deed does.
// Each consumer deals with its own messages, in order and in batches, each
// batch in one transaction that also removes them. A message whose handling
// fails is tried again, later and later, and stays where "holdfast doctor" and
// /metrics show it; the others go on without it.
//
// Delivery is at least once and a handler may see several messages about one
// subject: it works from the present state and not from the message.
//
// Why not a queue library: none that is well kept enqueues inside a GORM
// transaction on both PostgreSQL and SQLite. This is one table and FOR UPDATE
// SKIP LOCKED, and nothing cleverer.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"holdfast/server/store"
)

// Message says that something happened.
type Message struct {
	ID         int64
	Topic      string // such as "device.reported"
	Subject    string // identifier of what it happened to
	HappenedAt time.Time
	Attempts   int // how often handling it has failed
	Payload    json.RawMessage
}

// Handler deals with messages of one topic, oldest first. What it writes
// through tx is committed together with the removal of the messages.
type Handler func(ctx context.Context, tx *store.Tx, messages []Message) error

// Subscription lets a consumer hear of a topic. The name of the consumer is
// stored with each message, so it must not change.
type Subscription struct {
	Topic    string
	Consumer string // such as "licence"; unique with the topic
	Handle   Handler
}

// Outbox delivers messages. Its subscriptions are fixed at construction.
type Outbox struct {
	db        *store.DB
	log       *slog.Logger
	consumers []*consumer
	byTopic   map[string][]*consumer
}

// consumer is one subscription with the bell that wakes it.
type consumer struct {
	Subscription
	name string // as stored: consumer and topic
	bell chan struct{}
}

// New makes an outbox. Messages of topics without a subscriber are not kept.
func New(db *store.DB, log *slog.Logger, subscriptions ...Subscription) *Outbox {
	o := &Outbox{db: db, log: log, byTopic: map[string][]*consumer{}}
	for _, subscription := range subscriptions {
		c := &consumer{
			Subscription: subscription,
			name:         subscription.Consumer + " " + subscription.Topic,
			bell:         make(chan struct{}, 1),
		}
		o.consumers = append(o.consumers, c)
		o.byTopic[c.Topic] = append(o.byTopic[c.Topic], c)
	}
	return o
}

// Publish says in tx that something happened to subject. The payload is kept
// as JSON; nil is kept as null.
func (o *Outbox) Publish(tx *store.Tx, topic, subject string, payload any) error {
	return o.PublishAll(tx, topic, []Event{{Subject: subject, Payload: payload}})
}

// Event is one thing that happened, for PublishAll.
type Event struct {
	Subject string
	Payload any
}

// PublishAll is Publish for many events of one topic, by one statement.
func (o *Outbox) PublishAll(tx *store.Tx, topic string, events []Event) error {
	consumers := o.byTopic[topic]
	if len(consumers) == 0 || len(events) == 0 {
		return nil
	}
	var names, subjects, payloads []string
	for _, event := range events {
		payload, err := json.Marshal(event.Payload)
		if err != nil {
			return fmt.Errorf("publish %s of %s: %w", topic, event.Subject, err)
		}
		for _, c := range consumers {
			names, subjects, payloads = append(names, c.name), append(subjects, event.Subject), append(payloads, string(payload))
		}
	}
	topics, now := slices.Repeat([]string{topic}, len(names)), slices.Repeat([]time.Time{tx.Now}, len(names))
	err := tx.InsertRows("outbox", "", store.Col("consumer", names), store.Col("topic", topics), store.Col("subject", subjects),
		store.Col("payload", payloads).As("json"), store.Col("happened_at", now), store.Col("due_at", now))
	if err != nil {
		return fmt.Errorf("publish %s: %w", topic, err)
	}
	tx.OnCommit(func() {
		for _, c := range consumers {
			c.ring()
		}
	})
	return nil
}

// row is a message as it is stored.
type row struct {
	ID         int64 `gorm:"primaryKey"`
	Consumer   string
	Topic      string
	Subject    string
	Payload    string
	HappenedAt time.Time
	DueAt      time.Time
	Attempts   int
	Error      *string
}

// TableName implements gorm's Tabler.
func (row) TableName() string { return "outbox" }

func (r row) message() Message {
	return Message{
		ID: r.ID, Topic: r.Topic, Subject: r.Subject, HappenedAt: r.HappenedAt,
		Attempts: r.Attempts, Payload: json.RawMessage(r.Payload),
	}
}

func (c *consumer) ring() {
	select {
	case c.bell <- struct{}{}:
	default: // it is going to look anyway
	}
}
