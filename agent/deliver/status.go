package deliver

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"holdfast/agent/durable"
	"holdfast/shared/report"
)

// Status is how the agent stands, for the person who asks it. It holds no
// secrets.
type Status struct {
	Version   string          `json:"version"` // of the agent
	Server    string          `json:"server,omitempty"`
	Device    string          `json:"device,omitempty"`    // identifier that the server gave; empty before enrolment
	ReachedAt time.Time       `json:"reached_at,omitzero"` // when the server last acknowledged something
	TriedAt   time.Time       `json:"tried_at,omitzero"`
	Failure   string          `json:"failure,omitempty"` // why the last attempt failed; empty when it did not
	NextIn    int             `json:"next_in"`           // seconds between check-ins
	NextAt    time.Time       `json:"next_at,omitzero"`
	Skip      []string        `json:"skip,omitempty"` // sections that the server does not want collected
	Spool     SpoolStatus     `json:"spool"`
	TakenAt   time.Time       `json:"taken_at,omitzero"` // when facts were last collected
	Sections  []SectionStatus `json:"sections,omitempty"`
	Notes     []report.Note   `json:"notes,omitempty"` // values of the last report that the server did not store
}

// SpoolStatus is what waits for the server, and what was lost while waiting.
type SpoolStatus struct {
	Reports int    `json:"reports"`
	Bytes   int64  `json:"bytes"`
	Dropped int    `json:"dropped,omitempty"` // too many waited
	Torn    int    `json:"torn,omitempty"`    // found broken on the disk
	Refused int    `json:"refused,omitempty"` // the server would not have them
	Trouble string `json:"trouble,omitempty"` // why reports cannot be spooled
}

// SectionStatus is how one section was last collected.
type SectionStatus struct {
	Name    string         `json:"name"`
	Outcome report.Outcome `json:"outcome"`
	Detail  string         `json:"detail,omitempty"`
	TookMS  int64          `json:"took_ms"`
}

// Healthy reports whether the server was reached within the last two
// intervals, with room for the scatter of the schedule and a slow network.
func (s Status) Healthy(now time.Time) bool {
	allowed := 2*s.interval() + s.interval()/4 + time.Minute
	return !s.ReachedAt.IsZero() && now.Sub(s.ReachedAt) <= allowed
}

// usual is the interval until the server names one.
const usual = 15 * time.Minute

func (s Status) interval() time.Duration {
	if s.NextIn <= 0 {
		return usual
	}
	return time.Duration(min(s.NextIn, 24*60*60)) * time.Second
}

const (
	statusFile = "status.json"
	stateFile  = "state.json"
	secretFile = "credential.json"
	spoolDir   = "spool"
)

// ReadStatus reads how the agent in a state folder stands, whether it runs or
// not. It gives fs.ErrNotExist when no agent has run there.
func ReadStatus(folder string) (Status, error) {
	var status Status
	if err := durable.ReadJSON(filepath.Join(folder, statusFile), &status); err != nil {
		return Status{}, fmt.Errorf("read status: %w", err)
	}
	files, err := listSpool(filepath.Join(folder, spoolDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Status{}, err
	}
	waiting := spool{files: files}
	status.Spool.Reports, status.Spool.Bytes = len(files), waiting.bytes()
	return status, nil
}
