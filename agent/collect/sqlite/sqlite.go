// Package sqlite reads tables of SQLite databases that other programs own: it
// only ever reads, takes no lock, and sees what a write-ahead log holds.
//
// The reader is our own (https://www.sqlite.org/fileformat2.html), as far as
// tables with rowid go, walked from the first row to the last. The pure Go
// SQLite library would add 4.0 MB to a binary of at most 20 MB and 3 MiB to
// the memory of a collection of at most 30 MiB (measured). Told to leave the
// database's folder alone, it also ignores the write-ahead log, and so the
// latest rows. A program that writes at the same moment can make a walk fail;
// the next one sees all.
package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"holdfast/agent/collect/window"
	"holdfast/agent/host"
)

// database is one that is being walked.
type database struct {
	main     *window.Window
	log      *window.Window   // the write-ahead log; nil without one
	logged   map[uint32]int64 // where in the log the newest version of a page is
	pageSize int
	usable   int // of a page
	payload  []byte
	values   []Value
}

const (
	magic = "SQLite format 3\x00"

	// maxRow bounds one row. The largest that are read here, the package
	// headers of rpm with tens of thousands of files, take a few MiB.
	maxRow = 64 << 20
)

// ErrNoTable says that a database has no such table, as one of which nobody
// has written a row yet. It is a window.ErrDamaged.
var ErrNoTable = fmt.Errorf("%w: it has no such table", window.ErrDamaged)

// Walk visits the rows of a table of the database at path, in the order of
// their rowids. The values are in the order of the columns, good until visit
// returns, and fewer than the columns where one was added later; a column that
// is an alias of the rowid is NULL. An error of visit ends the walk. The error
// is fs.ErrNotExist when there is no such file, and window.ErrDamaged when it
// is no database; ErrNoTable when it is one.
func Walk(h host.Host, path, table string, visit func(row []Value) error) error {
	main, err := window.Open(h, path)
	if err != nil {
		return err
	}
	defer main.Close()
	// The log is there while another program has the database open, or after
	// one that crashed.
	log, err := window.Open(h, path+"-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return walk(main.SectionReader, nil, table, visit)
	}
	if err != nil {
		return err
	}
	defer log.Close()
	return walk(main.SectionReader, log.SectionReader, table, visit)
}

func walk(file, log *io.SectionReader, table string, visit func([]Value) error) error {
	if file.Size() == 0 && log == nil {
		return ErrNoTable // SQLite makes its file when somebody asks, and fills it when somebody writes
	}
	db := &database{main: window.New(file)}
	head, err := db.main.At(0, 100)
	if err != nil {
		return err
	}
	if string(head[:16]) != magic {
		return fmt.Errorf("%w: it is not SQLite", window.ErrDamaged)
	}
	db.pageSize = int(binary.BigEndian.Uint16(head[16:]))
	if db.pageSize == 1 {
		db.pageSize = 65536
	}
	db.usable = db.pageSize - int(head[20])
	if db.pageSize < 512 || db.pageSize&(db.pageSize-1) != 0 || db.usable < 480 {
		return fmt.Errorf("%w: pages of %d bytes", window.ErrDamaged, db.pageSize)
	}
	if log != nil {
		db.log = window.New(log)
		if db.logged, err = indexLog(db.log, log.Size(), db.pageSize); err != nil {
			return fmt.Errorf("read the write-ahead log: %w", err)
		}
	}
	root, err := db.findTable(table)
	if err != nil {
		return err
	}
	return db.walk(root, 0, func(payload []byte) error {
		row, err := db.columns(payload)
		if err != nil {
			return err
		}
		return visit(row)
	})
}

