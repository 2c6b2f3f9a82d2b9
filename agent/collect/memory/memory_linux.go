package memory

import (
	"context"
	"errors"
	"strconv"
	"strings"

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
	facts.PressurePercent = pressure(h.Text("/proc/pressure/memory"))
	table, tableErr := smbios.Read(h)
	slots(table, facts)
	return facts, errors.Join(totalsErr, tableErr)
}

// pressure reads the share of the last five minutes in which at least one task
// waited for memory, from the kernel's pressure stall information. It is nil
// where the kernel keeps none (before 4.20, or switched off).
func pressure(text string) *int {
	for line := range strings.Lines(text) {
		if some, is := strings.CutPrefix(line, "some "); is {
			_, rest, _ := strings.Cut(some, "avg300=")
			share, _, _ := strings.Cut(rest, " ")
			if percent, err := strconv.ParseFloat(share, 64); err == nil && percent >= 0 && percent <= 100 {
				return new(int(percent))
			}
		}
	}
	return nil
}
