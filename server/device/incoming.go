package device

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"slices"

	"holdfast/server/store"
	"holdfast/shared/report"
)

// Incoming is one report that was read and checked, ready to be stored.
type Incoming struct {
	Device     Key
	Credential []byte // hash of the credential that it came with
	Report     string // identifier, a UUID
	Agent      report.Agent
	Digest     string
	Parts      []Part
	Software   []Installation // in order of release; only when HasList
	HasList    bool           // whether the software section came with a list of titles
	Notes      []report.Note
}

// Part is one section of a report, checked.
type Part struct {
	Name    string
	Outcome report.Outcome
	Detail  string
	Took    int32 // milliseconds
	Hash    string
	Facts   json.RawMessage // an object; without the packages of the software section
	Section report.Section  // nil when this build does not know the section
}

// Installation is a release on a device.
type Installation struct {
	Release int32
	On      *int32 // days since 1970-01-01, where the device says so
}

// Stored is what became of one report.
type Stored struct {
	Refused bool     // the credential is not valid any more
	Twice   bool     // it was stored before
	Skip    []string // sections that the agent is not to collect
	Event   Event    // what it changed; zero when it was refused or stored before
}

// Reported is the topic under which the outbox tells of each report that
// changed something; its subject is the device's key and its payload an Event.
const Reported = "device.reported"

// Event tells other domains what a report changed.
type Event struct {
	Device   Key      `json:"device"`
	First    bool     `json:"first,omitempty"`    // the first report of the device
	Sections []string `json:"sections,omitempty"` // whose facts are others now
	Added    []int32  `json:"added,omitempty"`    // releases that are installed now; left out of a first report, where all are
	Removed  []int32  `json:"removed,omitempty"`  // releases that are not installed any more
}

// Changed reports whether anything did.
func (e Event) Changed() bool {
	return e.First || len(e.Sections) > 0 || e.Software()
}

// Software reports whether installations did.
func (e Event) Software() bool { return len(e.Added) > 0 || len(e.Removed) > 0 }

// UserSection is the section that says who uses a device, which a unit may
// wish not to know.
const UserSection = "user"

// Store writes reports, at most one of a device, in the transaction. Set by
// set: its statements are as many for one report as for all.
func Store(tx *store.Tx, reports []*Incoming) ([]Stored, error) {
	// Rows are locked and written in the order of devices, so that two
	// servers never wait for one another in a circle.
	order := make([]int, len(reports))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(reports[a].Device) - int(reports[b].Device) })

	if err := tx.ByIndex(); err != nil {
		return nil, err
	}
	states, err := load(tx, reports)
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	results, w := make([]Stored, len(reports)), &writes{now: tx.Now}
	for _, i := range order {
		in, s := reports[i], states[reports[i].Device]
		switch {
		case s == nil, s.revoked, subtle.ConstantTimeCompare(s.credential, in.Credential) != 1:
			results[i].Refused = true
			continue
		case s.private:
			results[i].Skip = []string{UserSection}
		}
		if s.twice {
			results[i].Twice = true
			continue
		}
		results[i].Event = s.take(in, w)
	}
	if err := w.nameSoftware(tx); err != nil {
		return nil, fmt.Errorf("read titles: %w", err)
	}
	if err := w.save(tx); err != nil {
		return nil, err
	}
	return results, nil
}
