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
	"holdfast/server/calendar"
	"holdfast/server/check"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/shared/id"
)

const (
	titleLimit = 200    // characters
	bodyLimit  = 20_000 // characters
)

// Wish is a ticket that is to be opened.
type Wish struct {
	Kind      desk.Kind
	Title     string
	TitleKey  string     // instead of Title, when the server writes it
	TitleArgs fault.Args // what it names
	Body      string     // the first message, or "" for none
	Impact    desk.Impact
	Urgency   desk.Urgency
	Category  desk.CategoryID
	Keyed     string // key of the category, instead of Category
	Requester person.ID
	Device    device.Key
	Asset     asset.ID
	Unit      identity.UnitID // none: that of the device, else of the asset, else of the requester
	Source    Source
	Files     []attachment.Upload // of the first message

	cause string
	storm bool
}

// tidied checks the wish. Fault: Invalid.
func (w Wish) tidied(rules *desk.Rules) (Wish, *desk.Category, error) {
	var fields check.Fields
	if w.Kind == "" {
		w.Kind = desk.Incident
	}
	fields.Choice("kind", string(w.Kind), texts(desk.Kinds())...)
	if w.TitleKey == "" {
		w.Title = fields.Name("title", w.Title, titleLimit)
	}
	w.Body = fields.Note("body", w.Body, bodyLimit)
	if fields.Choice("impact", string(w.Impact), texts(desk.Impacts())...) == "" {
		w.Impact = desk.One
	}
	if fields.Choice("urgency", string(w.Urgency), texts(desk.Urgencies())...) == "" {
		w.Urgency = desk.Medium
	}
	category, err := rules.Category(w.Category)
	chosen := !w.Category.IsZero() // by a person, who is offered only some; a rule goes on with one that is no longer offered
	if !chosen {
		if w.Keyed == "" {
			w.Keyed = "other"
		}
		category, err = rules.Keyed(w.Keyed)
	}
	if err != nil || chosen && (!category.Active || w.Source == FromPortal && !category.Portal) {
		fields.Add("category_id", "fault.ticket.category", nil)
	}
	return w, category, fields.Err()
}

// Create opens a ticket on behalf of the desk or a program. Faults: Invalid,
// Denied, Missing (device, asset, person), TooLarge.
func (s *Service) Create(ctx context.Context, wish Wish) (made Row, err error) {
	if err := identity.Allow(ctx, identity.TicketsHandle); err != nil {
		return Row{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := reachable(ctx, tx, wish); err != nil {
			return err
		}
		if wish.Unit, err = unitOf(tx, wish); err != nil {
			return err
		}
		if err := identity.AllowIn(ctx, identity.TicketsHandle, wish.Unit); err != nil {
			return err
		}
		made, err = s.Open(ctx, tx, wish)
		return err
	})
	return made, err
}

// reachable checks that the actor may know of what a ticket is to be about.
// Fault: Missing.
func reachable(ctx context.Context, tx *store.Tx, w Wish) error {
	for _, thing := range []struct {
		name, query string
		id          any
		given       bool
		needs       identity.Permission
	}{
		{"device", "SELECT unit_id FROM devices WHERE id = ?", w.Device, w.Device != 0, identity.DevicesRead},
		{"asset", "SELECT unit_id FROM assets WHERE id = ?", w.Asset, !w.Asset.IsZero(), identity.AssetsRead},
		{"person", "SELECT unit_id FROM people WHERE id = ?", w.Requester, !w.Requester.IsZero(), identity.PeopleRead},
	} {
		if !thing.given {
			continue
		}
		var unit identity.UnitID
		err := tx.Raw(thing.query, thing.id).Row().Scan(&unit)
		if store.Missing(err) || err == nil && identity.AllowIn(ctx, thing.needs, unit) != nil {
			return fault.NewMissing(thing.name)
		}
		if err != nil {
			return fmt.Errorf("find %s of a ticket: %w", thing.name, err)
		}
	}
	return nil
}

// unitOf is the unit that a ticket belongs to. Faults: Invalid, Missing.
func unitOf(tx *store.Tx, w Wish) (unit identity.UnitID, err error) {
	query, of := "", any(nil)
	switch {
	case !w.Unit.IsZero():
		query, of = "SELECT id FROM units WHERE id = ?", w.Unit
	case w.Device != 0:
		query, of = "SELECT unit_id FROM devices WHERE id = ?", w.Device
	case !w.Asset.IsZero():
		query, of = "SELECT unit_id FROM assets WHERE id = ?", w.Asset
	case !w.Requester.IsZero():
		query, of = "SELECT unit_id FROM people WHERE id = ?", w.Requester
	default:
		return unit, fault.NewInvalid(fault.Field{Name: "unit_id", Key: "fault.field.required"})
	}
	err = tx.Raw(query, of).Row().Scan(&unit)
	if store.Missing(err) {
		return unit, fault.NewMissing("unit")
	}
	if err != nil {
		return unit, fmt.Errorf("find the unit of a ticket: %w", err)
	}
	return unit, nil
}

// Open opens a ticket in the transaction of another use case, which has
// checked who may. Faults: Invalid, Missing, TooLarge.
func (s *Service) Open(ctx context.Context, tx *store.Tx, wish Wish) (Row, error) {
	rules, err := desk.Load(tx.DB)
	if err != nil {
		return Row{}, err
	}
	return s.open(ctx, tx, rules, wish)
}

