// Package id gives every kind of thing its own identifier type, so that the
// identifier of one kind cannot be passed where another is wanted.
//
// An identifier is a UUIDv7 (RFC 9562, section 5.7): unique without a central
// counter, and in the order of creation, which keeps database indexes compact.
package id

import (
	"database/sql/driver"
	"fmt"

	"github.com/google/uuid"
)

// Of is the identifier of one T. T is only a marker; no value of it is kept.
// The zero value means "none" and is stored as NULL.
type Of[T any] struct{ uuid uuid.UUID }

// New makes a fresh identifier.
func New[T any]() Of[T] { return Of[T]{uuid.Must(uuid.NewV7())} }

// Parse reads the usual 36-character form.
func Parse[T any](text string) (Of[T], error) {
	parsed, err := uuid.Parse(text)
	if err != nil {
		return Of[T]{}, fmt.Errorf("read identifier: %w", err)
	}
	return Of[T]{parsed}, nil
}

// String gives the 36-character form, or "" for none.
func (i Of[T]) String() string {
	if i.IsZero() {
		return ""
	}
	return i.uuid.String()
}

// IsZero reports whether i stands for none.
func (i Of[T]) IsZero() bool { return i.uuid == uuid.Nil }

// MarshalText implements encoding.TextMarshaler.
func (i Of[T]) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty text is none.
func (i *Of[T]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*i = Of[T]{}
		return nil
	}
	parsed, err := Parse[T](string(text))
	if err != nil {
		return err
	}
	*i = parsed
	return nil
}

// Value implements driver.Valuer: text, which PostgreSQL reads as uuid and
// SQLite keeps as it is.
func (i Of[T]) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil //nolint:nilnil // nil is how a driver.Valuer says NULL
	}
	return i.uuid.String(), nil
}

// Scan implements sql.Scanner.
func (i *Of[T]) Scan(source any) error {
	switch value := source.(type) {
	case nil:
		*i = Of[T]{}
		return nil
	case string:
		return i.UnmarshalText([]byte(value))
	case []byte:
		if len(value) == len(i.uuid) {
			copy(i.uuid[:], value)
			return nil
		}
		return i.UnmarshalText(value)
	case [16]byte:
		i.uuid = value
		return nil
	}
	return fmt.Errorf("read identifier: unexpected %T", source)
}
