package rpm

import (
	"encoding/binary"
	"fmt"
	"io"

	"holdfast/agent/collect/window"
)

// walkNDB walks rpm's own "new database" (rpm's lib/backend/ndb/rpmpkg.c, in
// little endian): it goes over the slots at the start of the file. Each slot
// in use says in which blocks of 16 bytes a header lies.
func walkNDB(file *io.SectionReader, visit func([]byte) error) error {
	const (
		pageSize, slotSize, blockSize = 4096, 16, 16
		blobHead, blobTail            = 16, 12
		fileMagic                     = 'R' | 'p'<<8 | 'm'<<16 | 'P'<<24
		slotMagic                     = 'S' | 'l'<<8 | 'o'<<16 | 't'<<24
		blobMagic                     = 'B' | 'l'<<8 | 'b'<<16 | 'S'<<24
		maxSlotPages                  = 1 << 14 // four million packages
	)
	slots, blobs := window.New(file), window.New(file)
	head, err := slots.At(0, 2*slotSize)
	if err != nil {
		return err
	}
	version, slotPages := binary.LittleEndian.Uint32(head[4:]), binary.LittleEndian.Uint32(head[12:])
	if binary.LittleEndian.Uint32(head) != fileMagic || version != 0 || slotPages > maxSlotPages {
		return fmt.Errorf("%w: it is not ndb version 0", window.ErrDamaged)
	}
	var header []byte
	for offset := int64(2 * slotSize); offset < int64(slotPages)*pageSize; offset += slotSize {
		slot, err := slots.At(offset, slotSize)
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint32(slot) != slotMagic {
			return fmt.Errorf("%w: no slot at byte %d", window.ErrDamaged, offset)
		}
		number := binary.LittleEndian.Uint32(slot[4:])
		block, blocks := binary.LittleEndian.Uint32(slot[8:]), binary.LittleEndian.Uint32(slot[12:])
		if block == 0 {
			continue // not in use
		}
		start := int64(block) * blockSize
		blob, err := blobs.At(start, blobHead)
		if err != nil {
			return err
		}
		size := int64(binary.LittleEndian.Uint32(blob[12:]))
		if binary.LittleEndian.Uint32(blob) != blobMagic || binary.LittleEndian.Uint32(blob[4:]) != number ||
			size > maxHeader || blobHead+size+blobTail > int64(blocks)*blockSize {
			return fmt.Errorf("%w: package %d is not where it should be", window.ErrDamaged, number)
		}
		if header, err = blobs.AppendTo(header[:0], start+blobHead, int(size)); err != nil {
			return err
		}
		if err := visit(header); err != nil {
			return err
		}
	}
	return nil
}