func (s *Service) open(ctx context.Context, tx *store.Tx, rules *desk.Rules, wish Wish) (Row, error) {
	wish, category, err := wish.tidied(rules)
	if err != nil {
		return Row{}, err
	}
	if wish.Unit, err = unitOf(tx, wish); err != nil {
		return Row{}, err
	}
	made, err := s.begun(ctx, tx, rules, wish, category)
	if err != nil {
		return Row{}, err
	}
	if err := insert(tx, &made); err != nil {
		return Row{}, err
	}
	w := &work{s: s, tx: tx, rules: rules, t: &Row{Ticket: made}, args: fault.Args{}}
	w.happened("opened", fault.Args{"Source": string(made.Source), "Team": string(made.Team)})
	if made.Device != 0 {
		if err := w.aboutDevice(); err != nil {
			return Row{}, err
		}
	}
	if wish.Body != "" || len(wish.Files) > 0 {
		if err := w.say(ctx, Message, wish.Body, wish.Files); err != nil {
			return Row{}, err
		}
	}
	w.tell(received)
	return w.save(ctx)
}

// begun is the ticket as it begins.
func (s *Service) begun(ctx context.Context, tx *store.Tx, rules *desk.Rules, wish Wish, category *desk.Category) (Ticket, error) {
	t := Ticket{
		ID: id.New[Mark](), Kind: wish.Kind, Title: wish.Title, TitleKey: wish.TitleKey, TitleArgs: wish.TitleArgs, State: Fresh,
		Impact: wish.Impact, Urgency: wish.Urgency, Priority: rules.Priority(wish.Impact, wish.Urgency),
		CategoryID: category.ID, Team: identity.HelpDesk, Level: 1, RequesterID: wish.Requester, Device: wish.Device,
		AssetID: wish.Asset, UnitID: wish.Unit, Source: wish.Source, OpenedAt: tx.Now, UpdatedAt: tx.Now,
		Cause: wish.cause, Storm: wish.storm,
	}
	if len(category.Route) > 0 {
		t.Team = category.Route[0]
	}
	if actor := identity.ActorOf(ctx); actor.Kind != identity.SystemKind {
		t.OpenedBy = actor.Name
	}
	if t.TitleKey != "" { // for searches and exports; pages say it in the reader's language
		t.Title = s.Titled(&t, "en")
	}
	level, err := rules.Level(t.Kind, t.Priority)
	if err != nil {
		return Ticket{}, err
	}
	t.CalendarID = level.CalendarID
	t.Clock = start(level, calendarOf(rules, &t), rules.Settings.WarnPercent, tx.Now)
	if t.Number, err = number(tx); err != nil {
		return Ticket{}, err
	}
	if t.Device != 0 {
		t.Opening, err = snapshot(tx, t.Device)
	}
	return t, err
}

// Titled is the title of a ticket in a language.
func (s *Service) Titled(t *Ticket, language string) string {
	if t.TitleKey == "" {
		return t.Title
	}
	args := fault.Args{}
	for name, value := range t.TitleArgs {
		if name == "Check" {
			value = s.options.Translate(language, fmt.Sprintf("check.%s.title", value), nil)
		}
		if number, is := value.(float64); is {
			value = int(number) // as JSON gives it back
		}
		args[name] = value
	}
	return s.options.Translate(language, t.TitleKey, args)
}

// snapshot is how a device is now, as its health was last judged.
func snapshot(tx *store.Tx, of device.Key) (*Opening, error) {
	made := &Opening{}
	var level *health.Level
	err := tx.Raw("SELECT (SELECT level FROM device_health WHERE device_id = ?)", of).Row().Scan(&level)
	if err != nil {
		return nil, fmt.Errorf("read how device %d is: %w", of, err)
	}
	if level != nil {
		made.Level = *level
	}
	err = tx.EachRow(`SELECT check_id, subject, level, args, since FROM findings
		WHERE device_id = $1 AND level IN ('warn', 'crit') ORDER BY level, since`, []any{of}, func(rows *sql.Rows) error {
		var f Finding
		err := rows.Scan(&f.Check, &f.Subject, &f.Level, list.JSON(&f.Values), &f.Since)
		made.Findings = append(made.Findings, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is wrong with device %d: %w", of, err)
	}
	return made, nil
}

// Promise is by when somebody will have taken a ticket that is opened now.
func (s *Service) Promise(ctx context.Context, kind desk.Kind, impact desk.Impact, urgency desk.Urgency) (time.Time, error) {
	rules, err := desk.Load(s.db.Read(ctx))
	if err != nil {
		return time.Time{}, err
	}
	level, err := rules.Level(kind, rules.Priority(impact, urgency))
	if err != nil {
		return time.Time{}, err
	}
	in := rules.Calendars[level.CalendarID]
	if in == nil {
		in = &desk.Calendar{Calendar: calendar.Calendar{}}
	}
	return in.Add(s.db.Now(), level.Own), nil
}

// headline makes a title of what somebody wrote: its first sentence or line.
func headline(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if end := strings.IndexAny(line, ".!?;"); end > 15 && end < len(line)-1 && line[end+1] == ' ' {
		line = line[:end]
	}
	const most = 90
	line = strings.TrimRight(strings.Join(strings.Fields(line), " "), ".")
	if letters := []rune(line); len(letters) > most {
		cut := most
		if space := strings.LastIndex(string(letters[:most]), " "); space > 0 {
			cut = len([]rune(string(letters[:most])[:space]))
		}
		line = string(letters[:cut]) + "…"
	}
	return line
}

func texts[T ~string](values []T) []string {
	made := make([]string, len(values))
	for i, value := range values {
		made[i] = string(value)
	}
	return slices.Clip(made)
}
