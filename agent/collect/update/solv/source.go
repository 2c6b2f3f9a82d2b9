package solv

import (
	"bytes"
	"errors"
	"io"
)

// source reads a file in pieces. After an error it gives zeroes.
type source struct {
	file  *io.SectionReader
	piece []byte
	at    int   // in the piece
	end   int64 // of the piece in the file
	space []byte
	err   error
}

// next gives one byte.
func (b *source) next() byte {
	if b.at == len(b.piece) && !b.fill() {
		return 0
	}
	one := b.piece[b.at]
	b.at++
	return one
}

// fill reads the next piece.
func (b *source) fill() bool {
	if b.err != nil {
		return false
	}
	if b.space == nil {
		b.space = make([]byte, 64<<10)
	}
	n, err := b.file.ReadAt(b.space, b.end)
	b.piece, b.at = b.space[:n], 0
	b.end += int64(n)
	if n > 0 {
		return true
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return false
}

func (b *source) uint32() uint32 {
	return uint32(b.next())<<24 | uint32(b.next())<<16 | uint32(b.next())<<8 | uint32(b.next())
}

// text appends bytes to s up to a zero, which it takes away.
func (b *source) text(s []byte) []byte {
	const longest = 1 << 20
	for b.at < len(b.piece) || b.fill() {
		rest := b.piece[b.at:]
		end := bytes.IndexByte(rest, 0)
		if end >= 0 {
			b.at += end + 1
			return append(s, rest[:end]...)
		}
		b.at = len(b.piece)
		if s = append(s, rest...); len(s) > longest {
			b.err = errForm
		}
	}
	return s
}

func (b *source) skipText() {
	for b.at < len(b.piece) || b.fill() {
		if end := bytes.IndexByte(b.piece[b.at:], 0); end >= 0 {
			b.at += end + 1
			return
		}
		b.at = len(b.piece)
	}
}

// offset is where in the file the next byte is.
func (b *source) offset() int64 { return b.end - int64(len(b.piece)-b.at) }

func (b *source) skip(n int64) {
	if n <= int64(len(b.piece)-b.at) {
		b.at += int(n)
		return
	}
	b.seek(b.offset() + n)
}

func (b *source) seek(offset int64) {
	if offset > b.file.Size() && b.err == nil {
		b.err = io.ErrUnexpectedEOF
	}
	b.piece, b.at, b.end = nil, 0, offset
}
