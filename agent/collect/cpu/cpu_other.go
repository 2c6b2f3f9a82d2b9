//go:build !linux

package cpu

import (
	"context"
	"strconv"
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect asks gopsutil. It gives one entry a processor on Windows and one in
// all on macOS, whose machines have one.
func (CPU) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	processors, cores, threads, err := h.Processors(ctx)
	if err != nil {
		return nil, err
	}
	arch, err := h.Arch()
	facts := &report.CPU{Sockets: len(processors), Cores: cores, Threads: threads, Arch: arch}
	for i, one := range processors {
		processor := report.Processor{
			Socket:   i,
			Maker:    maker(one.VendorID),
			Model:    strings.Join(strings.Fields(one.ModelName), " "),
			MaxMHz:   int(one.Mhz),
			Stepping: int(one.Stepping),
		}
		processor.Family, _ = strconv.Atoi(one.Family)
		processor.ModelNum, _ = strconv.Atoi(one.Model)
		if len(processors) == 1 {
			processor.Cores, processor.Threads = cores, threads
		}
		facts.Processors = append(facts.Processors, processor)
	}
	return facts, err
}
