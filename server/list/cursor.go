package list

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// cursor is a place between two rows of a list in one order. It travels in
// addresses, so whatever comes back is checked and only ever bound as an
// argument: a forged one shows another page of the same list, nothing more.
type cursor struct {
	Sort     string  `json:"s"`           // the order it belongs to
	Key      *string `json:"k,omitempty"` // sort value of the row; nothing when it is not known
	ID       string  `json:"i"`
	Position int     `json:"p"`           // of the row, counted from 1
	Back     bool    `json:"b,omitempty"` // towards the start
}

func (c cursor) String() string {
	encoded, err := json.Marshal(c)
	if err != nil {
		return "" // text and numbers always marshal
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

// place is a cursor ready to be bound.
type place struct {
	key      any // nil when it is not known
	id       any
	position int
	back     bool
}

var errCursor = errors.New("the cursor does not belong to this list")

func readCursor(text string, sort Sort, field *Field, idKind Kind) (place, error) {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return place{}, errCursor
	}
	reader := json.NewDecoder(bytes.NewReader(decoded))
	reader.DisallowUnknownFields()
	var c cursor
	if err := reader.Decode(&c); err != nil {
		return place{}, errCursor
	}
	if _, err := reader.Token(); !errors.Is(err, io.EOF) {
		return place{}, errCursor
	}
	if c.Sort != sort.String() || field == nil || c.Position < 0 || c.Key == nil && !field.Nullable {
		return place{}, errCursor
	}
	found := place{position: c.Position, back: c.Back}
	if found.id, err = bindCursor(c.ID, idKind); err != nil {
		return place{}, err
	}
	if c.Key != nil {
		if found.key, err = bindCursor(*c.Key, field.Kind); err != nil {
			return place{}, err
		}
	}
	return found, nil
}

func bindCursor(text string, kind Kind) (any, error) {
	switch kind {
	case Number, Money, Bytes, Date, Time, Flag:
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errCursor
		}
		switch kind {
		case Time:
			return time.UnixMicro(number).UTC(), nil
		case Flag:
			return number != 0, nil
		default:
			return number, nil
		}
	case UUID:
		parsed, err := uuid.Parse(text)
		if err != nil {
			return nil, errCursor
		}
		return parsed.String(), nil
	default:
		return text, nil
	}
}

// scalar is a sort value or an identifier as the database gave it, in the
// form that a cursor keeps.
type scalar struct {
	text  string
	known bool
}

// Scan implements sql.Scanner.
func (s *scalar) Scan(source any) error {
	s.known = source != nil
	switch value := source.(type) {
	case nil:
		s.text = ""
	case int64:
		s.text = strconv.FormatInt(value, 10)
	case bool:
		s.text = "0"
		if value {
			s.text = "1"
		}
	case time.Time:
		s.text = strconv.FormatInt(value.UnixMicro(), 10)
	case string:
		s.text = value
	case []byte:
		s.text = string(value)
	default:
		return fmt.Errorf("read sort value: unexpected %T", source)
	}
	return nil
}
