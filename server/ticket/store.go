package ticket

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Row is a ticket with the names of what it belongs to, as lists show it.
type Row struct {
	Ticket
	Unit         string
	Owner        string
	Requester    string
	Email        string // of the requester
	Language     string // of the requester; "" when not known
	CategoryEN   string
	CategoryFR   string
	DeviceID     device.ID
	DeviceName   string
	Health       health.Verdict // on the device now
	AssetTag     string
	MergedNumber int // of the ticket that it was merged into
	MergedKind   desk.Kind
	Own, Resolve Face // what the clocks show now
}

// Category is the name of the category in a language.
func (r *Row) Category(language string) string {
	if language == "fr" {
		return r.CategoryFR
	}
	return r.CategoryEN
}

const selected = `t.id, t.number, t.kind, t.title, t.title_key, t.title_args, t.state, t.impact, t.urgency, t.priority, t.category_id, t.team, t.level,
	t.owner_id, t.requester_id, t.device_id, t.asset_id, t.unit_id, t.source, t.opened_by, t.opened_at, t.updated_at, t.opening,
	t.calendar_id, t.own_minutes, t.own_due_at, t.owned_at, t.resolve_minutes, t.resolve_used_s, t.resolve_since,
	t.resolve_warn_at, t.resolve_due_at, t.planned_for, t.pending_reason, t.wake_at, t.solved_at, t.confirmed_at, t.closed_at,
	t.reopened, t.asked_at, t.merged_into, t.cause, t.storm, t.cleared_at,
	u.name, o.name, r.name, r.email, r.language, c.name_en, c.name_fr, d.uid, d.name,
	h.level, h.check_id, h.subject, h.args, a.tag, m.number, m.kind`

// joins are the tables of selected besides tickets t.
func joins() []list.Join {
	return []list.Join{
		{Alias: "u", SQL: "JOIN units u ON u.id = t.unit_id"},
		{Alias: "c", SQL: "JOIN ticket_categories c ON c.id = t.category_id"},
		{Alias: "o", SQL: "LEFT JOIN users o ON o.id = t.owner_id"},
		{Alias: "r", SQL: "LEFT JOIN people r ON r.id = t.requester_id"},
		{Alias: "d", SQL: "LEFT JOIN devices d ON d.id = t.device_id"},
		{Alias: "h", SQL: "LEFT JOIN device_health h ON h.device_id = t.device_id"},
		{Alias: "a", SQL: "LEFT JOIN assets a ON a.id = t.asset_id"},
		{Alias: "m", SQL: "LEFT JOIN tickets m ON m.id = t.merged_into"},
	}
}

// scan gives the places of selected.
func (r *Row) scan() []any {
	t := &r.Ticket
	return []any{
		&t.ID, &t.Number, &t.Kind, &t.Title, list.Blank(&t.TitleKey), arguments{&t.TitleArgs}, &t.State, &t.Impact, &t.Urgency, &t.Priority, &t.CategoryID, &t.Team, &t.Level,
		&t.OwnerID, &t.RequesterID, list.Blank(&t.Device), &t.AssetID, &t.UnitID, &t.Source, list.Blank(&t.OpenedBy),
		&t.OpenedAt, &t.UpdatedAt, opening{&t.Opening},
		&t.CalendarID, minutes{&t.Clock.OwnTarget}, &t.Clock.OwnDue, list.Blank(&t.Clock.OwnedAt), minutes{&t.Clock.ResolveTarget},
		seconds{&t.Clock.Used}, list.Blank(&t.Clock.Since), list.Blank(&t.Clock.Warn), list.Blank(&t.Clock.Due),
		list.Blank(&t.PlannedFor), list.Blank(&t.PendingReason), list.Blank(&t.WakeAt), list.Blank(&t.SolvedAt),
		list.Blank(&t.ConfirmedAt), list.Blank(&t.ClosedAt), &t.Reopened, list.Blank(&t.AskedAt), &t.MergedInto,
		list.Blank(&t.Cause), &t.Storm, list.Blank(&t.ClearedAt),
		&r.Unit, list.Blank(&r.Owner), list.Blank(&r.Requester), list.Blank(&r.Email), list.Blank(&r.Language),
		&r.CategoryEN, &r.CategoryFR, &r.DeviceID, list.Blank(&r.DeviceName),
		list.Blank(&r.Health.Level), list.Blank(&r.Health.Check), list.Blank(&r.Health.Subject), &r.Health.Args,
		list.Blank(&r.AssetTag), list.Blank(&r.MergedNumber), list.Blank(&r.MergedKind),
	}
}

// within keeps to the tickets, as t, of a part of the organisation.
func within(scope identity.Scope) list.Clause { return list.Within("t.unit_id", scope) }

