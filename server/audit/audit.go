// Package audit keeps what people did: who, when, what, before and after. An
// entry is written in the transaction of the change itself, so that neither
// can exist without the other; entries are never edited.
//
// Before and after are what the caller hands over as small structs or maps;
// they must hold no secret, not even as a hash.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// ID identifies an entry.
type ID = id.Of[Entry]

// Object is the thing that was changed.
type Object struct {
	Kind string // such as "user" or "enrolment_key"
	ID   string
}

// Fields are the values of an object before or after a change, by the names
// that the API gives them.
type Fields map[string]any

// Known leaves out what is not known.
func (f Fields) Known() Fields {
	known := Fields{}
	for name, value := range f {
		if value != "" {
			known[name] = value
		}
	}
	return known
}

// Differing keeps the values that are not the same before and after.
func Differing(before, after Fields) (was, is Fields) {
	was, is = Fields{}, Fields{}
	for name, value := range after {
		if before[name] != value {
			was[name], is[name] = before[name], value
		}
	}
	return was, is
}

// Entry is one thing that somebody did.
type Entry struct {
	ID         ID
	At         time.Time
	ActorKind  identity.Kind
	ActorID    *string // none for the system
	ActorName  string
	Action     string // such as "user.created"
	ObjectKind string
	ObjectID   string
	Before     *string // JSON, or none
	After      *string // JSON, or none
	RequestID  *string
}

// TableName implements GORM's Tabler.
func (Entry) TableName() string { return "audit_entries" }

// Change is what became of one object; nil stands for "did not exist" or "no
// longer exists".
type Change struct {
	Object        Object
	Before, After Fields
}

// Record keeps that the actor of ctx did action to object, which was before
// and is now after.
func Record(ctx context.Context, tx *store.Tx, action string, object Object, before, after Fields) error {
	return RecordAll(ctx, tx, action, []Change{{object, before, after}})
}

// RecordAll is Record for many objects, by one statement.
func RecordAll(ctx context.Context, tx *store.Tx, action string, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	actor := identity.ActorOf(ctx)
	entries := make([]Entry, len(changes))
	for i, change := range changes {
		entries[i] = Entry{
			ID: id.New[Entry](), At: tx.Now,
			ActorKind: actor.Kind, ActorID: store.Null(actor.ID), ActorName: actor.Name,
			Action: action, ObjectKind: change.Object.Kind, ObjectID: change.Object.ID,
			RequestID: store.Null(identity.RequestOf(ctx)),
		}
		var err error
		if entries[i].Before, err = encode(change.Before); err != nil {
			return fmt.Errorf("record %s: %w", action, err)
		}
		if entries[i].After, err = encode(explained(ctx, change.After)); err != nil {
			return fmt.Errorf("record %s: %w", action, err)
		}
	}
	const most = 200 // in one statement
	if err := tx.CreateInBatches(&entries, most).Error; err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

func encode(fields Fields) (*string, error) {
	if fields == nil {
		return nil, nil //nolint:nilnil // NULL in the database
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	text := string(encoded)
	return &text, nil
}
