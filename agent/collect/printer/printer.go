// Package printer reports the print queues of CUPS, from its own files: asking
// it would start a program and, where it is started on demand, CUPS itself.
package printer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"holdfast/agent/collect"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Printer collects the printer section.
type Printer struct{}

// New returns the collector.
func New() Printer { return Printer{} }

// Section implements collect.Collector.
func (Printer) Section() string { return "printer" }

// Collect reads the queues of CUPS. An agent that may not read them reports
// the names that CUPS tells everyone, and that it was denied the rest.
func (Printer) Collect(_ context.Context, h host.Host) (report.Section, error) {
	content, err := h.ReadFile("/etc/cups/printers.conf")
	var queues []report.Queue
	switch {
	case err == nil:
		queues = parseQueues(string(content))
	case !errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("read the print queues: %w", err)
		queues = parsePrintcap(h.Text("/etc/printcap"))
	default:
		err = nil
	}
	if chosen := defaultQueue(h.Text("/etc/cups/lpoptions")); chosen != "" {
		for i := range queues {
			queues[i].Default = queues[i].Title == chosen
		}
	}
	if err == nil && len(queues) == 0 {
		return nil, collect.ErrAbsent
	}
	return &report.Printer{Printers: queues}, err
}
