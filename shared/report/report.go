// Package report defines what an agent tells the server about its device: a
// report made of sections, and the specification of every fact in them.
//
// Each section is one file here: a Go struct whose fields are the facts. The
// field tags are the specification (see Spec); the reference documentation,
// the field checks of the server and the digest of the agent all derive from
// them, so that they cannot drift apart.
//
// The rules of the format:
//   - fields are only ever added; a field that is not known is kept, not refused
//   - a missing field means "not known", never "empty": it erases nothing
//   - sizes are bytes, times are RFC 3339 in UTC, dates are YYYY-MM-DD
package report

import (
	"encoding/json"
	"time"
)

// Outcome says how the collection of a section ended.
type Outcome string

// The outcomes. Facts may come with any of them but Absent; with anything but
// OK they are what could be read, and what is missing is not known.
const (
	OK       Outcome = "ok"        // read in full
	Absent   Outcome = "absent"    // the machine has no such thing
	Denied   Outcome = "denied"    // the agent lacks the right to read it
	Failed   Outcome = "failed"    // reading it went wrong
	TimedOut Outcome = "timed_out" // reading it took longer than its deadline
)

// Outcomes lists every outcome there is.
func Outcomes() []Outcome { return []Outcome{OK, Absent, Denied, Failed, TimedOut} }

// Section is one group of facts, such as *Memory. Implementations are the
// structs of this package and marshal to a JSON object.
type Section interface {
	// Name is the section's name on the wire, such as "memory".
	Name() string
}

// Report is one message from an agent: the sections that the server wants.
type Report struct {
	ID       string    `json:"id"`       // UUIDv7; the same report sent twice is stored once
	TakenAt  time.Time `json:"taken_at"` // when collection ended, by the device's clock
	Agent    Agent     `json:"agent"`
	Digest   string    `json:"digest"` // of all sections of the device, sent now or not; see StateDigest
	Sections []Part    `json:"sections"`
}

// Agent names the program that reports.
type Agent struct {
	Version string `json:"version"`
	OS      string `json:"os"`   // linux, windows or darwin
	Arch    string `json:"arch"` // amd64 or arm64, as Go names them
}

// Part is one section as it travels in a report.
type Part struct {
	Name    string          `json:"name"`
	Outcome Outcome         `json:"outcome"`
	Detail  string          `json:"detail,omitempty"`  // why the outcome is not OK, for a person
	TookMS  int64           `json:"took_ms,omitempty"` // collection time in milliseconds
	Hash    string          `json:"hash"`              // of outcome and facts; opaque to the server
	Facts   json.RawMessage `json:"facts,omitempty"`
}

// All returns an empty value of every section, in the order in which people
// read them.
func All() []Section {
	return []Section{
		&System{}, &OS{}, &CPU{}, &Memory{}, &Storage{}, &Network{}, &Graphics{}, &Monitor{},
		&USB{}, &Printer{}, &Battery{}, &User{}, &Software{}, &Security{}, &Update{},
	}
}
