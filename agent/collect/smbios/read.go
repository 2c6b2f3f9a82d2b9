package smbios

import (
	"errors"
	"fmt"
	"io/fs"

	"holdfast/agent/host"
	"holdfast/shared/identify"
)

// Read reads the table of a Linux machine. A machine whose firmware gives
// none, such as an ARM board, has an empty table.
func Read(h host.Host) (Table, error) {
	raw, err := h.ReadFile("/sys/firmware/dmi/tables/DMI")
	if errors.Is(err, fs.ErrNotExist) {
		return Table{}, nil
	}
	if err != nil {
		return Table{}, fmt.Errorf("read the SMBIOS table: %w", err)
	}
	return Parse(raw), nil
}

// Fact gives the string that the byte at offset names, or "" when it is one
// of the words that firmware makers leave in unset fields.
func (s Structure) Fact(offset int) string {
	if text := s.Text(offset); !identify.Placeholder(text) {
		return text
	}
	return ""
}
