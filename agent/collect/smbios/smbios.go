// Package smbios reads the table in which a PC's firmware describes the
// machine (DMTF DSP0134). It knows structures, strings and numbers; what they
// mean is for the collectors that use it.
package smbios

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Table is the structures of a table, in order.
type Table []Structure

// Structure is one structure: what it is, its formatted area from the type
// byte on, and its strings.
type Structure struct {
	Type    byte
	Handle  uint16
	area    []byte
	strings []string
}

const (
	headerSize = 4
	endOfTable = 127
)

// Parse cuts a raw table, as /sys/firmware/dmi/tables/DMI holds it, into its
// structures. Firmware gets tables wrong, so it gives what comes before the
// first fault and says nothing of the rest.
func Parse(raw []byte) Table {
	var table Table
	for len(raw) >= headerSize {
		size := int(raw[1])
		if size < headerSize || size > len(raw) {
			break
		}
		one := Structure{Type: raw[0], Handle: binary.LittleEndian.Uint16(raw[2:]), area: raw[:size]}
		raw = raw[size:]
		// The strings follow, each ended by a zero byte, all ended by another;
		// a structure without strings has the two zero bytes alone.
		end := bytes.Index(raw, []byte{0, 0})
		if end < 0 {
			break
		}
		if end > 0 {
			for text := range bytes.SplitSeq(raw[:end], []byte{0}) {
				one.strings = append(one.strings, clean(text))
			}
		}
		raw = raw[end+2:]
		table = append(table, one)
		if one.Type == endOfTable {
			break
		}
	}
	return table
}

// First gives the first structure of a type; an empty one, whose every value
// is unknown, when there is none.
func (t Table) First(kind byte) Structure {
	for _, one := range t {
		if one.Type == kind {
			return one
		}
	}
	return Structure{Type: kind}
}

// Text gives the string that the byte at offset names, without space at its
// ends, or "".
func (s Structure) Text(offset int) string {
	if number := int(s.Byte(offset)); number > 0 && number <= len(s.strings) {
		return s.strings[number-1]
	}
	return ""
}

// Has reports whether the structure, which older firmware gives shorter, has
// size bytes at offset.
func (s Structure) Has(offset, size int) bool { return offset+size <= len(s.area) }

// Byte gives the byte at offset, or 0 when the structure ends before it.
func (s Structure) Byte(offset int) byte {
	if !s.Has(offset, 1) {
		return 0
	}
	return s.area[offset]
}

// Word gives the 16 bits at offset, or 0.
func (s Structure) Word(offset int) uint16 {
	if !s.Has(offset, 2) {
		return 0
	}
	return binary.LittleEndian.Uint16(s.area[offset:])
}

// Double gives the 32 bits at offset, or 0.
func (s Structure) Double(offset int) uint32 {
	if !s.Has(offset, 4) {
		return 0
	}
	return binary.LittleEndian.Uint32(s.area[offset:])
}

// Quad gives the 64 bits at offset, or 0.
func (s Structure) Quad(offset int) uint64 {
	if !s.Has(offset, 8) {
		return 0
	}
	return binary.LittleEndian.Uint64(s.area[offset:])
}

// UUID gives the UUID at offset in lower case, or "" when it is not set: all
// zeros and all ones mean that by the standard. The first three groups are
// stored backwards since SMBIOS 2.6, and every system shows them so for older
// firmware too.
func (s Structure) UUID(offset int) string {
	if !s.Has(offset, 16) {
		return ""
	}
	raw := s.area[offset : offset+16]
	if bytes.Equal(raw, make([]byte, 16)) || bytes.Equal(raw, bytes.Repeat([]byte{0xff}, 16)) {
		return ""
	}
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint16(raw[4:]),
		binary.LittleEndian.Uint16(raw[6:]), raw[8:10], raw[10:])
}

// clean makes a firmware string fit to show: valid, without control
// characters, without space at its ends.
func clean(raw []byte) string {
	text := strings.ToValidUTF8(string(raw), "")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}
