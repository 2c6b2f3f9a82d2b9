package licence

import (
	"context"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/position"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// portfolio is what the page of all positions shows.
type portfolio struct {
	position.Portfolio
	list ui.List
}

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	if day := c.Query("at"); day != "" {
		c.Redirect(303, "/licences/at?at="+templ.EscapeString(day))
		return nil
	}
	definition := position.Columns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.Positions.List(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(row position.Row) string { return productPath(row.ID) }, cell)
	shown.Path, shown.Adding, shown.Whole = "/licences", adding, true
	shown.Export = identity.ActorOf(ctx).May(identity.LicencesExport)
	if shown.Views, err = page.Views(ctx, p.Views, definition, builtIn()); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	all := portfolio{list: shown}
	if all.Portfolio, err = p.Positions.Portfolio(ctx); err != nil {
		return err
	}
	return ui.Render(c, List(all))
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, position.Columns(), p.Positions.Export)
}

// builtIn are the views that every reader of positions has.
func builtIn() []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: "view.all_licences"},
		{Value: "status=short", Label: "view.licences_short"},
		{Value: "status=unknown", Label: "view.licences_unknown"},
		{Value: "term_ends.from=now&term_ends.to=%2B90d&sort=term_ends", Label: "view.licences_ending"},
		{Value: "sort=-changed_at", Label: "view.licences_changed"},
	}
}

// cell draws the columns of positions that are more than their value.
func cell(row position.Row, column list.Column[position.Row]) templ.Component {
	switch column.Key {
	case "metric":
		return metricCell(row)
	case "needed":
		return numberCell(row.Needed)
	case "owned":
		return numberCell(row.Owned)
	case "available":
		return availableCell(row)
	case "standing":
		return Bar(row.Figures)
	case "exposure":
		return exposureCell(row)
	case "term_ends":
		return termCell(row)
	case "status":
		return ui.Status(toneOf(row.Status), "")
	}
	return nil
}

// at shows all positions as of a day.
func (p *Pages) at(c *gin.Context) error {
	ctx := c.Request.Context()
	day, err := dayAt(c)
	if err != nil {
		return err
	}
	if day.IsZero() {
		ui.Redirect(c, "/licences")
		return nil
	}
	rows, err := p.Positions.All(ctx, day)
	if err != nil {
		return err
	}
	return ui.Render(c, At(day, asOfGrid(ctx, day, rows), sumOf(rows)))
}

// dayAt reads the day that a page is asked for; none is now. Fault: Invalid.
func dayAt(c *gin.Context) (time.Time, error) {
	text := c.Query("at")
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fault.NewInvalid(fault.Field{Name: "at", Key: "fault.field.date"})
	}
	return day, nil
}

func sumOf(rows []position.Row) []licence.Money {
	var sums []licence.Money
	for _, row := range rows {
		if row.ExposureCents == nil {
			continue
		}
		found := false
		for i := range sums {
			if sums[i].Currency == row.Currency {
				sums[i].Cents += *row.ExposureCents
				found = true
			}
		}
		if !found {
			sums = append(sums, licence.Money{Cents: *row.ExposureCents, Currency: row.Currency})
		}
	}
	return sums
}

func asOfGrid(ctx context.Context, day time.Time, rows []position.Row) ui.Grid {
	label := func(key string) string { return i18n.T(ctx, "column.licences."+key) }
	grid := ui.Grid{Caption: i18n.T(ctx, "licences.as_of", i18n.Args{"Day": dayWords(ctx, day)}), Heads: []ui.Column{
		{Label: label("product")}, {Label: label("metric")}, {Label: label("owned"), Number: true}, {Label: label("needed"), Number: true},
		{Label: label("available"), Number: true}, {Label: label("exposure"), Number: true},
	}}
	for _, row := range rows {
		grid.Rows = append(grid.Rows, []templ.Component{
			productLink(row, day), metricCell(row), numberCell(row.Owned), numberCell(row.Needed), availableCell(row), exposureCell(row),
		})
	}
	return grid
}