// findTable gives the root page of a table, from the schema table
// (type, name, tbl_name, rootpage, sql), whose own root is page 1.
func (db *database) findTable(name string) (uint32, error) {
	var root uint32
	err := db.walk(1, 0, func(payload []byte) error {
		row, err := db.columns(payload)
		if err != nil {
			return err
		}
		if len(row) == 5 && row[0].Text() == "table" && row[1].Text() == name {
			root = uint32(row[3].Number()) //nolint:gosec // a page that is not there is noticed
		}
		return nil
	})
	if err == nil && root == 0 {
		err = fmt.Errorf("%w (%s)", ErrNoTable, name)
	}
	return root, err
}

// page gives a copy of a page, because cells are read from it while other
// pages pass through the window.
func (db *database) page(number uint32) ([]byte, error) {
	piece, err := db.view(number)
	return append([]byte(nil), piece...), err
}

// view gives a page, good until the next call.
func (db *database) view(number uint32) ([]byte, error) {
	if number == 0 {
		return nil, fmt.Errorf("%w: a link to no page", window.ErrDamaged)
	}
	if offset, is := db.logged[number]; is {
		return db.log.At(offset, db.pageSize)
	}
	return db.main.At(int64(number-1)*int64(db.pageSize), db.pageSize)
}

// walk visits the rows of the table tree below a page.
func (db *database) walk(number uint32, depth int, visit func(payload []byte) error) error {
	const maxDepth = 20 // SQLite's own BTCURSOR_MAX_DEPTH
	if depth > maxDepth {
		return fmt.Errorf("%w: its pages run in circles", window.ErrDamaged)
	}
	page, err := db.page(number)
	if err != nil {
		return err
	}
	const leaf, interior = 13, 5
	head := 0
	if number == 1 {
		head = 100 // the file header comes first
	}
	kind, cells := page[head], int(binary.BigEndian.Uint16(page[head+3:]))
	pointers := head + 8
	if kind == interior {
		pointers = head + 12
	}
	if kind != leaf && kind != interior || pointers+2*cells > len(page) {
		return fmt.Errorf("%w: page %d is not of a table", window.ErrDamaged, number)
	}
	for i := range cells {
		cell := int(binary.BigEndian.Uint16(page[pointers+2*i:]))
		if cell+4 > db.usable {
			return fmt.Errorf("%w: a cell beyond page %d", window.ErrDamaged, number)
		}
		if kind == interior {
			err = db.walk(binary.BigEndian.Uint32(page[cell:]), depth+1, visit)
		} else {
			err = db.row(page[cell:db.usable], visit)
		}
		if err != nil {
			return err
		}
	}
	if kind == interior {
		return db.walk(binary.BigEndian.Uint32(page[head+8:]), depth+1, visit)
	}
	return nil
}

// row puts the payload of a leaf cell together, which spills over into a
// chain of pages when it is long, and visits it.
func (db *database) row(cell []byte, visit func(payload []byte) error) error {
	size, n := varint(cell)
	_, m := varint(cell[n:]) // the rowid
	cell = cell[n+m:]
	if n == 0 || m == 0 || size > maxRow {
		return fmt.Errorf("%w: a row of %d bytes", window.ErrDamaged, size)
	}
	total := int(size)
	local := db.local(total)
	if local > len(cell) || local < total && local+4 > len(cell) {
		return fmt.Errorf("%w: a row beyond its page", window.ErrDamaged)
	}
	if local == total {
		return visit(cell[:total])
	}
	payload := append(db.payload[:0], cell[:local]...)
	for next := binary.BigEndian.Uint32(cell[local:]); len(payload) < total; {
		page, err := db.view(next)
		if err != nil {
			return err
		}
		next = binary.BigEndian.Uint32(page)
		payload = append(payload, page[4:4+min(db.usable-4, total-len(payload))]...)
	}
	db.payload = payload
	return visit(payload)
}

// local is how much of a payload lies in the cell itself (fileformat2,
// section 1.6).
func (db *database) local(total int) int {
	most := db.usable - 35
	if total <= most {
		return total
	}
	least := (db.usable-12)*32/255 - 23
	if k := least + (total-least)%(db.usable-4); k <= most {
		return k
	}
	return least
}
