package rpm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"holdfast/agent/host"
)

// sqlite reads the tables of a SQLite database
// (https://www.sqlite.org/fileformat2.html), as far as rpm's needs it: tables
// with rowid, walked from the first row to the last.
type sqlite struct {
	main     *window
	log      *window          // the write-ahead log; nil without one
	logged   map[uint32]int64 // where in the log the newest version of a page is
	pageSize int
	usable   int // of a page
	payload  []byte
}

const sqliteMagic = "SQLite format 3\x00"

// readSQLite walks the headers in rpm's table Packages (hnum, blob).
func readSQLite(h host.Host, path string, file *io.SectionReader, visit func([]byte) error) error {
	// The log is there while another program has the database open, or after
	// one that crashed.
	log, err := h.Open(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return walkSQLite(file, nil, visit)
	}
	if err != nil {
		return err
	}
	defer log.Close()
	whole, err := section(log)
	if err != nil {
		return err
	}
	return walkSQLite(file, whole, visit)
}

func walkSQLite(file, log *io.SectionReader, visit func([]byte) error) error {
	db := &sqlite{main: newWindow(file)}
	head, err := db.main.at(0, 100)
	if err != nil {
		return err
	}
	if string(head[:16]) != sqliteMagic {
		return fmt.Errorf("%w: it is not SQLite", errDamaged)
	}
	db.pageSize = int(binary.BigEndian.Uint16(head[16:]))
	if db.pageSize == 1 {
		db.pageSize = 65536
	}
	db.usable = db.pageSize - int(head[20])
	if db.pageSize < 512 || db.pageSize&(db.pageSize-1) != 0 || db.usable < 480 {
		return fmt.Errorf("%w: pages of %d bytes", errDamaged, db.pageSize)
	}
	if log != nil {
		db.log = newWindow(log)
		if db.logged, err = indexLog(db.log, db.pageSize); err != nil {
			return fmt.Errorf("read the write-ahead log: %w", err)
		}
	}
	root, err := db.findTable("Packages")
	if err != nil {
		return err
	}
	return db.walk(root, 0, func(payload []byte) error {
		row, err := columns(payload)
		if err != nil {
			return err
		}
		if len(row) != 2 {
			return fmt.Errorf("%w: %d columns in place of 2", errDamaged, len(row))
		}
		return visit(row[1])
	})
}

// findTable gives the root page of a table, from the schema table
// (type, name, tbl_name, rootpage, sql), whose own root is page 1.
func (db *sqlite) findTable(name string) (uint32, error) {
	var root uint32
	err := db.walk(1, 0, func(payload []byte) error {
		row, err := columns(payload)
		if err != nil {
			return err
		}
		if len(row) == 5 && string(row[0]) == "table" && string(row[1]) == name {
			for _, b := range row[3] {
				root = root<<8 | uint32(b)
			}
		}
		return nil
	})
	if err == nil && root == 0 {
		err = fmt.Errorf("%w: it has no table %s", errDamaged, name)
	}
	return root, err
}

// page gives a copy of a page, because cells are read from it while other
// pages pass through the window.
func (db *sqlite) page(number uint32) ([]byte, error) {
	piece, err := db.view(number)
	return append([]byte(nil), piece...), err
}

// view gives a page, good until the next call.
func (db *sqlite) view(number uint32) ([]byte, error) {
	if number == 0 {
		return nil, fmt.Errorf("%w: a link to no page", errDamaged)
	}
	if offset, is := db.logged[number]; is {
		return db.log.at(offset, db.pageSize)
	}
	return db.main.at(int64(number-1)*int64(db.pageSize), db.pageSize)
}

// walk visits the rows of the table tree below a page.
func (db *sqlite) walk(number uint32, depth int, visit func(payload []byte) error) error {
	const maxDepth = 20 // SQLite's own BTCURSOR_MAX_DEPTH
	if depth > maxDepth {
		return fmt.Errorf("%w: its pages run in circles", errDamaged)
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
		return fmt.Errorf("%w: page %d is not of a table", errDamaged, number)
	}
	for i := range cells {
		cell := int(binary.BigEndian.Uint16(page[pointers+2*i:]))
		if cell+4 > db.usable {
			return fmt.Errorf("%w: a cell beyond page %d", errDamaged, number)
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
func (db *sqlite) row(cell []byte, visit func(payload []byte) error) error {
	size, n := varint(cell)
	_, m := varint(cell[n:]) // the rowid
	cell = cell[n+m:]
	if n == 0 || m == 0 || size > maxHeader {
		return fmt.Errorf("%w: a row of %d bytes", errDamaged, size)
	}
	total := int(size)
	local := db.local(total)
	if local > len(cell) || local < total && local+4 > len(cell) {
		return fmt.Errorf("%w: a row beyond its page", errDamaged)
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
func (db *sqlite) local(total int) int {
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

// columns takes a record apart (fileformat2, section 2.1).
func columns(record []byte) ([][]byte, error) {
	headSize, n := varint(record)
	if n == 0 || headSize > uint64(len(record)) || headSize < uint64(n) {
		return nil, fmt.Errorf("%w: a record without header", errDamaged)
	}
	kinds, body := record[n:headSize], record[headSize:]
	var row [][]byte
	for len(kinds) > 0 {
		kind, n := varint(kinds)
		if n == 0 {
			return nil, fmt.Errorf("%w: a record with half a column", errDamaged)
		}
		kinds = kinds[n:]
		size := columnSize(kind)
		if size > uint64(len(body)) {
			return nil, fmt.Errorf("%w: a column beyond its record", errDamaged)
		}
		row = append(row, body[:size])
		body = body[size:]
	}
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
