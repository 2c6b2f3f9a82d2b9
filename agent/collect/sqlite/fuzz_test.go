package sqlite

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"testing"

	"holdfast/agent/collect/window"
	"holdfast/agent/host/hosttest"
)

// packages is rpm's database of a captured machine of package software.
func packages(t testing.TB, machine, path string) []byte {
	t.Helper()
	content, err := hosttest.Open(t, "../software/testdata/"+machine+".txtar").ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// memory is a file that is not on disk.
func memory(content []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))
}

// take looks at all that a row has.
func take(row []Value) error {
	for _, value := range row {
		_, _, _ = value.Bytes(), value.Text(), value.Number()
	}
	return nil
}

func FuzzWalk(f *testing.F) {
	f.Add(packages(f, "fedora", "/usr/lib/sysimage/rpm/rpmdb.sqlite"), []byte{})
	f.Add(packages(f, "debian", "/var/lib/rpm/rpmdb.sqlite"), []byte{})
	f.Fuzz(func(t *testing.T, content, log []byte) {
		err := walk(memory(content), memory(log), "Packages", take)
		if err == nil && len(content) < 512 {
			t.Error("less than a page was a database")
		}
	})
}

func FuzzWriteAheadLog(f *testing.F) {
	head, err := hex.DecodeString("377f0682002de218000010000000000000000001" + "0000000200000003")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(head, 4096)
	f.Fuzz(func(t *testing.T, log []byte, pageSize int) {
		if pageSize < 512 || pageSize > 65536 {
			return
		}
		pages, _ := indexLog(window.New(memory(log)), int64(len(log)), pageSize)
		for number, offset := range pages {
			if offset < 0 || offset+int64(pageSize) > int64(len(log)) {
				t.Errorf("page %d at byte %d of %d", number, offset, len(log))
			}
		}
	})
}

// A tree of pages that leads back to its own root must end, and soon.
func TestDatabaseWhosePagesRunInCirclesIsDamaged(t *testing.T) {
	content := packages(t, "fedora", "/usr/lib/sysimage/rpm/rpmdb.sqlite")
	const pageSize = 4096
	for page := pageSize; page < len(content); page += pageSize {
		if content[page] == 13 { // each leaf becomes an inner page with links to page 2
			content[page] = 5
			copy(content[page+8:], []byte{0, 0, 0, 2})
		}
	}
	err := walk(memory(content), nil, "Packages", take)
	if !errors.Is(err, window.ErrDamaged) {
		t.Errorf("error %v, want %v", err, window.ErrDamaged)
	}
}
