package sqlite

import (
	"fmt"

	"holdfast/agent/collect/window"
)

// Value is one value of a row.
type Value struct {
	kind  uint64 // serial type (fileformat2, section 2.1)
	bytes []byte
}

// Bytes is what a BLOB holds, or a text.
func (v Value) Bytes() []byte {
	if v.kind < 12 {
		return nil
	}
	return v.bytes
}

// Text is a text as UTF-8, and empty for everything else.
func (v Value) Text() string {
	if v.kind < 13 || v.kind%2 == 0 {
		return ""
	}
	return string(v.bytes)
}

// Number is an INTEGER, and 0 for everything else.
func (v Value) Number() int64 {
	if v.kind == 9 { // the numbers 0 and 1 have kinds of their own
		return 1
	}
	if v.kind < 1 || v.kind > 6 {
		return 0
	}
	number := int64(int8(v.bytes[0])) // carries the sign
	for _, b := range v.bytes[1:] {
		number = number<<8 | int64(b)
	}
	return number
}

// columns takes a record apart (fileformat2, section 2.1).
func (db *database) columns(record []byte) ([]Value, error) {
	headSize, n := varint(record)
	if n == 0 || headSize > uint64(len(record)) || headSize < uint64(n) {
		return nil, fmt.Errorf("%w: a record without header", window.ErrDamaged)
	}
	kinds, body := record[n:headSize], record[headSize:]
	row := db.values[:0]
	for len(kinds) > 0 {
		kind, n := varint(kinds)
		if n == 0 {
			return nil, fmt.Errorf("%w: a record with half a column", window.ErrDamaged)
		}
		kinds = kinds[n:]
		size := columnSize(kind)
		if size > uint64(len(body)) {
			return nil, fmt.Errorf("%w: a column beyond its record", window.ErrDamaged)
		}
		row = append(row, Value{kind, body[:size]})
		body = body[size:]
	}
	db.values = row
	return row, nil
}

func columnSize(kind uint64) uint64 {
	switch {
	case kind >= 12:
		return (kind - 12) / 2
	case kind <= 4:
		return kind
	case kind == 5:
		return 6
	case kind <= 7:
		return 8
	}
	return 0
}

// varint reads SQLite's big endian number of 1 to 9 bytes, and gives how many
// they were, 0 when they are cut short.
func varint(b []byte) (number uint64, size int) {
	for i, one := range b[:min(9, len(b))] {
		if i == 8 {
			return number<<8 | uint64(one), 9
		}
		number = number<<7 | uint64(one&0x7f)
		if one < 0x80 {
			return number, i + 1
		}
	}
	return 0, 0
}
