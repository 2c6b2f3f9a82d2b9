// Package roster lists the collectors of the agent, by hand, one list a
// system. To add a section, add its collector to the lists of the systems
// that it can read.
package roster

import (
	"slices"

	"holdfast/agent/collect"
)

// Options choose what the agent collects.
type Options struct {
	WithoutUser bool // leaves out who uses the device; for privacy
}

// All lists the collectors for the system that the agent was built for, in
// the order in which people read the sections.
func All(options Options) []collect.Collector {
	return slices.DeleteFunc(platform(), func(c collect.Collector) bool {
		return options.WithoutUser && c.Section() == "user"
	})
}
