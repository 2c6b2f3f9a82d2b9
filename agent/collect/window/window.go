// Package window reads the database files of other programs: small pieces of a
// large file that lie near one another, with few system calls and little
// memory, and within bounds that no damaged file can stretch.
package window

import (
	"errors"
	"fmt"
	"io"

	"holdfast/agent/host"
)

// ErrDamaged says that a file is not what its format asks for.
var ErrDamaged = errors.New("the database is damaged")

// File is an open file, as long as it was when it was opened.
type File struct {
	*io.SectionReader
	io.Closer
}

// Open opens a file of the machine. The caller closes it.
func Open(h host.Host, path string) (File, error) {
	file, err := h.Open(path)
	if err != nil {
		return File{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return File{}, errors.Join(err, file.Close())
	}
	return File{io.NewSectionReader(file, 0, info.Size()), file}, nil
}

// Window is what is seen of a file.
//
// It gives at most twice as many bytes as the file has, since no walk needs
// any piece more than twice: one that does runs in circles.
type Window struct {
	file  *io.SectionReader
	left  int64
	start int64
	bytes []byte // what the file holds from start on
	space []byte
}

// Size is how many bytes are seen at once: the largest page of any kind of
// database that is read here.
const Size = 64 << 10

// New opens a window onto a file.
func New(file *io.SectionReader) *Window {
	return &Window{file: file, left: 2 * file.Size(), space: make([]byte, Size)}
}

// At gives n bytes from offset on, n being at most Size. They are good
// until the next call.
func (w *Window) At(offset int64, n int) ([]byte, error) {
	if offset < 0 || n < 0 || n > Size {
		return nil, ErrDamaged
	}
	if w.left -= int64(n); w.left < 0 {
		return nil, fmt.Errorf("%w: its pages run in circles", ErrDamaged)
	}
	from := offset - w.start
	if from < 0 || from+int64(n) > int64(len(w.bytes)) {
		read, err := w.file.ReadAt(w.space, offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		w.start, w.bytes, from = offset, w.space[:read], 0
		if n > read {
			return nil, fmt.Errorf("%w: it ends at byte %d", ErrDamaged, offset+int64(read))
		}
	}
	return w.bytes[from : from+int64(n)], nil
}

// AppendTo appends n bytes from offset on to b.
func (w *Window) AppendTo(b []byte, offset int64, n int) ([]byte, error) {
	for n > 0 {
		piece, err := w.At(offset, min(n, Size))
		if err != nil {
			return b, err
		}
		b = append(b, piece...)
		offset += int64(len(piece))
		n -= len(piece)
	}
	return b, nil
}
