package monitor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"holdfast/shared/identify"
	"holdfast/shared/report"
)

var errNoEDID = errors.New("not an EDID block")

// decode reads what a screen says of itself: the first block of its EDID
// (VESA E-EDID 1.4, section 3). The sum of the block is not checked: adapters
// and docks that change a byte forget it, and the names are right all the same.
func decode(edid []byte) (report.Screen, error) {
	header := []byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0}
	const size = 128
	if len(edid) < size || !bytes.Equal(edid[:8], header) {
		return report.Screen{}, errNoEDID
	}
	code := makerCode(binary.BigEndian.Uint16(edid[8:]))
	screen := report.Screen{
		Maker:    maker(code),
		Model:    fmt.Sprintf("%s%04X", code, binary.LittleEndian.Uint16(edid[10:])),
		WidthMM:  int(edid[21]) * 10,
		HeightMM: int(edid[22]) * 10,
	}
	if screen.WidthMM == 0 || screen.HeightMM == 0 { // a projector, or an aspect ratio
		screen.WidthMM, screen.HeightMM = 0, 0
	}
	const firstYear, isModelYear = 1990, 0xff
	if edid[17] != 0 {
		screen.Year = firstYear + int(edid[17])
		if week := int(edid[16]); week <= 54 && edid[16] != isModelYear {
			screen.Week = week
		}
	}
	// Makers who leave the number unset fill it with 0 or the same byte; all
	// televisions of Samsung have 01000e00.
	number := binary.LittleEndian.Uint32(edid[12:])
	if number != 0 && number != 0x01010101 && number != 0x01000e00 && number != 0xffffffff {
		screen.Serial = strconv.FormatUint(uint64(number), 10)
	}
	descriptors(edid[54:126], &screen)
	return screen, nil
}

// descriptors reads the four descriptors of 18 bytes: a timing, which tells
// the size of the picture more exactly, or a text.
func descriptors(block []byte, screen *report.Screen) {
	const (
		textSerial = 0xff
		textName   = 0xfc
		textOther  = 0xfe
	)
	named := false
	for len(block) >= 18 {
		one := block[:18]
		block = block[18:]
		if one[0] != 0 || one[1] != 0 {
			timing(one, screen)
			continue
		}
		text := descriptorText(one[5:])
		if one[2] != 0 || identify.Placeholder(text) {
			continue
		}
		switch kind := one[3]; {
		case kind == textSerial:
			screen.Serial = text
		case kind == textName:
			screen.Model, named = text, true
		case kind == textOther && !named && strings.ContainsAny(text, "0123456789"):
			screen.Model = text // panels of laptops put their part number here
		}
	}
}

// timing takes the size of the picture in millimetres, unless it is an aspect
// ratio such as 16:9, or disagrees with the centimetres by more than rounding.
func timing(descriptor []byte, screen *report.Screen) {
	width := int(descriptor[12]) | int(descriptor[14]&0xf0)<<4
	height := int(descriptor[13]) | int(descriptor[14]&0x0f)<<8
	near := func(exact, rounded int) bool { return exact-rounded <= 10 && rounded-exact <= 10 }
	if width > 50 && height > 50 && near(width, screen.WidthMM) && near(height, screen.HeightMM) {
		screen.WidthMM, screen.HeightMM = width, height
	}
}

// descriptorText reads a text of at most 13 characters, ended by a line feed
// and filled with space.
func descriptorText(raw []byte) string {
	if end := bytes.IndexByte(raw, '\n'); end >= 0 {
		raw = raw[:end]
	}
	printable := bytes.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, raw)
	return strings.TrimSpace(string(printable))
}

// makerCode unpacks three letters of five bits each.
func makerCode(packed uint16) string {
	code := make([]byte, 3)
	for i, shift := range []int{10, 5, 0} {
		letter := byte(packed>>shift) & 0x1f
		if letter < 1 || letter > 26 {
			return ""
		}
		code[i] = 'A' + letter - 1
	}
	return string(code)
}
