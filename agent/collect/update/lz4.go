package update

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pierrec/lz4/v4"
)

// lz4Reader reads the frames in which apt keeps its lists (lz4's own
// doc/lz4_Frame_format.md). The library's reader copies what came before each
// time that a block refers to it, which every block here does: it would take
// twice the time and 100 MB of garbage for 50 MB of lists. So it decodes the
// blocks, and this puts them behind one another. Checksums are left to apt,
// which verified the lists.
type lz4Reader struct {
	source *bufio.Reader
	block  []byte // compressed
	space  []byte // the window, and behind it what was decoded
	next   int    // where in space what was not given yet starts
	end    int    // and where it ends
	size   int    // largest block of the frame
	linked bool   // whether blocks refer to earlier ones
	sums   bool   // whether each block has a checksum
	total  bool   // whether the frame has one
	inside bool   // whether a frame was begun
}

const (
	lz4Magic     = 0x184d2204
	lz4Skippable = 0x184d2a50
	lz4Window    = 64 << 10
)

var errLZ4 = errors.New("it is not lz4")

func newLZ4Reader(source io.Reader) *lz4Reader {
	return &lz4Reader{source: bufio.NewReaderSize(source, 64<<10)}
}

// Read implements io.Reader.
func (r *lz4Reader) Read(p []byte) (int, error) {
	for r.next == r.end {
		if err := r.advance(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.space[r.next:r.end])
	r.next += n
	return n, nil
}

// advance decodes the next block, or begins the next frame.
func (r *lz4Reader) advance() error {
	if !r.inside {
		return r.begin()
	}
	head, err := r.number()
	if err != nil {
		return err
	}
	if head == 0 { // the end of the frame
		r.inside = false
		if r.total {
			_, err = r.number()
		}
		return err
	}
	const stored = 1 << 31
	size := int(head &^ stored)
	if size > r.size {
		return fmt.Errorf("%w: a block of %d bytes", errLZ4, size)
	}
	if r.end+r.size > len(r.space) { // keep the window only
		kept := copy(r.space, r.space[max(0, r.end-lz4Window):r.end])
		r.next, r.end = kept, kept
	}
	if _, err := io.ReadFull(r.source, r.block[:size]); err != nil {
		return cut(err)
	}
	if r.sums {
		if _, err := r.number(); err != nil {
			return err
		}
	}
	into := r.space[r.end : r.end+r.size]
	if head&stored != 0 {
		r.end += copy(into, r.block[:size])
		return nil
	}
	var window []byte
	if r.linked {
		window = r.space[max(0, r.end-lz4Window):r.end]
	}
	n, err := lz4.UncompressBlockWithDict(r.block[:size], into, window)
	if err != nil {
		return fmt.Errorf("%w: %w", errLZ4, err)
	}
	r.end += n
	return nil
}

// begin reads the head of a frame. io.EOF is the end of the file.
func (r *lz4Reader) begin() error {
	var head [7]byte
	if _, err := io.ReadFull(r.source, head[:4]); err != nil {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return cut(err)
	}
	switch magic := binary.LittleEndian.Uint32(head[:]); {
	case magic&^15 == lz4Skippable:
		size, err := r.number()
		if err != nil {
			return err
		}
		_, err = io.CopyN(io.Discard, r.source, int64(size))
		return cut(err)
	case magic != lz4Magic:
		return errLZ4
	}
	if _, err := io.ReadFull(r.source, head[:2]); err != nil {
		return cut(err)
	}
	flags, kind := head[0], head[1]>>4&7
	if flags>>6 != 1 || kind < 4 || flags&1 != 0 { // version 1, 64 KiB to 4 MiB, no dictionary
		return fmt.Errorf("%w: a frame of kind %#x %#x", errLZ4, flags, head[1])
	}
	r.linked, r.sums, r.total = flags&0x20 == 0, flags&0x10 != 0, flags&4 != 0
	rest := 1 // the checksum of the head
	if flags&8 != 0 {
		rest += 8 // the size of the content
	}
	if _, err := r.source.Discard(rest); err != nil {
		return cut(err)
	}
	r.size, r.inside = 1<<(8+2*kind), true
	if len(r.block) < r.size {
		r.block = make([]byte, r.size)
		r.space = make([]byte, lz4Window+max(2*r.size, 4*lz4Window))
	}
	r.next, r.end = 0, 0 // no block refers to another frame
	return nil
}

func (r *lz4Reader) number() (uint32, error) {
	var bytes [4]byte
	if _, err := io.ReadFull(r.source, bytes[:]); err != nil {
		return 0, cut(err)
	}
	return binary.LittleEndian.Uint32(bytes[:]), nil
}

// cut says of a file that ends where it should not that it does.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
