package ticket

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/attachment"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/notify"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Sort is what kind of message it is.
type Sort string

// The sorts of messages.
const (
	Message  Sort = "message"  // between the desk and the requester
	Note     Sort = "note"     // for the desk alone
	Solution Sort = "solution" // what was done; the requester reads it
)

// Public reports whether the requester reads messages of this sort.
func (s Sort) Public() bool { return s != Note }

// attached is the kind of object that files of messages belong to.
const attached = "ticket_message"

// Said marks the identifiers of messages.
type Said struct{}

// Event marks the identifiers of lines of the history.
type Event struct{}

// MessageID identifies a message.
type MessageID = id.Of[Said]

// Post is what somebody of the desk writes.
type Post struct {
	Body    string
	Private bool
	Files   []attachment.Upload
	Then    State // "" or the state that the ticket is to have after it: Pending or Solved
}

// Write adds a message or a note. A message answers the requester, who is
// told. Faults: Missing, Denied, Invalid, TooLarge, and Conflict when the state
// that is to follow may not.
func (s *Service) Write(ctx context.Context, of ID, post Post) (Row, error) {
	return s.handle(ctx, of, func(w *work) error {
		if !w.t.MergedInto.IsZero() {
			return merged(w.t)
		}
		if w.t.State == Closed && !post.Private {
			return fault.NewConflict("fault.ticket.over", nil)
		}
		sort := Message
		switch {
		case post.Private:
			sort = Note
		case post.Then == Solved:
			sort = Solution
		}
		if err := w.say(ctx, sort, post.Body, post.Files); err != nil {
			return err
		}
		w.args["Text"] = post.Body
		switch post.Then {
		case "":
		case Solved:
			return w.solve(ctx)
		default:
			if err := w.to(post.Then, byDesk); err != nil {
				return err
			}
		}
		if sort == Message {
			w.tell(answered)
		}
		return nil
	})
}

// say adds a message by the actor, with its files. Fault: Invalid.
func (w *work) say(ctx context.Context, sort Sort, body string, files []attachment.Upload) error {
	actor := identity.ActorOf(ctx)
	said := said{sort: sort, body: body, author: actor.Name, via: FromDesk}
	switch actor.Kind {
	case identity.UserKind:
		user, err := id.Parse[identity.User](actor.ID)
		if err != nil {
			return fmt.Errorf("read who writes: %w", err)
		}
		said.user = user
	case identity.TokenKind:
		said.via = FromAPI
	default:
	}
	if sort == Message {
		w.t.AskedAt = time.Time{}
	}
	return w.add(ctx, said, files)
}

// said is a message on its way in.
type said struct {
	sort   Sort
	body   string
	author string
	user   identity.UserID
	person person.ID // when the requester's side wrote it
	via    Source
}

func (w *work) add(ctx context.Context, m said, files []attachment.Upload) error {
	var fields check.Fields
	m.body = fields.Note("body", m.body, bodyLimit)
	if m.body == "" && len(files) == 0 {
		fields.Add("body", "fault.field.required", nil)
	}
	if err := fields.Err(); err != nil {
		return err
	}
	message := id.New[Said]()
	err := w.tx.Exec(`INSERT INTO ticket_messages (id, ticket_id, at, kind, user_id, person_id, author, body, via)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		message, w.t.ID, w.tx.Now, m.sort, m.user, m.person, m.author, m.body, m.via).Error
	if err != nil {
		return fmt.Errorf("add a message to %s: %w", w.t.Name(), err)
	}
	_, err = attachment.Add(ctx, w.tx, attachment.Object{Kind: attached, ID: message.String()}, files...)
	return err
}

// send queues what the requester and the followers are told.
func (w *work) send(ctx context.Context) error {
	if len(w.notices) == 0 {
		return nil
	}
	told, err := audience(w.tx, &w.t.Ticket)
	if err != nil {
		return err
	}
	actor := identity.ActorOf(ctx)
	for _, to := range told {
		for _, template := range w.notices {
			// Only of the receipt are people told who caused it themselves; and an
			// answer is for the requester, who asked.
			if template != received && actor.Kind == identity.UserKind && to.user == actor.ID || template == answered && to.follows {
				continue
			}
			err := w.s.notices.Queue(ctx, w.tx, notify.Message{
				Object: notify.Object{Kind: "ticket", ID: w.t.ID.String()}, Template: "ticket." + template, To: to.Recipient,
				Args: w.noticeArgs(to),
			})
			if err != nil {
				return fmt.Errorf("tell of %s: %w", w.t.Name(), err)
			}
		}
	}
	return nil
}

func (w *work) noticeArgs(to reader) fault.Args {
	args := fault.Args{
		"Number": w.t.Name(), "Title": w.s.Titled(&w.t.Ticket, to.Language), "Owner": w.t.Owner,
		"Team": w.s.options.Translate(to.Language, "role."+string(w.t.Team), nil),
		"Link": w.s.options.Public() + "/portal/requests/" + to.own.String(), "Text": "",
	}
	for name, value := range w.args {
		args[name] = value
	}
	return args
}

// The notices that a ticket was opened, and that its requester has an answer.
const (
	received = "received"
	answered = "answered"
)

// reader is somebody who is told of a ticket.
type reader struct {
	notify.Recipient
	user    string // identifier of the user that they are
	own     ID     // the ticket, or the follower's own that was merged into it
	follows bool   // not the requester
}

// audience lists who is told of a ticket: the requester and the followers.
func audience(tx *store.Tx, t *Ticket) ([]reader, error) {
	var people []struct {
		Name, Email, Language string
		ID                    person.ID
		UserID                identity.UserID
		Own                   ID
	}
	err := tx.Raw(`SELECT p.id, p.name, COALESCE(p.email, u.email, '') AS email, COALESCE(p.language, u.language, 'en') AS language, p.user_id,
		(SELECT o.id FROM tickets o WHERE o.merged_into = ? AND o.requester_id = p.id ORDER BY o.number LIMIT 1) AS own
		FROM people p LEFT JOIN users u ON u.id = p.user_id
		WHERE p.active AND (p.id = ? OR p.id IN (SELECT person_id FROM ticket_followers WHERE ticket_id = ?)) ORDER BY p.name, p.id`,
		t.ID, t.RequesterID, t.ID).Scan(&people).Error
	if err != nil {
		return nil, fmt.Errorf("find who follows %s: %w", t.Name(), err)
	}
	told := make([]reader, len(people))
	for i, p := range people {
		told[i] = reader{notify.Recipient{Name: p.Name, Address: p.Email, Language: p.Language}, p.UserID.String(), p.Own, p.ID != t.RequesterID}
		if !told[i].follows || p.Own.IsZero() {
			told[i].own = t.ID
		}
	}
	return told, nil
}

func merged(t *Row) error {
	return fault.NewConflict("fault.ticket.merged", fault.Args{"Number": Name(t.MergedKind, t.MergedNumber)})
}
