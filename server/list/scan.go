package list

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Blank scans into a place where NULL is the zero value: a text or a time for
// which "not known" and "empty" are the same.
func Blank[T any](into *T) sql.Scanner { return blank[T]{into} }

type blank[T any] struct{ into *T }

// Scan implements sql.Scanner.
func (b blank[T]) Scan(source any) error {
	var value sql.Null[T]
	if err := value.Scan(source); err != nil {
		return err
	}
	*b.into = value.V
	return nil
}

// JSON scans a column that holds JSON; NULL leaves nothing.
func JSON(into *json.RawMessage) sql.Scanner { return document{into} }

type document struct{ into *json.RawMessage }

// Scan implements sql.Scanner.
func (d document) Scan(source any) error {
	switch value := source.(type) {
	case nil:
		*d.into = nil
	case string:
		*d.into = json.RawMessage(value)
	case []byte:
		*d.into = append(json.RawMessage(nil), value...)
	default:
		return errors.New("read JSON: not a text")
	}
	return nil
}

// Day scans a number of days since 1970-01-01 as the midnight, in UTC, with
// which that day begins; NULL is the zero time.
func Day(into *time.Time) sql.Scanner { return day{into} }

type day struct{ into *time.Time }

// Scan implements sql.Scanner.
func (d day) Scan(source any) error {
	var days sql.NullInt64
	if err := days.Scan(source); err != nil {
		return err
	}
	*d.into = time.Time{}
	if days.Valid {
		*d.into = time.Unix(days.Int64*24*60*60, 0).UTC()
	}
	return nil
}
