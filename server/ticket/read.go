package ticket

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"holdfast/server/attachment"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/notify"
	"holdfast/server/person"
)

// Detail is a ticket with all that was said and happened.
type Detail struct {
	Row
	Thread    []Entry
	Followers []Follower
	Alerts    []Alert
	Notices   []notify.Notice
	Next      []State       // that people may give it
	Level2    identity.Role // where an escalation leads; "" when there is nowhere
	Category  desk.Category
}

// Entry is a message or a line of the history.
type Entry struct {
	ID     string
	At     time.Time
	Author string // "" when the server did it

	Message bool // otherwise a line of the history
	Sort    Sort
	Asks    bool // the requester's side wrote it
	Body    string
	Via     Source
	Files   []attachment.File
	From    string // number of the ticket that it was merged from

	Action string
	Args   fault.Args
}

// Follower is somebody who hears of a ticket besides its requester.
type Follower struct {
	ID    person.ID
	Name  string
	Email string
}

// Alert is an alert that a ticket was made of, or that joined it.
type Alert struct {
	health.Alert
	DeviceID  device.ID
	Name      string // of the device
	ClearedAt time.Time
}

// Get gives one ticket whole. Faults: Missing, Denied.
func (s *Service) Get(ctx context.Context, of ID) (Detail, error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return Detail{}, err
	}
	db := s.db.Read(ctx)
	row, err := find(db, list.Where("t.id = ?", of), within(reach))
	if err != nil {
		return Detail{}, err
	}
	rules, err := desk.Load(db)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Row: s.shown(rules, row), Next: row.State.Next()}
	d.Level2, _ = nextTeam(rules, &row.Ticket)
	if category, err := rules.Category(row.CategoryID); err == nil {
		d.Category = *category
	}
	if d.Thread, err = thread(db, of, false); err != nil {
		return Detail{}, err
	}
	if d.Followers, err = followers(db, of); err != nil {
		return Detail{}, err
	}
	if d.Alerts, err = alertsOf(db, of, mostAlerts); err != nil {
		return Detail{}, err
	}
	d.Notices, err = notify.Of(db, notify.Object{Kind: "ticket", ID: of.String()})
	return d, err
}

// Numbered finds a ticket by its number, with or without its prefix. Faults:
// Missing, Denied.
func (s *Service) Numbered(ctx context.Context, number int) (Row, error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return Row{}, err
	}
	return find(s.db.Read(ctx), list.Where("t.number = ?", number), within(reach))
}

// OfAlert gives the ticket that an alert belongs to: the latest, if there were
// several. Faults: Missing, Denied.
func (s *Service) OfAlert(ctx context.Context, of health.ID) (Row, error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return Row{}, err
	}
	return find(s.db.Read(ctx), within(reach), list.Where(`t.id = (SELECT x.ticket_id FROM ticket_alerts x JOIN tickets o ON o.id = x.ticket_id
		WHERE x.alert_id = ? AND o.merged_into IS NULL ORDER BY x.joined_at DESC, o.number DESC LIMIT 1)`, of))
}

