package licence

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/entitlement"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/position"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// product is one product with what every part of its page shows.
type product struct {
	position.Detail
	part       string // of the page, such as "rights"
	day        time.Time
	rights     []entitlement.Row
	users      []entitlement.Assignment
	exemptions []entitlement.Exemption
	counted    entitlement.Counted
	installed  int
	past       []position.Past
	form       ui.Form
}

func (one product) path(part string) string {
	path := productPath(one.ID)
	if part != "" {
		path += "/" + part
	}
	return path
}

// right finds an entitlement by its reference.
func (one product) right(reference string) (entitlement.Row, bool) {
	for _, row := range one.rights {
		if row.Reference == reference {
			return row, true
		}
	}
	return entitlement.Row{}, false
}

// inForce counts the rights in force.
func (one product) inForce() int { return len(one.Position.Explanation.Owned.Children) }

// live counts the exemptions that were not taken back.
func (one product) live() int {
	count := 0
	for _, each := range one.exemptions {
		if each.RemovedAt.IsZero() {
			count++
		}
	}
	return count
}

const mostPast = 500 // changes of figures that a page shows

// load reads a product for one part of its page.
func (p *Pages) load(c *gin.Context, part string) (one product, err error) {
	ctx := c.Request.Context()
	one.part = part
	of, err := productID(c)
	if err != nil {
		return one, err
	}
	if part == "" {
		if one.day, err = dayAt(c); err != nil {
			return one, err
		}
	}
	if one.Detail, err = p.Positions.Product(ctx, of, one.day); err != nil {
		return one, err
	}
	if one.rights, err = p.Rights.Of(ctx, of); err != nil {
		return one, err
	}
	if one.users, err = p.Rights.Assignments(ctx, of); err != nil {
		return one, err
	}
	if one.exemptions, err = p.Rights.Exemptions(ctx, of); err != nil {
		return one, err
	}
	if one.counted, err = p.Rights.CountedBy(ctx, of); err != nil {
		return one, err
	}
	if one.past, err = p.Positions.History(ctx, of, mostPast); err != nil {
		return one, err
	}
	one.installed, err = p.Positions.CountInstallations(ctx, of)
	return one, err
}

func (p *Pages) position(c *gin.Context) error {
	one, err := p.load(c, "")
	if err != nil {
		return err
	}
	months, err := p.Positions.Months(c.Request.Context(), one.ID, 12)
	if err != nil {
		return err
	}
	return ui.Render(c, Position(one, months))
}

// download gives the whole position with every line as a file.
func (p *Pages) download(c *gin.Context) error {
	ctx := c.Request.Context()
	of, err := productID(c)
	if err != nil {
		return err
	}
	day, err := dayAt(c)
	if err != nil {
		return err
	}
	found, err := p.Positions.Explain(ctx, of, day)
	if err != nil {
		return err
	}
	result := licence.Result{At: found.At, RulesVersion: found.Rules, Positions: []licence.Position{found.Position}}
	result.Translate(func(l licence.Label) string { return words(ctx, l) })
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+found.Key+"-"+string(found.At)+`.json"`)
	c.Header("Cache-Control", "no-store")
	c.Data(200, "application/json; charset=utf-8", append(text, '\n'))
	return nil
}

func (p *Pages) installations(c *gin.Context) error {
	one, err := p.load(c, "installations")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	definition := position.InstallationColumns(ctx)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.Positions.Installations(ctx, one.ID, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(i position.Installation) string { return "/devices/" + i.DeviceID.String() }, installationCell)
	shown.Path, shown.Adding = one.path("installations"), adding
	shown.Export = identity.ActorOf(ctx).May(identity.LicencesExport) && identity.ActorOf(ctx).May(identity.DevicesExport)
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, Installations(one, shown))
}

func installationCell(i position.Installation, column list.Column[position.Installation]) templ.Component {
	if text, is := column.Value(i).(string); is && text == "" {
		return ui.Text("–")
	}
	return nil
}

func (p *Pages) exportInstallations(c *gin.Context) error {
	of, err := productID(c)
	if err != nil {
		return err
	}
	return page.Export(c, position.InstallationColumns(c.Request.Context()), func(ctx context.Context, q list.Query) (iter.Seq2[position.Installation, error], error) {
		return p.Positions.ExportInstallations(ctx, of, q)
	})
}

func (p *Pages) rightsOf(c *gin.Context) error {
	one, err := p.load(c, "rights")
	if err != nil {
		return err
	}
	return ui.Render(c, Rights(one, p.Rights.Today()))
}

func (p *Pages) history(c *gin.Context) error {
	one, err := p.load(c, "history")
	if err != nil {
		return err
	}
	months, err := p.Positions.Months(c.Request.Context(), one.ID, 24)
	if err != nil {
		return err
	}
	return ui.Render(c, History(one, months))
}

// pastGrid is every change of the figures.
func pastGrid(ctx context.Context, past []position.Past) ui.Grid {
	label := func(key string) string { return i18n.T(ctx, "column.licences."+key) }
	grid := ui.Grid{Caption: i18n.T(ctx, "licences.changes"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "licences.since")}, {Label: label("needed"), Number: true}, {Label: label("owned"), Number: true},
		{Label: label("available"), Number: true}, {Label: i18n.T(ctx, "licences.why")}, {Label: i18n.T(ctx, "licences.rules_version")},
	}}
	for _, each := range past {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.At(each.At), numberCell(each.Needed), numberCell(each.Owned), pastCell(each.Figures), ui.Text(causeWords(ctx, each.Cause)), ui.Text(each.Rules),
		})
	}
	return grid
}

// monthGrid is the figures at the ends of months, which the chart is drawn from.
func monthGrid(ctx context.Context, months []position.Point) ui.Grid {
	label := func(key string) string { return i18n.T(ctx, "column.licences."+key) }
	grid := ui.Grid{Caption: i18n.T(ctx, "licences.over_time"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "licences.month")}, {Label: label("needed"), Number: true}, {Label: label("owned"), Number: true}, {Label: label("available"), Number: true},
	}}
	for _, each := range months {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(monthWords(ctx, each.Month)), numberCell(each.Needed), numberCell(each.Owned), pastCell(each.Figures),
		})
	}
	return grid
}

// groupGrid is the figures by unit.
func groupGrid(ctx context.Context, groups []licence.Group) ui.Grid {
	label := func(key string) string { return i18n.T(ctx, "column.licences."+key) }
	grid := ui.Grid{Caption: i18n.T(ctx, "licences.by_unit"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "column.devices.unit")}, {Label: label("owned"), Number: true}, {Label: label("needed"), Number: true}, {Label: label("available"), Number: true},
	}}
	for _, each := range groups {
		name := i18n.T(ctx, "licences.no_unit")
		if each.Unit != nil {
			name = each.Unit.Name
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(name), ui.Text(amount(ctx, each.Owned)), ui.Text(amount(ctx, each.Needed)), ui.Text(amount(ctx, each.Available)),
		})
	}
	return grid
}
