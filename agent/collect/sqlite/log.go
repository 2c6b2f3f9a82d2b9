package sqlite

import (
	"encoding/binary"
	"fmt"

	"holdfast/agent/collect/window"
)

// indexLog finds the newest committed version of each page in a write-ahead
// log (fileformat2, section 4). An empty log, or one that was left by an
// earlier use, holds none.
func indexLog(log *window.Window, size int64, pageSize int) (map[uint32]int64, error) {
	const logHead, frameHead = 32, 24
	if size == 0 {
		return map[uint32]int64{}, nil
	}
	head, err := log.At(0, logHead)
	if err != nil {
		return nil, err
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch binary.BigEndian.Uint32(head) {
	case 0x377f0682:
	case 0x377f0683:
		order = binary.BigEndian
	default:
		return nil, fmt.Errorf("%w: it is no log", window.ErrDamaged)
	}
	if pages := binary.BigEndian.Uint32(head[8:]); int(pages) != pageSize {
		return nil, fmt.Errorf("%w: its pages have %d bytes", window.ErrDamaged, pages)
	}
	salts := [8]byte(head[16:24])
	sum := checksum{order: order}
	sum.add(head[:24])
	if !sum.is(head[24:]) {
		return map[uint32]int64{}, nil
	}
	committed := map[uint32]int64{}
	pending := map[uint32]int64{}
	for offset := int64(logHead); ; offset += frameHead + int64(pageSize) {
		frame, err := log.At(offset, frameHead)
		if err != nil || [8]byte(frame[8:16]) != salts {
			return committed, nil // the end, or what an earlier use left behind it
		}
		number, commit := binary.BigEndian.Uint32(frame), binary.BigEndian.Uint32(frame[4:])
		sum.add(frame[:8])
		want := [8]byte(frame[16:24])
		page, err := log.At(offset+frameHead, pageSize)
		if err != nil {
			return committed, nil // written in part only
		}
		if sum.add(page); !sum.is(want[:]) {
			return committed, nil
		}
		pending[number] = offset + frameHead
		if commit == 0 {
			continue
		}
		for number, at := range pending {
			committed[number] = at
		}
		clear(pending)
	}
}

// checksum is that of a write-ahead log, over pairs of 32-bit words.
type checksum struct {
	order binary.ByteOrder
	a, b  uint32
}

func (c *checksum) add(bytes []byte) {
	for ; len(bytes) >= 8; bytes = bytes[8:] {
		c.a += c.order.Uint32(bytes) + c.b
		c.b += c.order.Uint32(bytes[4:]) + c.a
	}
}

func (c *checksum) is(want []byte) bool {
	return c.a == binary.BigEndian.Uint32(want) && c.b == binary.BigEndian.Uint32(want[4:])
}
