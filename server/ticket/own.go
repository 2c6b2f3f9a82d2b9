package ticket

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/server/asset"
	"holdfast/server/attachment"
	"holdfast/server/check"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
)

// The use cases of this file are those of requesters, who see what is their
// own and nothing else: the things that they hold, the tickets that they asked
// for, and of those what was said to them.

// me is the person who acts. Faults: SignedOut, Denied, Missing when nobody
// knows them as a person yet.
func (s *Service) me(ctx context.Context) (person.Person, error) {
	user, err := requester(ctx)
	if err != nil {
		return person.Person{}, err
	}
	return person.New(s.db).OfUser(ctx, user)
}

// requester is the user who acts for themselves.
func requester(ctx context.Context) (identity.UserID, error) {
	if err := identity.Allow(ctx, identity.TicketsOwn); err != nil {
		return identity.UserID{}, err
	}
	user, err := self(ctx)
	if err != nil {
		return identity.UserID{}, fault.NewDenied(string(identity.TicketsOwn))
	}
	return user, nil
}

// Thing is something that a requester holds or uses: an asset, a device, or an
// asset with the device that is evidence for it.
type Thing struct {
	AssetID  asset.ID
	Tag      string
	DeviceID device.ID
	Key      device.Key
	Name     string // of the device
	Kind     string // of the asset, or of the device without one
	Maker    string
	Model    string
	Place    string // the names from the top down
	Seen     time.Time
	Health   health.Verdict
	Open     int // how many tickets about it are open
}

// Code names the thing in forms: the asset, or else the device.
func (t *Thing) Code() string {
	if !t.AssetID.IsZero() {
		return "asset." + t.AssetID.String()
	}
	return "device." + t.DeviceID.String()
}

