package licence

import (
	"holdfast/server/fault"
)

// PerNamedUser counts every person once, on however many machines: those
// whom a right is assigned to, and those who use a machine that has the
// product.
type PerNamedUser struct {
	AssignedOnly bool `json:"assigned_only,omitempty" doc:"true when only assigned people need a right, as with most cloud services; installations then do not matter."`
}

// Kind implements Metric.
func (PerNamedUser) Kind() string { return "per_named_user" }

// Unit implements Metric.
func (PerNamedUser) Unit() string { return "licence.unit.user" }

// Count implements Metric. A machine whose user nobody knows is a line of its
// own: it may need a right more, or be one of a person who has one.
func (m PerNamedUser) Count(use Use) []Line {
	assigned, using := map[string]bool{}, map[string]map[*Machine]bool{}
	nobody := map[*Machine]bool{}
	for _, each := range use.Assignments {
		assigned[each.User] = true
	}
	for _, each := range use.Installations {
		machine := use.Estate.Machine(each.On)
		switch user := use.Estate.userOf(each); {
		case m.AssignedOnly:
		case user == "":
			nobody[machine] = true
		case using[user] == nil:
			using[user] = map[*Machine]bool{machine: true}
		default:
			using[user][machine] = true
		}
	}
	var lines []Line
	for user := range assigned {
		text := label("licence.line.user_assigned", nil)
		if machines := len(using[user]); machines > 0 {
			text = label("licence.line.user_assigned_using", fault.Args{"Count": machines})
		}
		lines = append(lines, Line{Node: Leaf(text, Whole(1)).About(use.Estate.user(user))})
	}
	for user, machines := range using {
		if !assigned[user] {
			text := label("licence.line.user_using", fault.Args{"Count": len(machines)})
			lines = append(lines, Line{Node: Leaf(text, Whole(1)).About(use.Estate.user(user))})
		}
	}
	for machine := range nobody {
		line := Leaf(label("licence.line.user_unknown", nil), Whole(0)).About(machine.Ref())
		lines = append(lines, Line{Node: line.Unsure(label("licence.problem.user_unknown", nil))})
	}
	return lines
}
