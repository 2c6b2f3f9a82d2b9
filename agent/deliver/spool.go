package deliver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"holdfast/agent/delta"
	"holdfast/agent/durable"
	"holdfast/shared/report"
)

// The bounds of a spool. It covers weeks without a server: a report is only
// spooled when something changed, and has few sections then.
const (
	MaxSpooled      = 50
	MaxSpooledBytes = 16 << 20
)

// entry is a report that waits in the spool.
type entry struct {
	Report report.Report `json:"report"`
	State  delta.State   `json:"state"` // what is acknowledged with it
}

// spool keeps reports in a folder until the server has them, one file each,
// oldest first. A file appears whole or not at all. When the spool is full
// the oldest report goes: the server gets what it needs of it with the newest
// one, because that is preceded by the hashes of all sections; what is lost
// is a step of the history.
type spool struct {
	folder  string
	files   []spooled   // oldest first
	newest  delta.State // of the last file
	dropped int         // reports that had to go since the spool was opened
	torn    int         // files that could not be read since then
}

type spooled struct {
	name string
	size int64
}

// ending is that of the files of a spool. Their names are a number and the
// identifier of the report. The number keeps the order even when the clock of
// the device is set back.
const ending = ".report"

// errTorn means that a file holds no report.
var errTorn = errors.New("the spooled report is broken")

// openSpool opens the spool in folder, which is made when there is none, and
// removes what a disk fault broke at its end.
func openSpool(folder string) (*spool, error) {
	if err := durable.MakeFolder(folder); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	if err := durable.Sweep(folder); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	files, err := listSpool(folder)
	if err != nil {
		return nil, err
	}
	s := &spool{folder: folder, files: files}
	for len(s.files) > 0 {
		last := len(s.files) - 1
		kept, err := s.read(last)
		if err == nil {
			s.newest = kept.State
			break
		}
		if err := s.tear(last, err); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func listSpool(folder string) ([]spooled, error) {
	entries, err := os.ReadDir(folder) // in the order of names
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list spool: %w", err)
	}
	var files []spooled
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ending) {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return nil, fmt.Errorf("list spool: %w", err)
		}
		files = append(files, spooled{entry.Name(), info.Size()})
	}
	return files, nil
}

// add puts a report at the end. When it returns nil the report is on the disk.
func (s *spool) add(fresh entry) error {
	content, err := json.Marshal(fresh)
	if err != nil {
		return fmt.Errorf("spool report: %w", err)
	}
	packed, err := pack(content)
	if err != nil {
		return fmt.Errorf("spool report: %w", err)
	}
	name := fmt.Sprintf("%08d-%s%s", s.nextNumber(), fresh.Report.ID, ending)
	if err := durable.WriteFile(filepath.Join(s.folder, name), packed); err != nil {
		return fmt.Errorf("spool report: %w", err)
	}
	s.files = append(s.files, spooled{name, int64(len(packed))})
	s.newest = fresh.State
	for len(s.files) > 1 && (len(s.files) > MaxSpooled || s.bytes() > MaxSpooledBytes) {
		if err := s.discard(0); err != nil {
			return err
		}
		s.dropped++
	}
	return nil
}

func (s *spool) nextNumber() int {
	number := 0
	if len(s.files) > 0 {
		// A name of another form counts as 0, which is before all others.
		_, _ = fmt.Sscanf(s.files[len(s.files)-1].name, "%d-", &number)
	}
	return number + 1
}

// oldest gives the first report that can be read. It gives fs.ErrNotExist
// when the spool is empty.
func (s *spool) oldest() (entry, error) {
	for len(s.files) > 0 {
		kept, err := s.read(0)
		if err == nil {
			return kept, nil
		}
		if err := s.tear(0, err); err != nil {
			return entry{}, err
		}
	}
	return entry{}, fs.ErrNotExist
}

// remove takes the oldest report out.
func (s *spool) remove() error { return s.discard(0) }

func (s *spool) read(at int) (entry, error) {
	var kept entry
	packed, err := os.ReadFile(filepath.Join(s.folder, s.files[at].name))
	if err != nil {
		return entry{}, fmt.Errorf("read spooled report: %w", err)
	}
	content, err := unpack(packed)
	if err == nil {
		err = json.Unmarshal(content, &kept)
	}
	if err != nil {
		return entry{}, fmt.Errorf("%w: %w", errTorn, err)
	}
	return kept, nil
}

// tear removes a file whose content is broken, and counts it. Any other
// trouble with reading it is handed back: the report may be there tomorrow.
func (s *spool) tear(at int, err error) error {
	if !errors.Is(err, errTorn) {
		return err
	}
	s.torn++
	return s.discard(at)
}

func (s *spool) discard(at int) error {
	if err := durable.Remove(filepath.Join(s.folder, s.files[at].name)); err != nil {
		return fmt.Errorf("remove spooled report: %w", err)
	}
	s.files = slices.Delete(s.files, at, at+1)
	return nil
}

func (s *spool) bytes() int64 {
	var sum int64
	for _, file := range s.files {
		sum += file.size
	}
	return sum
}
