package licence

import (
	"holdfast/server/fault"
)

// Site counts places, not machines: one right covers any number of
// installations at its site, or in the whole organisation.
type Site struct {
	Scope string `json:"scope,omitempty" oneof:"site organisation" doc:"site, the default, when each site needs a right of its own; organisation when one right covers everything."`
}

// Kind implements Metric.
func (Site) Kind() string { return "site" }

// Unit implements Metric.
func (Site) Unit() string { return "licence.unit.site" }

// Count implements Metric. A machine outside any known site is a line of its
// own: it may stand at a site that has a right, or at one that has none.
func (m Site) Count(use Use) []Line {
	if m.Scope == "organisation" {
		if len(use.Installations) == 0 {
			return nil
		}
		text := label("licence.line.organisation", fault.Args{"Count": len(use.Machines())})
		return []Line{{Node: Leaf(text, Whole(1)).About(Ref{Kind: "organisation"})}}
	}
	var lines []Line
	machines := map[string]int{}
	for _, machine := range use.Machines() {
		if site := use.Estate.site(machine.Unit); site != "" {
			machines[site]++
			continue
		}
		line := Leaf(label("licence.line.site_unknown", nil), Whole(0)).About(machine.Ref())
		lines = append(lines, Line{Node: line.Unsure(label("licence.problem.site_unknown", nil))})
	}
	for site, count := range machines {
		text := label("licence.line.site", fault.Args{"Count": count})
		lines = append(lines, Line{Node: Leaf(text, Whole(1)).About(use.Estate.unit(site))})
	}
	return lines
}
