package licence

import (
	"cmp"
	"slices"

	"holdfast/server/fault"
)

// PerInstallation counts every installation, so that two versions on one
// machine need two rights.
type PerInstallation struct{}

// Kind implements Metric.
func (PerInstallation) Kind() string { return "per_installation" }

// Unit implements Metric.
func (PerInstallation) Unit() string { return "licence.unit.installation" }

// Count implements Metric.
func (PerInstallation) Count(use Use) []Line {
	lines := make([]Line, 0, len(use.Installations))
	for _, each := range use.Installations {
		text := label("licence.line.installation", nil)
		if version := versionOf(each); version != "" {
			text = label("licence.line.installation_of", fault.Args{"Version": version})
		}
		lines = append(lines, Line{Node: Leaf(text, Whole(1)).About(use.Estate.Machine(each.On).Ref())})
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(versionArg(a), versionArg(b)) })
	return lines
}

func versionArg(line Line) string {
	version, _ := line.Node.Label.Args["Version"].(string)
	return version
}

// versionOf writes version and edition, such as "2022 Standard".
func versionOf(each *Installation) string {
	if each.Version != "" && each.Edition != "" {
		return each.Version + " " + each.Edition
	}
	return each.Version + each.Edition
}

// PerDevice counts every machine that has the product, once, whatever of it
// is installed there. A virtual machine is a machine of its own.
type PerDevice struct{}

// Kind implements Metric.
func (PerDevice) Kind() string { return "per_device" }

// Unit implements Metric.
func (PerDevice) Unit() string { return "licence.unit.device" }

// Count implements Metric.
func (PerDevice) Count(use Use) []Line {
	machines := use.Machines()
	lines := make([]Line, 0, len(machines))
	for _, machine := range machines {
		lines = append(lines, Line{Node: Leaf(label("licence.line.device", nil), Whole(1)).About(machine.Ref())})
	}
	return lines
}
