package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"holdfast/server/fault"
	"holdfast/shared/protocol"
)

// ErrEncoding says that a message is compressed in a way that is not known.
var ErrEncoding = errors.New("read a message: unsupported content encoding")

// The pools keep what is costly to make: a decoder of zstd holds its window,
// a buffer grows to the size of the largest report it held.
//
//nolint:gochecknoglobals // they hold no state that anybody could see
var (
	zstdDecoders = sync.Pool{New: func() any {
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(protocol.MaxReport+1), zstd.WithDecoderMaxWindow(protocol.MaxReport))
		if err != nil {
			return fmt.Errorf("make a zstd decoder: %w", err)
		}
		return decoder
	}}
	gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}
	buffers     = sync.Pool{New: func() any { return new(bytes.Buffer) }}
)

// Unpack gives the content of a body that is compressed as its
// Content-Encoding says. release must be called when the content is not
// needed any more. Faults: TooLarge, Invalid; ErrEncoding.
func Unpack(encoding string, body []byte) (content []byte, release func(), err error) {
	nothing := func() {}
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		if len(body) > protocol.MaxReport {
			return nil, nothing, fault.NewTooLarge(protocol.MaxReport)
		}
		return body, nothing, nil
	case "gzip":
		return unpackGzip(body)
	case "zstd":
		return unpackZstd(body)
	}
	return nil, nothing, ErrEncoding
}

func unpackZstd(body []byte) ([]byte, func(), error) {
	pooled := zstdDecoders.Get()
	decoder, is := pooled.(*zstd.Decoder)
	if !is {
		return nil, nil, fmt.Errorf("read a message: %v", pooled)
	}
	defer zstdDecoders.Put(decoder)
	into := buffer()
	content, err := decoder.DecodeAll(body, into.AvailableBuffer())
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded), len(content) > protocol.MaxReport:
		buffers.Put(into)
		return nil, nil, fault.NewTooLarge(protocol.MaxReport)
	case err != nil:
		buffers.Put(into)
		return nil, nil, broken()
	}
	return content, func() { giveBack(bytes.NewBuffer(content)) }, nil
}

func unpackGzip(body []byte) ([]byte, func(), error) {
	reader, is := gzipReaders.Get().(*gzip.Reader)
	if !is {
		reader = new(gzip.Reader)
	}
	defer gzipReaders.Put(reader)
	if err := reader.Reset(bytes.NewReader(body)); err != nil {
		return nil, nil, broken()
	}
	into := buffer()
	read, err := into.ReadFrom(io.LimitReader(reader, protocol.MaxReport+1))
	switch {
	case read > protocol.MaxReport:
		giveBack(into)
		return nil, nil, fault.NewTooLarge(protocol.MaxReport)
	case err != nil:
		giveBack(into)
		return nil, nil, broken()
	}
	return into.Bytes(), func() { giveBack(into) }, nil
}

// broken says that the body cannot be decompressed.
func broken() error {
	return fault.NewInvalid(fault.Field{Name: "body", Key: "fault.field.malformed"})
}

func buffer() *bytes.Buffer {
	one, is := buffers.Get().(*bytes.Buffer)
	if !is {
		one = new(bytes.Buffer)
	}
	one.Reset()
	return one
}

// giveBack keeps a buffer for the next report, unless it is far beyond the
// usual size.
func giveBack(one *bytes.Buffer) {
	if one.Cap() <= 1<<20 {
		buffers.Put(one)
	}
}
