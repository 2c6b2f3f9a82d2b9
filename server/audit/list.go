package audit

import (
	"context"
	"iter"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Columns is the list of what people did.
func Columns() *list.Definition[Entry] {
	column := func(key, sql string, kind list.Kind, value func(Entry) any) list.Column[Entry] {
		return list.Column[Entry]{Field: list.Field{Key: key, SQL: sql, Kind: kind, Filterable: true, Shown: true}, Value: value}
	}
	return &list.Definition[Entry]{
		Name: "audit",
		Select: `e.id, e.at, e.actor_kind, e.actor_id, e.actor_name, e.action, e.object_kind, e.object_id, e.before, e.after,
			e.request_id`,
		Scan: func(e *Entry) []any {
			return []any{
				&e.ID, &e.At, &e.ActorKind, &e.ActorID, &e.ActorName, &e.Action, &e.ObjectKind, &e.ObjectID, &e.Before, &e.After,
				&e.RequestID,
			}
		},
		From: "audit_entries e",
		ID:   "e.id", IDKind: list.UUID,
		Default: "-at",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("e.actor_name", text), list.Contains("e.action", text), list.Contains("e.object_id", text))
		},
		Columns: []list.Column[Entry]{
			{Field: list.Field{Key: "at", SQL: "e.at", Kind: list.Time, Sortable: true, Filterable: true, Shown: true}, Value: func(e Entry) any { return e.At }},
			column("actor", "e.actor_name", list.Text, func(e Entry) any { return e.ActorName }),
			column("actor_kind", "e.actor_kind", list.Enum, func(e Entry) any { return string(e.ActorKind) }),
			column("action", "e.action", list.Text, func(e Entry) any { return e.Action }),
			column("object_kind", "e.object_kind", list.Enum, func(e Entry) any { return e.ObjectKind }),
			column("object", "e.object_id", list.Text, func(e Entry) any { return e.ObjectID }),
		},
	}
}

// Reader shows what people did to those who have audit.read.
type Reader struct{ db *store.DB }

// NewReader makes the reader.
func NewReader(db *store.DB) *Reader { return &Reader{db: db} }

// List answers one page of the entries, the newest first unless asked
// otherwise. Entries tell of the whole organisation, so that the actor must
// have audit.read in all of it. Faults: Invalid, Denied.
func (r *Reader) List(ctx context.Context, q list.Query) (list.Page[Entry], error) {
	if err := mayRead(ctx); err != nil {
		return list.Page[Entry]{}, err
	}
	return list.Run(ctx, r.db, Columns(), q)
}

// Export gives all entries of a query. Faults as those of List.
func (r *Reader) Export(ctx context.Context, q list.Query) (iter.Seq2[Entry, error], error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	return list.Rows(ctx, r.db, Columns(), q), nil
}

func mayRead(ctx context.Context) error {
	reach, err := identity.Reach(ctx, identity.AuditRead)
	if err != nil {
		return err
	}
	if !reach.All {
		return fault.NewDenied(string(identity.AuditRead))
	}
	return nil
}