// Things lists what the actor holds, and devices that they were last signed in
// on and that nobody else holds. Faults: SignedOut, Denied.
func (s *Service) Things(ctx context.Context) ([]Thing, error) {
	me, err := s.me(ctx)
	if fault.Is(err, fault.Missing) { // they become a person with their first report
		me, err = s.stranger(ctx)
	}
	if err != nil {
		return nil, err
	}
	db := s.db.Read(ctx)
	var things []Thing
	err = eachRow(db, `SELECT a.id, a.tag, d.uid, COALESCE(d.id, 0), COALESCE(d.name, ''), a.kind, COALESCE(a.maker, ''), COALESCE(a.model, ''),
		COALESCE(p.path, ''), c.seen_at, h.level, h.check_id, h.subject, h.args,
		(SELECT COUNT(*) FROM tickets t WHERE t.asset_id = a.id AND t.state NOT IN ('solved', 'closed'))
		FROM assets a LEFT JOIN devices d ON d.id = a.device_id LEFT JOIN places p ON p.id = a.place_id
		LEFT JOIN device_contacts c ON c.device_id = d.id LEFT JOIN device_health h ON h.device_id = d.id
		WHERE a.custodian_id = ? AND a.status IN ('in_use', 'in_repair', 'lost') ORDER BY a.device_id IS NULL, a.kind, a.tag LIMIT 200`,
		[]any{me.ID}, func(rows *sql.Rows) error {
			var one Thing
			err := rows.Scan(&one.AssetID, &one.Tag, &one.DeviceID, &one.Key, &one.Name, &one.Kind, &one.Maker, &one.Model, &one.Place,
				list.Blank(&one.Seen), list.Blank(&one.Health.Level), list.Blank(&one.Health.Check), list.Blank(&one.Health.Subject), &one.Health.Args, &one.Open)
			things = append(things, one)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read what user %s holds: %w", me.UserID, err)
	}
	if me.Login == "" {
		return things, nil
	}
	err = eachRow(db, `SELECT d.uid, d.id, d.name, d.kind, COALESCE(d.maker, ''), COALESCE(d.model, ''), c.seen_at, h.level, h.check_id, h.subject, h.args,
		(SELECT COUNT(*) FROM tickets t WHERE t.device_id = d.id AND t.requester_id = ? AND t.state NOT IN ('solved', 'closed'))
		FROM devices d LEFT JOIN assets a ON a.device_id = d.id
		LEFT JOIN device_contacts c ON c.device_id = d.id LEFT JOIN device_health h ON h.device_id = d.id
		WHERE d.id IN (SELECT device_id FROM device_keys WHERE kind = 'user' AND value = ?)
		AND (LOWER(d.last_user) = ? OR LOWER(d.last_user) LIKE ? ESCAPE '!') AND a.custodian_id IS NULL AND d.kind NOT IN ('server', 'virtual', 'container')
		ORDER BY d.name, d.id LIMIT 20`,
		[]any{me.ID, me.Login, me.Login, `%\` + escaped(me.Login)}, func(rows *sql.Rows) error {
			var one Thing
			err := rows.Scan(&one.DeviceID, &one.Key, &one.Name, &one.Kind, &one.Maker, &one.Model, list.Blank(&one.Seen),
				list.Blank(&one.Health.Level), list.Blank(&one.Health.Check), list.Blank(&one.Health.Subject), &one.Health.Args, &one.Open)
			things = append(things, one)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read what user %s uses: %w", me.UserID, err)
	}
	return things, nil
}

// stranger is the user who acts as the person that they will be.
func (s *Service) stranger(ctx context.Context) (person.Person, error) {
	user, err := requester(ctx)
	if err != nil {
		return person.Person{}, err
	}
	me := person.Person{UserID: user}
	if err := s.db.Read(ctx).Raw("SELECT LOWER(login) FROM users WHERE id = ?", user).Row().Scan(&me.Login); err != nil {
		return person.Person{}, fmt.Errorf("read user %s: %w", user, err)
	}
	return me, nil
}

// escaped keeps a text from being read as a pattern of LIKE.
func escaped(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// Own is a ticket as its requester sees it.
type Own struct {
	ID         ID
	Name       string // the number
	Kind       desk.Kind
	Title      string
	State      State
	OpenedAt   time.Time
	UpdatedAt  time.Time
	Owner      string // who of the desk is at it
	PlannedFor time.Time
	Reason     string // what it waits for
	Waits      bool   // for the requester, as far as anybody knows
	SolvedAt   time.Time
	Confirmed  bool
	Thing      string // what it is about
	DueAt      time.Time
	Thread     []Entry
	MergedInto ID // when that one can be seen by the requester, too
	Language   string
}

func (s *Service) own(r *Row, language string) Own {
	o := Own{
		ID: r.ID, Name: r.Ticket.Name(), Kind: r.Kind, Title: s.Titled(&r.Ticket, language), State: r.State, OpenedAt: r.OpenedAt,
		UpdatedAt: r.UpdatedAt, Owner: r.Owner, PlannedFor: r.PlannedFor, Reason: r.PendingReason,
		Waits: r.State == Pending && r.AskedAt.IsZero(), SolvedAt: r.SolvedAt, Confirmed: !r.ConfirmedAt.IsZero(), Thing: r.DeviceName,
	}
	if o.Thing == "" {
		o.Thing = r.AssetTag
	}
	if r.State == Fresh && r.OwnerID.IsZero() {
		o.DueAt = r.Clock.OwnDue
	}
	return o
}

// Mine lists the actor's tickets, the newest first. Faults: SignedOut, Denied.
func (s *Service) Mine(ctx context.Context, limit int) (mine []Own, total int, err error) {
	me, err := s.me(ctx)
	if fault.Is(err, fault.Missing) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	db := s.db.Read(ctx)
	if err := db.Raw("SELECT COUNT(*) FROM tickets WHERE requester_id = ?", me.ID).Row().Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count tickets of %s: %w", me.ID, err)
	}
	rows, err := read(db, list.Where("t.requester_id = ?", me.ID), "CASE t.state WHEN 'closed' THEN 1 ELSE 0 END, t.opened_at DESC, t.id", limit)
	for i := range rows {
		mine = append(mine, s.own(&rows[i], identity.ActorOf(ctx).Locale))
	}
	return mine, total, err
}

// MineOne gives one of the actor's tickets, with what was said to them.
// Faults: SignedOut, Denied, Missing.
func (s *Service) MineOne(ctx context.Context, of ID) (Own, error) {
	me, err := s.me(ctx)
	if fault.Is(err, fault.Missing) {
		return Own{}, fault.NewMissing("ticket")
	}
	if err != nil {
		return Own{}, err
	}
	db := s.db.Read(ctx)
	row, err := find(db, list.Where("t.id = ? AND t.requester_id = ?", of, me.ID))
	if err != nil {
		return Own{}, err
	}
	o := s.own(&row, identity.ActorOf(ctx).Locale)
	if !row.MergedInto.IsZero() { // what was said has moved; it is still theirs to read
		return o, s.movedThread(ctx, &o, row.ID)
	}
	o.Thread, err = thread(db, of, true)
	return o, err
}

// movedThread reads what was said in a ticket before it was merged.
func (s *Service) movedThread(ctx context.Context, o *Own, from ID) error {
	db := s.db.Read(ctx)
	err := eachRow(db, `SELECT id, at, kind, person_id IS NOT NULL, author, body, via FROM ticket_messages
		WHERE merged_from = ? AND kind <> 'note' ORDER BY at, id`, []any{from}, func(rows *sql.Rows) error {
		e := Entry{Message: true}
		err := rows.Scan(&e.ID, &e.At, &e.Sort, &e.Asks, &e.Author, &e.Body, &e.Via)
		o.Thread = append(o.Thread, e)
		return err
	})
	if err != nil {
		return fmt.Errorf("read messages of a merged ticket: %w", err)
	}
	return addFiles(db, o.Thread)
}

// Report is what a requester reports or asks for.
type Report struct {
	Kind     desk.Kind
	Thing    string // Code of a Thing, or "" for something else
	Category desk.CategoryID
	Text     string
	Urgency  desk.Urgency
	Others   bool // others have it, too
	Files    []attachment.Upload
}

// Report opens a ticket for the actor. Faults: SignedOut, Denied, Invalid,
// TooLarge.
func (s *Service) Report(ctx context.Context, r Report) (made Own, err error) {
	user, err := requester(ctx)
	if err != nil {
		return Own{}, err
	}
	var fields check.Fields
	r.Text = fields.Note("text", r.Text, bodyLimit)
	if r.Text == "" {
		fields.Add("text", "fault.ticket.say_what", nil)
	}
	if err := fields.Err(); err != nil {
		return Own{}, err
	}
	wish := Wish{
		Kind: r.Kind, Title: headline(r.Text), Impact: desk.One, Urgency: r.Urgency, Category: r.Category, Source: FromPortal,
	}
	if r.Others {
		wish.Impact = desk.Group
	}
	var things []Thing
	if r.Thing != "" {
		if things, err = s.Things(ctx); err != nil {
			return Own{}, err
		}
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		me, err := person.ForUser(ctx, tx, user)
		if err != nil {
			return err
		}
		wish.Requester, wish.Unit = me.ID, me.UnitID
		if err := wish.about(r.Thing, things); err != nil {
			return err
		}
		row, err := s.opened(ctx, tx, wish, me, r)
		made = s.own(&row, identity.ActorOf(ctx).Locale)
		return err
	})
	return made, err
}

// about says what the ticket is about. Fault: Invalid.
func (w *Wish) about(code string, things []Thing) error {
	if code == "" {
		return nil
	}
	i := slices.IndexFunc(things, func(t Thing) bool { return t.Code() == code })
	if i < 0 {
		return fault.NewInvalid(fault.Field{Name: "thing", Key: "fault.ticket.thing"})
	}
	w.Device, w.Asset = things[i].Key, things[i].AssetID
	if w.Category.IsZero() {
		w.Keyed = "computer"
		if asset.Kind(things[i].Kind).Hangs() || things[i].Key == 0 {
			w.Keyed = "peripheral"
		}
	}
	return nil
}

// opened opens the ticket with the requester's own words.
func (s *Service) opened(ctx context.Context, tx *store.Tx, wish Wish, me person.Person, r Report) (Row, error) {
	row, err := s.Open(ctx, tx, wish)
	if err != nil {
		return Row{}, err
	}
	w, err := s.begin(tx, row.ID)
	if err != nil {
		return Row{}, err
	}
	w.t.AskedAt = time.Time{} // it is new, not unanswered
	return row, w.add(ctx, saidBy(ctx, me, r.Text), r.Files)
}

func saidBy(ctx context.Context, me person.Person, text string) said {
	m := said{sort: Message, body: text, author: me.Name, person: me.ID, via: FromPortal}
	if user, err := self(ctx); err == nil {
		m.user = user
	}
	return m
}

// Answer adds a message by the requester. A ticket that waited for them goes
// on, and one that was solved is opened again. Faults: SignedOut, Denied,
// Missing, Invalid, TooLarge, Conflict when it is closed.
func (s *Service) Answer(ctx context.Context, of ID, text string, files []attachment.Upload) (Own, error) {
	return s.asRequester(ctx, of, func(w *work, me person.Person) error {
		if w.t.State == Closed {
			return fault.NewConflict("fault.ticket.closed_ask_anew", nil)
		}
		if err := w.add(ctx, saidBy(ctx, me, text), files); err != nil {
			return err
		}
		w.t.AskedAt = w.tx.Now
		switch w.t.State {
		case Solved:
			w.happened("reopened", nil)
			return w.to(w.again(), byRequester)
		case Pending:
			w.happened("resumed", nil)
			return w.to(w.again(), byRequester)
		default:
			return nil
		}
	})
}

// again is the state of a ticket that goes on.
func (w *work) again() State {
	if w.t.OwnerID.IsZero() {
		return Fresh
	}
	return Assigned
}

// Confirm closes a solved ticket, because its requester says that it is.
// Faults: SignedOut, Denied, Missing, Conflict when it is not solved.
func (s *Service) Confirm(ctx context.Context, of ID) (Own, error) {
	return s.asRequester(ctx, of, func(w *work, _ person.Person) error {
		if w.t.State != Solved {
			return allowed(w.t.State, Closed, byRequester)
		}
		w.happened("confirmed", nil)
		w.t.ConfirmedAt = w.tx.Now
		confirmed := w.t.ConfirmedAt
		err := w.to(Closed, byRequester)
		w.t.ConfirmedAt = confirmed
		return err
	})
}

// Withdraw makes a ticket solved because its requester no longer needs
// anything. Faults: SignedOut, Denied, Missing, Conflict when it is over.
func (s *Service) Withdraw(ctx context.Context, of ID) (Own, error) {
	return s.asRequester(ctx, of, func(w *work, _ person.Person) error {
		if err := w.to(Solved, byRequester); err != nil {
			return err
		}
		w.happened("withdrawn", nil)
		return nil
	})
}

// asRequester does something to a ticket of the actor's own.
func (s *Service) asRequester(ctx context.Context, of ID, do func(w *work, me person.Person) error) (done Own, err error) {
	user, err := requester(ctx)
	if err != nil {
		return Own{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		me, err := person.ForUser(ctx, tx, user)
		if err != nil {
			return err
		}
		w, err := s.begin(tx, of)
		if err != nil {
			return err
		}
		if w.t.RequesterID != me.ID {
			return fault.NewMissing("ticket")
		}
		if !w.t.MergedInto.IsZero() {
			return merged(w.t)
		}
		if err := do(w, me); err != nil {
			return err
		}
		row, err := w.save(ctx)
		done = s.own(&row, identity.ActorOf(ctx).Locale)
		return err
	})
	return done, err
}
