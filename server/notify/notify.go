// Package notify tells people by mail what happened, and keeps what they were
// told. It owns the table notices.
//
// A notice is written in the transaction of the deed that it tells of, in the
// language of the person, and sent after the commit: an address that fails
// today is tried again, later and later, and given up after three days. A mail
// server is not asked inside a transaction, which would hold up everybody else
// on SQLite; the table is the queue, and "take some, send, say so" is safe on
// several servers. Delivery is at least once: a crash between sending and
// saying so sends twice, with the same Message-ID.
//
// Without a mail server in the settings notices are kept as unsent, which
// pages show; they are not sent later, when nobody would understand them.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// ID identifies a notice.
type ID = id.Of[Notice]

// State is what became of a notice.
type State string

// The states.
const (
	Waiting State = "waiting" // to be sent, perhaps once more
	Sent    State = "sent"    // the mail server has taken it
	Unsent  State = "unsent"  // there is no mail server, or no address
	Refused State = "refused" // the mail server will not have it
)

// States lists every state.
func States() []State { return []State{Waiting, Sent, Unsent, Refused} }

// Object is what a notice is about.
type Object struct {
	Kind string // such as "ticket"
	ID   string
}

// Recipient is who is told.
type Recipient struct {
	Name     string
	Address  string // "" when they have none
	Language string
}

// Message is what somebody is to be told. Its texts are the messages
// notice.TEMPLATE.subject and notice.TEMPLATE.body.
type Message struct {
	Object   Object
	Template string
	To       Recipient
	Args     fault.Args
}

// Notice is what somebody was told.
type Notice struct {
	ID        ID
	Object    Object
	Template  string
	To        Recipient
	Subject   string
	Body      string
	State     State
	Attempts  int
	Error     string
	CreatedAt time.Time
	SentAt    time.Time
}

// Options are what the service works with.
type Options struct {
	Mail      *Mail // nil when there is no mail server
	Translate func(language, key string, args fault.Args) string
	Log       *slog.Logger
}

// Service writes and sends notices.
type Service struct {
	db      *store.DB
	options Options
	bell    chan struct{}
}

// New makes the service.
func New(db *store.DB, options Options) *Service {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: db, options: options, bell: make(chan struct{}, 1)}
}

// Queue writes notices, to be sent after the commit.
func (s *Service) Queue(ctx context.Context, tx *store.Tx, messages ...Message) error {
	for _, message := range messages {
		text := func(part string) string {
			return s.options.Translate(message.To.Language, "notice."+message.Template+"."+part, message.Args)
		}
		state, reason := Waiting, ""
		switch {
		case message.To.Address == "":
			state, reason = Unsent, "no_address"
		case s.options.Mail == nil:
			state, reason = Unsent, "no_server"
		}
		due := &tx.Now
		if state != Waiting {
			due = nil
		}
		err := tx.WithContext(ctx).Exec(`INSERT INTO notices (id, object_kind, object_id, template, name, address, language, subject, body, state, error, created_at, due_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id.New[Notice](), message.Object.Kind, message.Object.ID, message.Template, message.To.Name, store.Null(message.To.Address),
			message.To.Language, oneLine(text("subject")), text("body"), state, store.Null(reason), tx.Now, due).Error
		if err != nil {
			return fmt.Errorf("write notice %s: %w", message.Template, err)
		}
	}
	tx.OnCommit(s.ring)
	return nil
}

const columns = `id, object_kind, object_id, template, name, COALESCE(address, ''), language, subject, body, state, attempts,
	COALESCE(error, ''), created_at, sent_at`

// Of gives the notices about an object, the oldest first, for whoever may see
// the object.
func Of(db *gorm.DB, object Object) ([]Notice, error) {
	return read(db, "object_kind = ? AND object_id = ? ORDER BY created_at, id", object.Kind, object.ID)
}

func read(db *gorm.DB, where string, args ...any) (found []Notice, err error) {
	rows, err := db.Raw("SELECT "+columns+" FROM notices WHERE "+where, args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n Notice
		var sent *time.Time
		err := rows.Scan(&n.ID, &n.Object.Kind, &n.Object.ID, &n.Template, &n.To.Name, &n.To.Address, &n.To.Language,
			&n.Subject, &n.Body, &n.State, &n.Attempts, &n.Error, &n.CreatedAt, &sent)
		if err != nil {
			return nil, fmt.Errorf("read notices: %w", err)
		}
		if sent != nil {
			n.SentAt = *sent
		}
		found = append(found, n)
	}
	return found, rows.Err()
}

func (s *Service) ring() {
	select {
	case s.bell <- struct{}{}:
	default: // it is going to look anyway
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
