package ticket

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"holdfast/server/desk"
	"holdfast/server/identity"
	"holdfast/server/list"
)

const isOpen = "t.state NOT IN ('solved', 'closed')"

// Me stands for the actor in filters by owner.
const Me = "me"

// Columns is the list of tickets for an actor, whom "me" stands for, at a
// time, which tells what is over its time.
func Columns(actor identity.Actor, now time.Time) *list.Definition[Row] {
	return &list.Definition[Row]{
		Name:   "tickets",
		Select: selected,
		Scan:   func(r *Row) []any { return r.scan() },
		From:   "tickets t",
		Joins:  joins(),
		ID:     "t.id", IDKind: list.UUID,
		Default: "resolve_due_at",
		Search:  searched,
		Columns: []list.Column[Row]{
			column(list.Field{Key: "number", SQL: "t.number", Kind: list.Number, Sortable: true, Shown: true, Match: numbered}, func(r Row) any { return r.Ticket.Name() }),
			column(list.Field{Key: "title", SQL: "t.title", Kind: list.Text, Shown: true}, func(r Row) any { return r.Title }),
			column(list.Field{Key: "kind", SQL: "t.kind", Kind: list.Enum, Values: texts(desk.Kinds())}, func(r Row) any { return string(r.Kind) }),
			column(list.Field{Key: "state", SQL: "t.state", Kind: list.Enum, Values: texts(States()), Shown: true}, func(r Row) any { return string(r.State) }),
			column(list.Field{Key: "open", SQL: "(" + isOpen + ")", Kind: list.Flag}, func(r Row) any { return r.State.Open() }),
			column(list.Field{Key: "priority", SQL: "t.priority", Kind: list.Enum, Values: texts(desk.Priorities()), Sortable: true, Shown: true}, func(r Row) any { return string(r.Priority) }),
			column(list.Field{Key: "resolve_due_at", SQL: "t.resolve_due_at", Kind: list.Time, Sortable: true, Shown: true, Nullable: true}, func(r Row) any { return r.Clock.Due }),
			column(list.Field{Key: "risk", SQL: "t.resolve_due_at", Kind: list.Enum, Values: []string{string(Over), string(Close), string(Running), string(Paused)}, Match: atRisk(now)}, func(r Row) any { return string(r.Resolve.Hand) }),
			column(list.Field{Key: "team", SQL: "t.team", Kind: list.Enum, Values: texts(desk.Teams()), Shown: true}, func(r Row) any { return string(r.Team) }),
			column(list.Field{Key: "owner", SQL: "o.name", Kind: list.Text, Shown: true, Nullable: true, Match: ownedBy(actor)}, func(r Row) any { return r.Owner }),
			column(list.Field{Key: "requester", SQL: "r.name", Kind: list.Text, Shown: true, Nullable: true, Match: askedBy}, func(r Row) any { return r.Requester }),
			column(list.Field{Key: "device", SQL: "d.name", Kind: list.Text, Shown: true, Nullable: true, Match: aboutDevice}, func(r Row) any { return r.DeviceName }),
			column(list.Field{Key: "health", SQL: "h.level", Kind: list.Enum, Values: []string{"crit", "warn", "unknown", "ok"}, Nullable: true}, func(r Row) any { return string(r.Health.Level) }),
			column(list.Field{Key: "asset", SQL: "a.tag", Kind: list.Text, Nullable: true, Match: aboutAsset}, func(r Row) any { return r.AssetTag }),
			column(list.Field{Key: "category", SQL: "c.name_en", Kind: list.Text, Match: inCategory}, func(r Row) any { return r.CategoryEN }),
			column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Match: list.InUnit("t.unit_id")}, func(r Row) any { return r.Unit }),
			column(list.Field{Key: "source", SQL: "t.source", Kind: list.Enum, Values: texts(Sources())}, func(r Row) any { return string(r.Source) }),
			column(list.Field{Key: "asked_at", SQL: "t.asked_at", Kind: list.Time, Nullable: true}, func(r Row) any { return r.AskedAt }),
			column(list.Field{Key: "opened_at", SQL: "t.opened_at", Kind: list.Time, Sortable: true, Shown: true}, func(r Row) any { return r.OpenedAt }),
			column(list.Field{Key: "updated_at", SQL: "t.updated_at", Kind: list.Time, Sortable: true}, func(r Row) any { return r.UpdatedAt }),
			column(list.Field{Key: "solved_at", SQL: "t.solved_at", Kind: list.Time, Sortable: true, Nullable: true}, func(r Row) any { return r.SolvedAt }),
			column(list.Field{Key: "id", SQL: "t.id", Kind: list.UUID}, func(r Row) any { return r.ID.String() }),
		},
	}
}

// column is a filterable column: all of the tickets' are.
func column(field list.Field, value func(Row) any) list.Column[Row] {
	field.Filterable = true
	return list.Column[Row]{Field: field, Value: value}
}

// searched is what free text means: a number, or a part of the title, of the
// requester's name, or the start of the device's name or of the tag.
func searched(text string) list.Clause {
	clauses := []list.Clause{
		list.Contains("t.title", text), list.Contains("r.name", text), list.Contains("d.name", text), list.Contains("a.tag", text),
	}
	if _, found := Number(text); found {
		clauses = append(clauses, numbered(text))
	}
	return list.Any(clauses...)
}

