package monitor

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

func FuzzDecode(f *testing.F) {
	block := append([]byte{0, 255, 255, 255, 255, 255, 255, 0, 0x10, 0xac, 0xc7, 0xa1, 0x39, 0x32, 0x33, 0x4c, 23, 33, 1, 4, 0xb5, 53, 30},
		make([]byte, 105)...)
	f.Add(block)
	copy(block[54:], "\x02\x3a\x80\x18\x71\x38\x2d\x40\x58\x2c\x45\x00\x0f\x28\x21\x00\x00\x1e")
	copy(block[72:], "\x00\x00\x00\xff\x007G4K2X3\n     ")
	copy(block[90:], "\x00\x00\x00\xfc\x00DELL P2422H\n ")
	f.Add(bytes.Clone(block))
	f.Add(bytes.Repeat([]byte{0xff}, 128))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, edid []byte) {
		screen, err := decode(edid)
		if err != nil {
			return
		}
		if !utf8.ValidString(screen.Maker + screen.Model + screen.Serial) {
			t.Errorf("a name is not text: %+v", screen)
		}
		if screen.WidthMM < 0 || screen.Week < 0 || screen.Week > 54 || screen.Year < 0 || screen.Year > 2245 {
			t.Errorf("a number is out of range: %+v", screen)
		}
	})
}
