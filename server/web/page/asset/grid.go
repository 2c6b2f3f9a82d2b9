package asset

import (
	"context"

	"github.com/a-h/templ"

	"holdfast/server/asset"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// Grid is a table of assets for the page of what they belong to: a person, a
// place.
func Grid(ctx context.Context, caption string, rows []asset.Row) ui.Grid {
	grid := ui.Grid{Caption: caption}
	for _, key := range []string{"tag", "status", "kind", "model", "serial", "place"} {
		grid.Heads = append(grid.Heads, ui.Column{Label: i18n.T(ctx, "column.assets."+key)})
	}
	for _, row := range rows {
		grid.Rows = append(grid.Rows, []templ.Component{
			tagLink(row), Status(row.Status), ui.Text(ui.EnumWord(ctx, "assets", "kind", string(row.Kind))),
			ui.Text(row.Model), ui.Mono(row.Serial), ui.Text(row.Place),
		})
	}
	return grid
}
