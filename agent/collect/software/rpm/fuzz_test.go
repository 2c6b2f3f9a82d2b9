package rpm

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"holdfast/agent/collect/window"
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

func TestDatabaseThatIsCutShortGivesWhatItHas(t *testing.T) {
	content := database(t, "suse", "/usr/lib/sysimage/rpm/Packages.db")
	seen := 0
	err := walkNDB(memory(content[:len(content)-5000]), func([]byte) error { seen++; return nil })
	if !errors.Is(err, window.ErrDamaged) || seen == 0 {
		t.Errorf("%d packages and error %v", seen, err)
	}
}
