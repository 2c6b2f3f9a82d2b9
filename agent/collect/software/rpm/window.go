package rpm

import (
	"errors"
	"fmt"
	"io"
)

// maxHeader bounds one package header. Those of the largest packages, with
// tens of thousands of files, take a few MiB.
const maxHeader = 64 << 20

var errDamaged = errors.New("the database is damaged")

// window reads small pieces of a file that lie near one another with few
// system calls and little memory.
//
// It gives at most twice as many bytes as the file has, since no walk needs
// any piece more than twice: one that does runs in circles.
type window struct {
	file  *io.SectionReader
	left  int64
	start int64
	bytes []byte // what the file holds from start on
	space []byte
}

// windowSize is that of the largest page of either kind of database.
const windowSize = 64 << 10

func newWindow(file *io.SectionReader) *window {
	return &window{file: file, left: 2 * file.Size(), space: make([]byte, windowSize)}
}

// at gives n bytes from offset on, n being at most windowSize. They are good
// until the next call.
func (w *window) at(offset int64, n int) ([]byte, error) {
	if offset < 0 || n < 0 || n > windowSize {
		return nil, errDamaged
	}
	if w.left -= int64(n); w.left < 0 {
		return nil, fmt.Errorf("%w: its pages run in circles", errDamaged)
	}
	from := offset - w.start
	if from < 0 || from+int64(n) > int64(len(w.bytes)) {
		read, err := w.file.ReadAt(w.space, offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		w.start, w.bytes, from = offset, w.space[:read], 0
		if n > read {
			return nil, fmt.Errorf("%w: it ends at byte %d", errDamaged, offset+int64(read))
		}
	}
	return w.bytes[from : from+int64(n)], nil
}

// appendTo appends n bytes from offset on to b.
func (w *window) appendTo(b []byte, offset int64, n int) ([]byte, error) {
	for n > 0 {
		piece, err := w.at(offset, min(n, windowSize))
		if err != nil {
			return b, err
		}
		b = append(b, piece...)
		offset += int64(len(piece))
		n -= len(piece)
	}
	return b, nil
}
