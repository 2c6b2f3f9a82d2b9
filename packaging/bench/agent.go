package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	"holdfast/shared/report"
)

// runs is how often the agent is run; the middle one counts.
const runs = 7

// measureAgent takes a full inventory of this machine, several times.
func measureAgent(ctx context.Context, p plan, t *table) error {
	var seconds, peaks []float64
	var titles int
	for range runs {
		cmd := exec.CommandContext(ctx, filepath.Join(p.programs, "holdfast-agent"), "inventory")
		output, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("take the inventory: %w", err)
		}
		var taken report.Report
		if err := json.Unmarshal(output, &taken); err != nil {
			return fmt.Errorf("read the inventory: %w", err)
		}
		for _, part := range taken.Sections {
			if section, _, _ := report.Read(part.Name, part.Facts); part.Name == "software" {
				if software, is := section.(*report.Software); is {
					titles = len(software.Packages)
				}
			}
		}
		state := cmd.ProcessState
		seconds = append(seconds, (state.UserTime() + state.SystemTime()).Seconds())
		usage, is := state.SysUsage().(*syscall.Rusage)
		if !is {
			return fmt.Errorf("read what the agent used: it is a %T", state.SysUsage())
		}
		peaks = append(peaks, float64(usage.Maxrss)/1024)
	}
	t.figure("titles on this machine", float64(titles), "")
	t.atMost("full inventory, processor time", middle(seconds), 0.2, "s")
	t.atMost("full inventory, peak memory", middle(peaks), 30, "MiB")
	return nil
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
