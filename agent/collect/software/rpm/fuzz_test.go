package rpm

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/agent/host/hosttest"
)

// database unpacks a database out of the captured machines of package
// software.
func database(t testing.TB, machine, path string) []byte {
	t.Helper()
	h := hosttest.Open(t, filepath.Join("../testdata", machine+".txtar"))
	content, err := h.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// memory is a file that is not on disk.
func memory(content []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))
}

// parse is what the walkers are given to visit.
func parse(header []byte) error {
	_, err := parseHeader(header, time.UTC)
	return err
}

func FuzzHeader(f *testing.F) {
	err := walkNDB(memory(database(f, "suse", "/usr/lib/sysimage/rpm/Packages.db")), func(header []byte) error {
		f.Add(bytes.Clone(header))
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header []byte) {
		p, err := parseHeader(header, time.UTC)
		if err == nil && (p.Title == "" || p.Version == "" || p.SizeBytes < 0) {
			t.Errorf("a package without name, version or sense: %+v", p)
		}
		if p.InstalledOn != "" && p.InstalledOn.Check() != nil {
			t.Errorf("installed on %q", p.InstalledOn)
		}
	})
}

func FuzzSQLite(f *testing.F) {
	f.Add(database(f, "fedora", "/usr/lib/sysimage/rpm/rpmdb.sqlite"), []byte{})
	f.Add(database(f, "debian", "/var/lib/rpm/rpmdb.sqlite"), []byte{})
	f.Fuzz(func(t *testing.T, content, log []byte) {
		err := walkSQLite(memory(content), memory(log), parse)
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
		pages, _ := indexLog(newWindow(memory(log)), pageSize)
		for number, offset := range pages {
			if offset < 0 || offset+int64(pageSize) > int64(len(log)) {
				t.Errorf("page %d at byte %d of %d", number, offset, len(log))
			}
		}
	})
}

func FuzzNDB(f *testing.F) {
	f.Add(database(f, "suse", "/usr/lib/sysimage/rpm/Packages.db"))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_ = walkNDB(memory(content), parse) // must not panic, hang or grow
	})
}

func FuzzBerkeley(f *testing.F) {
	f.Add(database(f, "centos7", "/var/lib/rpm/Packages"))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_ = walkBerkeley(memory(content), parse) // must not panic, hang or grow
	})
}

// A tree of pages that leads back to its own root must end, and soon.
func TestDatabaseWhosePagesRunInCirclesIsDamaged(t *testing.T) {
	content := database(t, "fedora", "/usr/lib/sysimage/rpm/rpmdb.sqlite")
	const pageSize = 4096
	for page := pageSize; page < len(content); page += pageSize {
		if content[page] == 13 { // each leaf becomes an inner page with links to page 2
			content[page] = 5
			copy(content[page+8:], []byte{0, 0, 0, 2})
		}
	}
	err := walkSQLite(memory(content), nil, parse)
	if !errors.Is(err, errDamaged) {
		t.Errorf("error %v, want %v", err, errDamaged)
	}
}

func TestDatabaseThatIsCutShortGivesWhatItHas(t *testing.T) {
	content := database(t, "suse", "/usr/lib/sysimage/rpm/Packages.db")
	seen := 0
	err := walkNDB(memory(content[:len(content)-5000]), func([]byte) error { seen++; return nil })
	if !errors.Is(err, errDamaged) || seen == 0 {
		t.Errorf("%d packages and error %v", seen, err)
	}
}

func BenchmarkSQLite(b *testing.B) {
	root := b.TempDir()
	path := filepath.Join(root, "rpmdb.sqlite")
	if err := os.WriteFile(path, database(b, "fedora", "/usr/lib/sysimage/rpm/rpmdb.sqlite"), 0o644); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		whole, err := section(file)
		if err != nil {
			b.Fatal(err)
		}
		if err := walkSQLite(whole, nil, parse); err != nil {
			b.Fatal(err)
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
