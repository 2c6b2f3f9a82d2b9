//go:build !linux

package memory

import (
	"context"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect asks gopsutil for the totals. The modules need the firmware's
// table, which each system gives in its own way.
func (Memory) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	totals, err := h.Totals(ctx)
	return &report.Memory{TotalBytes: totals.Memory, SwapBytes: totals.Swap}, err
}
