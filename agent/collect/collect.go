// Package collect runs the collectors of an agent. A collector answers one
// question about the machine, through a host, and gives one section of the
// report; the packages below this one are the collectors, one a section, and
// package roster lists them.
//
// Run gives each collector a deadline, recovers its panics, records how it
// ended and how long it took, and never lets one stop the rest.
package collect

import (
	"context"
	"errors"
	"time"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// ErrAbsent is returned by a collector when the machine has nothing of the
// kind, which is no failure: a desktop has no battery.
var ErrAbsent = errors.New("the machine has none")

// Collector answers one question about the machine.
type Collector interface {
	// Section names the section that Collect gives, such as "battery".
	Section() string
	// Collect reads the facts. It returns ErrAbsent where there is nothing of
	// the kind. An error that is fs.ErrPermission counts as denied, one that
	// is context.DeadlineExceeded as timed out, any other as failed; facts
	// returned beside an error are reported with it.
	Collect(ctx context.Context, h host.Host) (report.Section, error)
}

// Deadline is how long one collector may take before it is given up.
const Deadline = 20 * time.Second