// thread gives what was said and what happened, the oldest first. The
// requester's is without notes and without the history.
func thread(db *gorm.DB, of ID, requester bool) (entries []Entry, err error) {
	query := `SELECT m.id, m.at, m.kind, m.person_id IS NOT NULL, m.author, m.body, m.via, o.kind, o.number
		FROM ticket_messages m LEFT JOIN tickets o ON o.id = m.merged_from WHERE m.ticket_id = ?`
	if requester { // what was said to others, in tickets that were merged into this one, stays between them and the desk
		query += ` AND m.kind <> 'note'
			AND (m.merged_from IS NULL OR o.requester_id = (SELECT t.requester_id FROM tickets t WHERE t.id = m.ticket_id))`
	}
	err = eachRow(db, query+" ORDER BY m.at, m.id", []any{of}, func(rows *sql.Rows) error {
		e := Entry{Message: true}
		var kind sql.Null[desk.Kind]
		var number sql.NullInt64
		err := rows.Scan(&e.ID, &e.At, &e.Sort, &e.Asks, &e.Author, &e.Body, &e.Via, &kind, &number)
		if number.Valid {
			e.From = Name(kind.V, int(number.Int64))
		}
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	if err := addFiles(db, entries); err != nil || requester {
		return entries, err
	}
	err = eachRow(db, "SELECT id, at, COALESCE(actor, ''), action, args FROM ticket_events WHERE ticket_id = ? ORDER BY at, id", []any{of}, func(rows *sql.Rows) error {
		var e Entry
		err := rows.Scan(&e.ID, &e.At, &e.Author, &e.Action, arguments{&e.Args})
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	// Identifiers tell what came first within one transaction.
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return entries, nil
}

func addFiles(db *gorm.DB, entries []Entry) error {
	var messages []string
	for _, e := range entries {
		messages = append(messages, e.ID)
	}
	files, err := attachment.Of(db, attached, messages...)
	if err != nil {
		return err
	}
	for i := range entries {
		entries[i].Files = files[entries[i].ID]
	}
	return nil
}

func followers(db *gorm.DB, of ID) (found []Follower, err error) {
	err = eachRow(db, `SELECT p.id, p.name, COALESCE(p.email, '') FROM ticket_followers f JOIN people p ON p.id = f.person_id
		WHERE f.ticket_id = ? ORDER BY p.name, p.id`, []any{of}, func(rows *sql.Rows) error {
		var one Follower
		err := rows.Scan(&one.ID, &one.Name, &one.Email)
		found = append(found, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read followers: %w", err)
	}
	return found, nil
}

// mostAlerts is how many alerts a page shows of a ticket.
const mostAlerts = 50

func alertsOf(db *gorm.DB, of ID, limit int) (found []Alert, err error) {
	err = eachRow(db, `SELECT a.id, a.check_id, a.subject, a.severity, a.state, a.args, d.uid, COALESCE(d.name, ''),
		a.first_seen_at, a.last_seen_at, x.cleared_at
		FROM ticket_alerts x JOIN alerts a ON a.id = x.alert_id LEFT JOIN devices d ON d.id = a.device_id
		WHERE x.ticket_id = ? ORDER BY a.state, a.severity, x.joined_at, a.id LIMIT `+fmt.Sprint(limit), []any{of}, func(rows *sql.Rows) error {
		var one Alert
		err := rows.Scan(&one.ID, &one.Check, &one.Subject, &one.Severity, &one.State, &one.Args, &one.DeviceID, &one.Name,
			&one.FirstSeenAt, &one.LastSeenAt, list.Blank(&one.ClearedAt))
		found = append(found, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read alerts of a ticket: %w", err)
	}
	return found, nil
}

// Handler is somebody who may deal with tickets.
type Handler struct {
	ID    identity.UserID
	Name  string
	Teams []identity.Role
}

// Handlers lists who may deal with tickets of a unit, for the form that
// assigns them. Faults: Denied.
func (s *Service) Handlers(ctx context.Context, unit identity.UnitID) ([]Handler, error) {
	if err := identity.AllowIn(ctx, identity.TicketsRead, unit); err != nil {
		return nil, err
	}
	return handlers(s.db.Read(ctx), unit)
}

func handlers(db *gorm.DB, unit identity.UnitID) (found []Handler, err error) {
	err = eachRow(db, `SELECT u.id, u.name, g.role FROM users u JOIN grants g ON g.holder_id = u.id
		JOIN units above ON above.id = g.unit_id JOIN units below ON below.id = ?
		WHERE below.path LIKE above.path || '%' AND u.disabled_at IS NULL AND g.role IN ? ORDER BY u.name, u.id, g.role`,
		[]any{unit, identity.Grants()[identity.TicketsHandle]}, func(rows *sql.Rows) error {
			var one Handler
			var role identity.Role
			if err := rows.Scan(&one.ID, &one.Name, &role); err != nil {
				return err
			}
			if len(found) == 0 || found[len(found)-1].ID != one.ID {
				found = append(found, one)
			}
			last := &found[len(found)-1]
			if slices.Contains(desk.Teams(), role) && !slices.Contains(last.Teams, role) {
				last.Teams = append(last.Teams, role)
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("find who handles tickets: %w", err)
	}
	return found, nil
}

// Attachment gives a file of a message, for whoever may read the message.
// Faults: Missing, Denied.
func (s *Service) Attachment(ctx context.Context, of attachment.ID) (attachment.File, []byte, error) {
	db := s.db.Read(ctx)
	file, err := attachment.Find(db, of)
	if err != nil {
		return attachment.File{}, nil, err
	}
	if file.Object.Kind != attached {
		return attachment.File{}, nil, fault.NewMissing("attachment")
	}
	var ticket, unit, requester string
	var sort Sort
	// A message that was merged is still its own requester's, and not the other's.
	err = db.Raw(`SELECT CAST(t.id AS text), CAST(t.unit_id AS text),
		COALESCE(CAST(CASE WHEN m.merged_from IS NULL THEN t.requester_id ELSE o.requester_id END AS text), ''), m.kind
		FROM ticket_messages m JOIN tickets t ON t.id = m.ticket_id LEFT JOIN tickets o ON o.id = m.merged_from
		WHERE m.id = ?`, file.Object.ID).Row().Scan(&ticket, &unit, &requester, &sort)
	if err != nil {
		return attachment.File{}, nil, fmt.Errorf("find the message of attachment %s: %w", of, err)
	}
	if !s.mayRead(ctx, unit, requester, sort) {
		return attachment.File{}, nil, fault.NewMissing("attachment")
	}
	content, err := attachment.Content(db, of)
	return file, content, err
}

// mayRead reports whether the actor may read a message: the desk of its unit
// any, the requester those that are theirs to read.
func (s *Service) mayRead(ctx context.Context, unit, requester string, sort Sort) bool {
	actor := identity.ActorOf(ctx)
	var in identity.UnitID
	if err := in.UnmarshalText([]byte(unit)); err == nil && actor.Reach(identity.TicketsRead).Has(in) {
		return true
	}
	if !sort.Public() || requester == "" {
		return false
	}
	me, err := s.me(ctx)
	return err == nil && me.ID.String() == requester
}

// eachRow runs a query and hands over its rows.
func eachRow(db *gorm.DB, query string, args []any, take func(*sql.Rows) error) (err error) {
	rows, err := db.Raw(query, args...).Rows()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
