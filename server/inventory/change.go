package inventory

import (
	"context"
	"time"

	"holdfast/server/device"
	"holdfast/server/list"
)

// Change is one entry of a device's history; see Action.
type Change struct {
	At      time.Time
	Seq     int64 // tells changes of one moment apart
	Section string
	Action  device.Action
	Subject string
	Field   string
	Before  string
	After   string
}

const changeSelect = "h.at, h.seq, h.section, h.action, h.subject, h.field, h.before, h.after"

func (c *Change) scan() []any {
	return []any{
		&c.At, &c.Seq, &c.Section, &c.Action, &c.Subject,
		list.Blank(&c.Field), list.Blank(&c.Before), list.Blank(&c.After),
	}
}

// ChangeColumns is the list of what changed on one device.
func ChangeColumns() *list.Definition[Change] {
	actions := []string{}
	for _, action := range device.Actions() {
		actions = append(actions, string(action))
	}
	return &list.Definition[Change]{
		Name:   "changes",
		Select: changeSelect,
		Scan:   func(c *Change) []any { return c.scan() },
		From:   "device_changes h",
		ID:     "h.seq", IDKind: list.Number,
		Default: "-at",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("h.subject", text), list.Contains("h.before", text), list.Contains("h.after", text))
		},
		Columns: []list.Column[Change]{
			{Field: list.Field{Key: "at", SQL: "h.at", Kind: list.Time, Sortable: true, Filterable: true, Shown: true}, Value: func(c Change) any { return c.At }},
			{Field: list.Field{Key: "section", SQL: "h.section", Kind: list.Enum, Filterable: true, Shown: true}, Value: func(c Change) any { return c.Section }},
			{Field: list.Field{Key: "action", SQL: "h.action", Kind: list.Enum, Values: actions, Filterable: true, Shown: true}, Value: func(c Change) any { return string(c.Action) }},
			{Field: list.Field{Key: "subject", SQL: "h.subject", Kind: list.Text, Filterable: true, Shown: true}, Value: func(c Change) any { return c.Subject }},
			{Field: list.Field{Key: "field", SQL: "h.field", Kind: list.Text, Filterable: true, Shown: true, Nullable: true}, Value: func(c Change) any { return c.Field }},
			{Field: list.Field{Key: "before", SQL: "h.before", Kind: list.Text, Filterable: true, Shown: true, Nullable: true}, Value: func(c Change) any { return c.Before }},
			{Field: list.Field{Key: "after", SQL: "h.after", Kind: list.Text, Filterable: true, Shown: true, Nullable: true}, Value: func(c Change) any { return c.After }},
		},
	}
}

// Changes answers one page of what changed on a device, the newest first
// unless asked otherwise. Faults as those of Device, and Invalid.
func (r *Reader) Changes(ctx context.Context, of device.ID, q list.Query) (list.Page[Change], error) {
	row, err := r.find(ctx, of)
	if err != nil {
		return list.Page[Change]{}, err
	}
	visible := list.Clause{}
	if !mayKnowUser(ctx, row) {
		visible = list.Where("h.section <> ?", sectionUser)
	}
	return list.Run(ctx, r.db, ChangeColumns(), q, list.Where("h.device_id = ?", row.Key), visible)
}
