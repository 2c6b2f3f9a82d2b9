package deliver

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	"holdfast/shared/protocol"
)

// pack compresses with zstd. The encoder is made anew each time: reports are
// rare, and an encoder that is kept holds megabytes while the agent rests.
func pack(content []byte) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	packed := encoder.EncodeAll(content, nil)
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return packed, nil
}

// unpack gives back what pack was given, or an error when a bit is wrong: a
// zstd frame carries a checksum.
func unpack(packed []byte) ([]byte, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(2*protocol.MaxReport))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	defer decoder.Close()
	content, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return content, nil
}