// Number reads the number of a ticket, with or without its prefix.
func Number(text string) (int, bool) {
	digits := strings.ToUpper(strings.TrimSpace(text))
	for _, kind := range desk.Kinds() {
		digits = strings.TrimPrefix(digits, kind.Prefix())
	}
	number, err := strconv.Atoi(digits)
	return number, err == nil && number > 0 && len(digits) < 10
}

func numbered(value string) list.Clause {
	number, found := Number(value)
	if !found {
		return list.Where("1 = 0")
	}
	return list.Where("t.number = ?", number)
}

// atRisk finds tickets by how their clock to resolve stands.
func atRisk(now time.Time) func(string) list.Clause {
	return func(value string) list.Clause {
		switch Hand(value) {
		case Over:
			return list.Where(isOpen+" AND t.resolve_due_at < ?", now)
		case Close:
			return list.Where(isOpen+" AND t.resolve_warn_at <= ? AND t.resolve_due_at >= ?", now, now)
		case Running:
			return list.Where(isOpen+" AND t.resolve_warn_at > ?", now)
		case Paused:
			return list.Where(isOpen + " AND t.resolve_since IS NULL")
		default:
			return list.Where("1 = 0")
		}
	}
}

// ownedBy finds tickets by a part of their owner's name, by the identifier of
// a user, or "me".
func ownedBy(actor identity.Actor) func(string) list.Clause {
	return func(value string) list.Clause {
		if value == Me {
			value = actor.ID
		}
		if user, err := uuid.Parse(value); err == nil {
			return list.Where("t.owner_id = ?", user.String())
		}
		named := list.Contains("name", value)
		return list.Where("t.owner_id IN (SELECT id FROM users WHERE "+named.SQL+")", named.Args...)
	}
}

func askedBy(value string) list.Clause {
	if person, err := uuid.Parse(value); err == nil {
		return list.Where("t.requester_id = ?", person.String())
	}
	named := list.Contains("name", value)
	return list.Where("t.requester_id IN (SELECT id FROM people WHERE "+named.SQL+")", named.Args...)
}

func aboutDevice(value string) list.Clause {
	if of, err := uuid.Parse(value); err == nil {
		return list.Where("t.device_id = (SELECT id FROM devices WHERE uid = ?)", of.String())
	}
	return list.Contains("d.name", value)
}

func aboutAsset(value string) list.Clause {
	if of, err := uuid.Parse(value); err == nil {
		return list.Where("t.asset_id = ?", of.String())
	}
	return list.Contains("a.tag", value)
}

func inCategory(value string) list.Clause {
	if of, err := uuid.Parse(value); err == nil {
		return list.Where("t.category_id = ?", of.String())
	}
	return list.Any(list.Where("c.key = ?", value), list.Contains("c.name_en", value), list.Contains("c.name_fr", value))
}

// Columns is the list of tickets now.
func (s *Service) Columns(ctx context.Context) *list.Definition[Row] {
	return Columns(identity.ActorOf(ctx), s.db.Now())
}

// List answers one page of the tickets. Faults: Invalid, Denied.
func (s *Service) List(ctx context.Context, q list.Query) (list.Page[Row], error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return list.Page[Row]{}, err
	}
	page, err := list.Run(ctx, s.db, s.Columns(ctx), q, within(reach))
	if err != nil {
		return list.Page[Row]{}, err
	}
	rules, err := desk.Load(s.db.Read(ctx))
	if err != nil {
		return list.Page[Row]{}, err
	}
	for i := range page.Items {
		page.Items[i] = s.shown(rules, page.Items[i])
	}
	return page, nil
}

// Count tells how many tickets a query has. Faults as those of List.
func (s *Service) Count(ctx context.Context, q list.Query) (int, error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return 0, err
	}
	return list.Count(ctx, s.db, s.Columns(ctx), q, within(reach))
}

// Export gives all tickets of a query. Faults as those of List; the actor
// needs tickets.export.
func (s *Service) Export(ctx context.Context, q list.Query) (iter.Seq2[Row, error], error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return nil, err
	}
	export, err := identity.Reach(ctx, identity.TicketsExport)
	if err != nil {
		return nil, err
	}
	rules, err := desk.Load(s.db.Read(ctx))
	if err != nil {
		return nil, err
	}
	rows := list.Rows(ctx, s.db, s.Columns(ctx), q, within(reach), within(export))
	return func(yield func(Row, error) bool) {
		for row, err := range rows {
			if err == nil {
				row = s.shown(rules, row)
			}
			if !yield(row, err) {
				return
			}
		}
	}, nil
}

// Teams are the support groups that the actor is in.
func Teams(ctx context.Context) []identity.Role {
	var mine []identity.Role
	for _, team := range desk.Teams() {
		for _, grant := range identity.ActorOf(ctx).Grants {
			if grant.Role == team {
				mine = append(mine, team)
				break
			}
		}
	}
	return mine
}
