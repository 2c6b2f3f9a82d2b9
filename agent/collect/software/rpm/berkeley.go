package rpm

import (
	"encoding/binary"
	"fmt"
	"io"

	"holdfast/agent/collect/window"
)

// berkeley reads a Berkeley DB hash table (db 4 and 5, src/dbinc/db_page.h).
// Instead of following the hash, every page is looked at, once.
type berkeley struct {
	pages    *window.Window
	overflow *window.Window
	order    binary.ByteOrder // that of the machine that wrote it
	pageSize int
	last     uint32 // number of the last page
	payload  []byte
}

const (
	berkeleyMagic    = 0x00061561
	berkeleyPageHead = 26

	pageHashUnsorted = 2 // up to db 4.5
	pageOverflow     = 7
	pageHashMeta     = 8
	pageHash         = 13

	itemInline  = 1
	itemOffPage = 3
)

// walkBerkeley walks the headers of an old rpm database.
func walkBerkeley(file *io.SectionReader, visit func([]byte) error) error {
	db := &berkeley{pages: window.New(file), overflow: window.New(file), order: binary.LittleEndian}
	meta, err := db.pages.At(0, 72)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(meta[12:]) == berkeleyMagic {
		db.order = binary.BigEndian
	}
	db.pageSize = int(db.order.Uint32(meta[20:]))
	db.last = db.order.Uint32(meta[32:])
	encrypted, kind := meta[24] != 0, meta[25]
	if db.order.Uint32(meta[12:]) != berkeleyMagic || kind != pageHashMeta || encrypted ||
		db.pageSize < 512 || db.pageSize > 65536 || db.pageSize&(db.pageSize-1) != 0 {
		return fmt.Errorf("%w: it is not a Berkeley DB hash", window.ErrDamaged)
	}
	for number := uint32(1); number <= db.last && number != 0; number++ {
		page, err := db.pages.At(int64(number)*int64(db.pageSize), db.pageSize)
		if err != nil {
			return err
		}
		if kind := page[25]; kind != pageHash && kind != pageHashUnsorted {
			continue
		}
		if err := db.hashPage(page, visit); err != nil {
			return fmt.Errorf("page %d: %w", number, err)
		}
	}
	return nil
}

// hashPage visits the values of one page. Its items are keys and values in
// turns; they fill the page from its end to its start.
func (db *berkeley) hashPage(page []byte, visit func([]byte) error) error {
	items := int(db.order.Uint16(page[20:]))
	if berkeleyPageHead+2*items > len(page) {
		return fmt.Errorf("%w: %d items", window.ErrDamaged, items)
	}
	item := func(i int) ([]byte, error) {
		end := len(page)
		if i > 0 {
			end = int(db.order.Uint16(page[berkeleyPageHead+2*(i-1):]))
		}
		start := int(db.order.Uint16(page[berkeleyPageHead+2*i:]))
		if start < berkeleyPageHead || start >= end || end > len(page) {
			return nil, fmt.Errorf("%w: an item beyond its page", window.ErrDamaged)
		}
		return page[start:end], nil
	}
	for i := 0; i+1 < items; i += 2 {
		key, err := item(i)
		if err != nil {
			return err
		}
		value, err := item(i + 1)
		if err != nil {
			return err
		}
		if len(key) != 5 || db.order.Uint32(key[1:]) == 0 {
			continue // entry 0 counts the others
		}
		header, err := db.value(value)
		if err != nil {
			return err
		}
		if err := visit(header); err != nil {
			return err
		}
	}
	return nil
}

// value gives the bytes of an item, which lie in a chain of pages of their
// own when they are many.
func (db *berkeley) value(item []byte) ([]byte, error) {
	if item[0] == itemInline {
		return item[1:], nil
	}
	if item[0] != itemOffPage || len(item) < 12 {
		return nil, fmt.Errorf("%w: an item of kind %d", window.ErrDamaged, item[0])
	}
	next, total := db.order.Uint32(item[4:]), int64(db.order.Uint32(item[8:]))
	if total > maxHeader {
		return nil, fmt.Errorf("%w: a value of %d bytes", window.ErrDamaged, total)
	}
	db.payload = db.payload[:0]
	for int64(len(db.payload)) < total {
		if next == 0 || next > db.last {
			return nil, fmt.Errorf("%w: a value ends after %d of %d bytes", window.ErrDamaged, len(db.payload), total)
		}
		page, err := db.overflow.At(int64(next)*int64(db.pageSize), db.pageSize)
		if err != nil {
			return nil, err
		}
		size := int(db.order.Uint16(page[22:]))
		if page[25] != pageOverflow || size == 0 || berkeleyPageHead+size > len(page) {
			return nil, fmt.Errorf("%w: page %d is not the rest of a value", window.ErrDamaged, next)
		}
		db.payload = append(db.payload, page[berkeleyPageHead:berkeleyPageHead+size]...)
		next = db.order.Uint32(page[16:])
	}
	return db.payload[:total], nil
}