// read reads tickets by a condition on t and its joins, in an order.
func read(db *gorm.DB, where list.Clause, order string, limit int) (found []Row, err error) {
	query := "SELECT " + selected + " FROM tickets t"
	for _, join := range joins() {
		query += " " + join.SQL
	}
	if where.SQL != "" {
		query += " WHERE " + where.SQL
	}
	query += fmt.Sprintf(" ORDER BY %s LIMIT %d", order, limit)
	rows, err := db.Raw(query, where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read tickets: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Row
		if err := rows.Scan(one.scan()...); err != nil {
			return nil, fmt.Errorf("read tickets: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// find reads the one ticket of a condition. Fault: Missing.
func find(db *gorm.DB, clauses ...list.Clause) (Row, error) {
	found, err := read(db, list.All(clauses...), "t.id", 1)
	if err != nil {
		return Row{}, err
	}
	if len(found) == 0 {
		return Row{}, fault.NewMissing("ticket")
	}
	return found[0], nil
}

// stored reads a ticket whatever its unit, and keeps others from changing it
// until the transaction ends. Fault: Missing.
func stored(tx *store.Tx, of ID) (Row, error) {
	if tx.Dialect() == store.Postgres {
		if err := tx.Exec("SELECT id FROM tickets WHERE id = ? FOR UPDATE", of).Error; err != nil {
			return Row{}, fmt.Errorf("lock ticket %s: %w", of, err)
		}
	}
	return find(tx.DB, list.Where("t.id = ?", of))
}

// number gives the next number.
func number(tx *store.Tx) (next int, err error) {
	err = tx.Raw("UPDATE ticket_numbers SET last = last + 1 WHERE name = 'ticket' RETURNING last").Row().Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("number a ticket: %w", err)
	}
	return next, nil
}

// columns lists the columns of a ticket that are written, with their values.
func (t *Ticket) columns() (names []string, values []any, err error) {
	var encoded *string
	if t.Opening != nil {
		text, err := json.Marshal(t.Opening)
		if err != nil {
			return nil, nil, fmt.Errorf("write how the device was: %w", err)
		}
		encoded = new(string(text))
	}
	args, err := encode(t.TitleArgs)
	if err != nil {
		return nil, nil, err
	}
	c := &t.Clock
	pairs := []any{
		"kind", t.Kind, "title", t.Title, "title_key", orNull(t.TitleKey), "title_args", args, "state", t.State, "impact", t.Impact, "urgency", t.Urgency, "priority", t.Priority,
		"category_id", t.CategoryID, "team", t.Team, "level", t.Level, "owner_id", t.OwnerID, "requester_id", t.RequesterID,
		"device_id", orNull(t.Device), "asset_id", t.AssetID, "unit_id", t.UnitID, "updated_at", t.UpdatedAt, "opening", encoded,
		"calendar_id", t.CalendarID, "own_minutes", int64(c.OwnTarget / time.Minute), "own_due_at", c.OwnDue, "owned_at", orNull(c.OwnedAt),
		"resolve_minutes", int64(c.ResolveTarget / time.Minute), "resolve_used_s", int64(c.Used / time.Second),
		"resolve_since", orNull(c.Since), "resolve_warn_at", orNull(c.Warn), "resolve_due_at", orNull(c.Due),
		"planned_for", orNull(t.PlannedFor), "pending_reason", orNull(t.PendingReason), "wake_at", orNull(t.WakeAt),
		"solved_at", orNull(t.SolvedAt), "confirmed_at", orNull(t.ConfirmedAt), "closed_at", orNull(t.ClosedAt),
		"reopened", t.Reopened, "asked_at", orNull(t.AskedAt), "merged_into", t.MergedInto, "cause", orNull(t.Cause),
		"storm", t.Storm, "cleared_at", orNull(t.ClearedAt),
	}
	for i := 0; i < len(pairs); i += 2 {
		names = append(names, pairs[i].(string)) //nolint:forcetypeassert // every other one above
		values = append(values, pairs[i+1])
	}
	return names, values, nil
}

func insert(tx *store.Tx, t *Ticket) error {
	names, values, err := t.columns()
	if err != nil {
		return err
	}
	names = append(names, "id", "number", "source", "opened_by", "opened_at")
	values = append(values, t.ID, t.Number, t.Source, orNull(t.OpenedBy), t.OpenedAt)
	query := "INSERT INTO tickets ("
	marks := ""
	for i, name := range names {
		if i > 0 {
			query, marks = query+", ", marks+", "
		}
		query, marks = query+name, marks+"?"
	}
	return failure("add ticket", tx.Exec(query+") VALUES ("+marks+")", values...).Error)
}

func update(tx *store.Tx, t *Ticket) error {
	names, values, err := t.columns()
	if err != nil {
		return err
	}
	query := "UPDATE tickets SET "
	for i, name := range names {
		if i > 0 {
			query += ", "
		}
		query += name + " = ?"
	}
	return failure("change ticket "+t.Name(), tx.Exec(query+" WHERE id = ?", append(values, t.ID)...).Error)
}

func failure(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return errors.Join(fault.NewConflict("fault.ticket.gone", nil), err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// orNull is nil for the zero value.
func orNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// minutes and seconds scan whole numbers as durations.
type (
	minutes struct{ into *time.Duration }
	seconds struct{ into *time.Duration }
)

// Scan implements sql.Scanner.
func (m minutes) Scan(source any) error { return scanUnits(m.into, source, time.Minute) }

// Scan implements sql.Scanner.
func (s seconds) Scan(source any) error { return scanUnits(s.into, source, time.Second) }

func scanUnits(into *time.Duration, source any, unit time.Duration) error {
	count, is := source.(int64)
	if !is {
		return fmt.Errorf("read a duration: unexpected %T", source)
	}
	*into = time.Duration(count) * unit
	return nil
}

// encode writes the values of a text; none is NULL.
func encode(args fault.Args) (*string, error) {
	if len(args) == 0 {
		return nil, nil //nolint:nilnil // NULL in the database
	}
	text, err := json.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("write the values of a text: %w", err)
	}
	return new(string(text)), nil
}

type arguments struct{ into *fault.Args }

// Scan implements sql.Scanner.
func (a arguments) Scan(source any) error {
	var text json.RawMessage
	if err := list.JSON(&text).Scan(source); err != nil || text == nil {
		return err
	}
	return json.Unmarshal(text, a.into)
}

type opening struct{ into **Opening }

// Scan implements sql.Scanner.
func (o opening) Scan(source any) error {
	var text json.RawMessage
	if err := list.JSON(&text).Scan(source); err != nil || text == nil {
		return err
	}
	*o.into = &Opening{}
	return json.Unmarshal(text, *o.into)
}
