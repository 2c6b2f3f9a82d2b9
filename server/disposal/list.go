package disposal

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"holdfast/server/identity"
	"holdfast/server/list"
)

// Row is a case as lists show it.
type Row struct {
	ID        ID
	Number    string
	Title     string
	State     State
	UnitID    identity.UnitID
	Unit      string
	Assets    int
	Drives    int // noted so far
	CreatedAt time.Time
	UpdatedAt time.Time
}

const (
	assetCount = "(SELECT COUNT(*) FROM disposal_lines l WHERE l.case_id = c.id AND l.removed_at IS NULL)"
	driveCount = `(SELECT COUNT(*) FROM disposal_drives r JOIN disposal_lines l ON l.id = r.line_id
		WHERE l.case_id = c.id AND l.removed_at IS NULL)`
)

// Columns is the list of cases.
func Columns() *list.Definition[Row] {
	var states []string
	for _, state := range States() {
		states = append(states, string(state))
	}
	column := func(field list.Field, value func(Row) any) list.Column[Row] {
		return list.Column[Row]{Field: field, Value: value}
	}
	return &list.Definition[Row]{
		Name:   "cases",
		Select: "c.id, c.number, c.title, c.state, c.unit_id, u.name, " + assetCount + ", " + driveCount + ", c.created_at, c.updated_at",
		Scan: func(r *Row) []any {
			return []any{&r.ID, &r.Number, &r.Title, &r.State, &r.UnitID, &r.Unit, &r.Assets, &r.Drives, &r.CreatedAt, &r.UpdatedAt}
		},
		From:  "disposal_cases c",
		Joins: []list.Join{{Alias: "u", SQL: "JOIN units u ON u.id = c.unit_id"}},
		ID:    "c.id", IDKind: list.UUID,
		Default: "-updated_at",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("c.number", text), list.Contains("c.title", text), holds(text))
		},
		Columns: []list.Column[Row]{
			column(list.Field{Key: "number", SQL: "c.number", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, func(r Row) any { return r.Number }),
			column(list.Field{Key: "title", SQL: "c.title", Kind: list.Text, Sortable: true, Filterable: true, Shown: true}, func(r Row) any { return r.Title }),
			column(list.Field{Key: "state", SQL: "c.state", Kind: list.Enum, Values: states, Sortable: true, Filterable: true, Shown: true}, func(r Row) any { return string(r.State) }),
			column(list.Field{Key: "assets", SQL: assetCount, Kind: list.Number, Shown: true}, func(r Row) any { return int64(r.Assets) }),
			column(list.Field{Key: "drives", SQL: driveCount, Kind: list.Number, Shown: true}, func(r Row) any { return int64(r.Drives) }),
			column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Filterable: true, Shown: true, Match: list.InUnit("c.unit_id")}, func(r Row) any { return r.Unit }),
			column(list.Field{Key: "created_at", SQL: "c.created_at", Kind: list.Time, Sortable: true, Filterable: true}, func(r Row) any { return r.CreatedAt }),
			column(list.Field{Key: "updated_at", SQL: "c.updated_at", Kind: list.Time, Sortable: true, Filterable: true, Shown: true}, func(r Row) any { return r.UpdatedAt }),
		},
	}
}

// holds finds cases by the tag of an asset or the serial number of a drive.
func holds(text string) list.Clause {
	folded := strings.ToLower(strings.TrimSpace(text))
	return list.Where(`c.id IN (SELECT l.case_id FROM disposal_lines l JOIN assets a ON a.id = l.asset_id WHERE LOWER(a.tag) = ?
		UNION SELECT l.case_id FROM disposal_lines l JOIN disposal_drives r ON r.line_id = l.id WHERE LOWER(r.serial) = ?)`, folded, folded)
}

// List answers one page of the cases. Faults: Invalid, Denied.
func (s *Service) List(ctx context.Context, q list.Query) (list.Page[Row], error) {
	reach, err := identity.Reach(ctx, identity.DisposalRead)
	if err != nil {
		return list.Page[Row]{}, err
	}
	return list.Run(ctx, s.db, Columns(), q, list.Within("c.unit_id", reach))
}

// Count tells how many cases there are in some states where the actor has a
// permission. Fault: Denied.
func (s *Service) Count(ctx context.Context, needs identity.Permission, states ...State) (count int, err error) {
	reach, err := identity.Reach(ctx, needs)
	if err != nil {
		return 0, err
	}
	where := list.All(list.Where("c.state IN ?", states), list.Within("c.unit_id", reach))
	if err := s.db.Read(ctx).Raw("SELECT COUNT(*) FROM disposal_cases c WHERE "+where.SQL, where.Args...).Row().Scan(&count); err != nil {
		return 0, fmt.Errorf("count cases: %w", err)
	}
	return count, nil
}

// Export gives all cases of a query. Faults as those of List.
func (s *Service) Export(ctx context.Context, q list.Query) (iter.Seq2[Row, error], error) {
	reach, err := identity.Reach(ctx, identity.DisposalRead)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, Columns(), q, list.Within("c.unit_id", reach)), nil
}

// Drafts gives the cases to which the actor may add assets, the newest first.
// Faults: Denied.
func (s *Service) Drafts(ctx context.Context) (found []Row, err error) {
	reach, err := identity.Reach(ctx, identity.DisposalEdit)
	if err != nil {
		return nil, err
	}
	page, err := list.Run(ctx, s.db, Columns(), list.Query{Limit: 50}, list.Within("c.unit_id", reach), list.Where("c.state = ?", Draft))
	return page.Items, err
}

// Event is one thing that happened to a case.
type Event struct {
	At     time.Time
	Actor  string
	Action string // such as "disposal.recorded"
	Fields map[string]any
}

// History gives what happened to a case, the newest first. Faults: as those
// of Get.
func (s *Service) History(ctx context.Context, of ID) (events []Event, err error) {
	if _, err := s.Get(ctx, of); err != nil {
		return nil, err
	}
	err = each(s.db.Read(ctx), "read the history of a case", func(rows *sql.Rows) error {
		e := Event{Fields: map[string]any{}}
		var after json.RawMessage
		if err := rows.Scan(&e.At, &e.Actor, &e.Action, list.JSON(&after)); err != nil {
			return err
		}
		if len(after) > 0 {
			if err := json.Unmarshal(after, &e.Fields); err != nil {
				return err
			}
		}
		events = append(events, e)
		return nil
	}, `SELECT at, actor_name, action, after FROM audit_entries
		WHERE object_kind = 'disposal_case' AND object_id = ? ORDER BY at DESC, id DESC LIMIT 500`, of.String())
	return events, err
}
