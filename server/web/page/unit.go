package page

import (
	"holdfast/server/unit"
	"holdfast/server/web/ui"
)

// UnitChoices names units by their path, for forms and filters.
func UnitChoices(units []unit.Unit) []ui.Choice {
	labels := unit.Labels(units)
	choices := make([]ui.Choice, len(units))
	for i, u := range units {
		choices[i] = ui.Choice{Value: u.ID.String(), Label: labels[u.ID]}
	}
	return choices
}
