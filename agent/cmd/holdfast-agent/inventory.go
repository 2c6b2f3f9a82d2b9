package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"holdfast/agent/collect"
	"holdfast/agent/roster"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

type inventoryCommand struct {
	privacy `embed:""`
	Section []string `help:"Only these sections, such as os,memory." placeholder:"NAME"`
}

// privacy is the operator's say in what is collected about people.
type privacy struct {
	ReportUsers bool `help:"Report who uses this machine." default:"true" negatable:""`
}

// collectors lists those that may run, without the ones for the given sections.
func (p privacy) collectors(without []string) []collect.Collector {
	all := roster.All(roster.Options{WithoutUser: !p.ReportUsers})
	return slices.DeleteFunc(all, func(collector collect.Collector) bool {
		return slices.Contains(without, collector.Section())
	})
}

// Run implements the command.
func (c inventoryCommand) Run(env environment) error {
	collectors := c.collectors(nil)
	if len(c.Section) > 0 {
		var err error
		if collectors, err = chosen(collectors, c.Section); err != nil {
			return err
		}
	}
	parts := collect.Run(env.ctx, env.host, collectors, collect.Deadline)
	if err := env.ctx.Err(); err != nil {
		return fmt.Errorf("collect the inventory: %w", err)
	}
	encoder := json.NewEncoder(env.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report.Report{
		ID: id.New[report.Report]().String(), TakenAt: env.host.Now().UTC(), Agent: thisAgent(),
		Digest: report.StateDigest(parts), Sections: parts,
	})
}

// chosen keeps the collectors of the named sections.
func chosen(collectors []collect.Collector, names []string) ([]collect.Collector, error) {
	known := []string{}
	for _, collector := range collectors {
		known = append(known, collector.Section())
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no section %q here; there are %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(collectors, func(collector collect.Collector) bool {
		return !slices.Contains(names, collector.Section())
	}), nil
}
