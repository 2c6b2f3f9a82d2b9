// Package protocol defines the messages between agent and server, over HTTP
// and JSON under /agent/v1/. Fields are only ever added.
//
//	POST /agent/v1/enrol    an enrolment key becomes a credential of the agent's own
//	POST /agent/v1/checkin  "I am here, and this is the digest of what I know"
//	POST /agent/v1/report   the sections that the server asked for
//
// A quiet device sends only its digest. When the digest changed since the last
// acknowledgement the check-in also carries the hash of every section, and the
// server answers which of them it wants. A server that does not know the
// digest answers Resend, and the agent checks in again with the hashes.
//
// Requests may be compressed with gzip or zstd (Content-Encoding). Everything
// but enrolment carries "Authorization: Bearer CREDENTIAL". Errors are RFC
// 9457 problem details. 429 and 503 carry Retry-After. Any 2xx answer means
// that what was sent is committed.
//
// History of the protocol number:
//
//	1  2026-11-21  first
package protocol

import (
	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// Version is the number of the protocol that this build speaks.
const Version = 1

// The paths of the agent protocol.
const (
	EnrolPath   = "/agent/v1/enrol"
	CheckinPath = "/agent/v1/checkin"
	ReportPath  = "/agent/v1/report"
)

// MaxReport is the largest report that a server takes, in bytes after
// decompression. A full report of 3,000 titles has about 400 kB.
const MaxReport = 8 << 20

// Enrol asks for a credential.
type Enrol struct {
	Protocol int               `json:"protocol"`
	Key      string            `json:"key"` // enrolment key, as "holdfast enrolment create" prints it
	Agent    report.Agent      `json:"agent"`
	Hostname string            `json:"hostname,omitempty"`
	Evidence identify.Evidence `json:"evidence"`

	// Credential is the one that the agent had until now, if any: it is the
	// best evidence of which device this is.
	Credential string `json:"credential,omitempty"`
}

// Enrolled answers Enrol.
type Enrolled struct {
	Device     string `json:"device"`     // identifier of the device, for people and logs
	Credential string `json:"credential"` // secret; shown this once
	Next       int    `json:"next"`       // seconds until the next check-in
}

// Checkin says that the agent is there.
type Checkin struct {
	Digest   string            `json:"digest"`
	Sections map[string]string `json:"sections,omitempty"` // section name to hash; only when the digest is new
}

// CheckedIn answers Checkin.
type CheckedIn struct {
	Next   int      `json:"next"`             // seconds until the next check-in
	Want   []string `json:"want,omitempty"`   // sections to report
	Resend bool     `json:"resend,omitempty"` // check in again with Sections filled
	Skip   []string `json:"skip,omitempty"`   // sections not to collect on this device, such as "user"
}

// Reported acknowledges a report: it is committed.
type Reported struct {
	Next  int      `json:"next"`
	Notes []Note   `json:"notes,omitempty"` // values that were not stored, and why
	Skip  []string `json:"skip,omitempty"`  // as in CheckedIn; empty leaves what that said
}

// Note says why one value of a report was not stored. The rest was.
type Note = report.Note
