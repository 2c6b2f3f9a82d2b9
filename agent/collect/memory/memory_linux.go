package memory

import (
	"context"
	"errors"

	"holdfast/agent/collect/container"
	"holdfast/agent/collect/smbios"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect reads the totals of the kernel and the modules of the firmware.
func (Memory) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	totals, totalsErr := h.Totals(ctx)
	facts := &report.Memory{TotalBytes: totals.Memory, SwapBytes: totals.Swap}
	if container.Runtime(h) != "" {
		return facts, totalsErr // the modules are those of another device
	}
	table, tableErr := smbios.Read(h)
	slots(table, facts)
	return facts, errors.Join(totalsErr, tableErr)
}
