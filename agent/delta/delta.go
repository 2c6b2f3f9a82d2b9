// Package delta knows what the server has acknowledged, and so what changed
// since. It is small on purpose: hashes only, no facts.
//
// The state goes forward only after an acknowledgement. A peer's agent writes
// it before it sends, and a report that the server loses leaves a hole for
// days. A section that is no longer collected counts as a change, because the
// digest covers the names of the sections too.
package delta

import (
	"errors"
	"fmt"
	"io/fs"

	"holdfast/agent/durable"
	"holdfast/shared/report"
)

// State is the fingerprint of a device at one moment. The zero State is that
// of a device of which nothing is known.
type State struct {
	Digest   string            `json:"digest"`
	Sections map[string]string `json:"sections"` // section name to hash
}

// Of is the state that the parts of all sections make.
func Of(parts []report.Part) State {
	state := State{Digest: report.StateDigest(parts), Sections: make(map[string]string, len(parts))}
	for _, part := range parts {
		state.Sections[part.Name] = part.Hash
	}
	return state
}

// Changed gives the parts that state does not hold, in their order.
func (s State) Changed(parts []report.Part) []report.Part {
	changed := []report.Part{}
	for _, part := range parts {
		if hash, known := s.Sections[part.Name]; !known || hash != part.Hash {
			changed = append(changed, part)
		}
	}
	return changed
}

// Load reads the state in the file at path. A file that cannot be read, as
// after a disk fault, gives the zero State beside the error: everything is
// sent again, which costs an upload and loses nothing.
func Load(path string) (State, error) {
	var state State
	err := durable.ReadJSON(path, &state)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return State{}, nil
	case err != nil:
		return State{}, fmt.Errorf("read what the server has acknowledged: %w", err)
	}
	return state, nil
}

// Save writes the state to the file at path.
func (s State) Save(path string) error {
	if err := durable.WriteJSON(path, s); err != nil {
		return fmt.Errorf("keep what the server has acknowledged: %w", err)
	}
	return nil
}

// Forget removes the file at path: the server knows nothing of this device.
func Forget(path string) error {
	if err := durable.Remove(path); err != nil {
		return fmt.Errorf("forget what the server has acknowledged: %w", err)
	}
	return nil
}
