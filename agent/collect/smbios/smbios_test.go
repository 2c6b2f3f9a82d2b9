package smbios_test

import (
	"testing"

	"holdfast/agent/collect/smbios"
)

// sample is a type 1 structure, one without strings, and the end.
func sample() []byte {
	raw := []byte{1, 27, 0x01, 0x00, 1, 2, 0, 3,
		0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 6, 0, 9}
	raw = append(raw, "Dell Inc.\x00 Latitude 5440\x01 \x00AB\xff12\x00\x00"...)
	raw = append(raw, 16, 5, 0x02, 0x00, 7, 0, 0)
	return append(raw, 127, 4, 0x03, 0x00, 0, 0)
}

func TestStructuresAndStringsAreRead(t *testing.T) {
	table := smbios.Parse(sample())
	if len(table) != 3 {
		t.Fatalf("%d structures, want 3", len(table))
	}
	system := table.First(1)
	for offset, want := range map[int]string{4: "Dell Inc.", 5: "Latitude 5440", 6: "", 7: "AB12", 26: "", 200: ""} {
		if got := system.Text(offset); got != want {
			t.Errorf("text at %d is %q, want %q", offset, got, want)
		}
	}
	if got, want := system.UUID(8), "00112233-4455-6677-8899-aabbccddeeff"; got != want {
		t.Errorf("UUID is %s, want %s", got, want)
	}
	if got := table.First(16).Byte(4); got != 7 {
		t.Errorf("byte is %d, want 7", got)
	}
	if got := table.First(17).Word(12); got != 0 {
		t.Errorf("word of a missing structure is %d, want 0", got)
	}
}

func TestUnsetUUIDIsLeftOut(t *testing.T) {
	for _, fill := range []byte{0x00, 0xff} {
		raw := []byte{1, 25, 0, 0, 0, 0, 0, 0}
		for range 16 {
			raw = append(raw, fill)
		}
		raw = append(raw, 0, 0, 0)
		if got := smbios.Parse(raw).First(1).UUID(8); got != "" {
			t.Errorf("UUID of %x bytes is %q, want none", fill, got)
		}
	}
}

func TestStructuresBeforeAFaultAreKept(t *testing.T) {
	raw := sample()
	if got := len(smbios.Parse(raw[:len(raw)-8])); got != 1 {
		t.Errorf("%d structures of a cut table, want 1", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample())
	f.Add([]byte{127, 4, 0, 0, 0, 0})
	f.Add([]byte{17, 255, 0, 0})
	f.Add([]byte{0, 4, 0, 0, 'a', 0, 'b', 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, one := range smbios.Parse(raw) {
			for offset := range 64 {
				one.Text(offset)
				one.Quad(offset)
				one.UUID(offset)
			}
		}
	})
}
