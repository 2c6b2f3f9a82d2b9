package asset

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := asset.Columns(ctx)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.Assets.List(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(row asset.Row) string { return path(row.ID) }, cell)
	shown.Path, shown.Adding = "/assets", adding
	shown.Export = identity.ActorOf(ctx).May(identity.AssetsExport)
	if identity.ActorOf(ctx).May(identity.DisposalEdit) {
		shown.Bulk, shown.BulkPath = disposing(), "/disposal/choose"
		for i, row := range found.Items {
			if row.Status != asset.Disposed && identity.AllowIn(ctx, identity.DisposalEdit, row.UnitID) == nil {
				shown.Rows[i].ID, shown.Rows[i].Name = row.ID.String(), row.Tag
			}
		}
	}
	if shown.Choices, err = p.choices(ctx); err != nil {
		return err
	}
	if shown.Views, err = page.Views(ctx, p.Views, definition, builtIn()); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	waiting := 0
	if identity.ActorOf(ctx).May(identity.DevicesRead) {
		if waiting, err = p.Assets.CountQueue(ctx); err != nil {
			return err
		}
	}
	return ui.Render(c, List(shown, waiting))
}

// builtIn are the views that every reader of assets has.
func builtIn() []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: "view.all_assets"},
		{Value: "status=in_use", Label: "view.in_use"},
		{Value: "status=in_stock,ordered", Label: "view.in_stock"},
		{Value: "warranty_ends_on.from=now&warranty_ends_on.to=%2B90d&sort=warranty_ends_on", Label: "view.warranty"},
		{Value: "status=surplus,lost", Label: "view.leaving"},
	}
}

// choices are the values of filters that are rows elsewhere.
func (p *Pages) choices(ctx context.Context) (map[string][]ui.Choice, error) {
	units, err := p.Units.List(ctx)
	if err != nil {
		return nil, err
	}
	places, err := p.Places.All(ctx)
	if err != nil {
		return nil, err
	}
	choices := map[string][]ui.Choice{"unit": page.UnitChoices(units)}
	for _, each := range places {
		choices["place"] = append(choices["place"], ui.Choice{Value: each.ID.String(), Label: each.Path})
	}
	return choices, nil
}

// cell draws the columns of assets that are more than their value.
func cell(row asset.Row, column list.Column[asset.Row]) templ.Component {
	switch column.Key {
	case "status":
		return Status(row.Status)
	case "cost":
		return cost(row)
	case "custodian", "place", "device", "host", "warranty_ends_on", "order_number":
		return ifKnown(column.Value(row), ui.Value("assets", column.Field, column.Value(row)))
	}
	return nil
}

// ifKnown leaves a cell empty: that nobody holds a thing, or that it hangs
// nowhere, is no gap in what is known.
func ifKnown(value any, drawn templ.Component) templ.Component {
	if text, is := value.(string); is && text == "" {
		return ui.Text("\u2013")
	}
	return drawn
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, asset.Columns(c.Request.Context()), p.Assets.Export)
}

func (p *Pages) queue(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := asset.QueueColumns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.Assets.Queue(ctx, q)
	if err != nil {
		return err
	}
	back := c.Request.URL.RequestURI()
	shown := ui.ListOf(definition, q, found, func(w asset.Waiting) string { return "/devices/" + w.ID.String() },
		func(w asset.Waiting, column list.Column[asset.Waiting]) templ.Component {
			if column.Key == "candidates" {
				return waiting(w, back)
			}
			return nil
		})
	shown.Path, shown.Adding = "/assets/queue", adding
	shown.Export = identity.ActorOf(ctx).May(identity.AssetsExport)
	units, err := p.Units.List(ctx)
	if err != nil {
		return err
	}
	shown.Choices = map[string][]ui.Choice{"unit": page.UnitChoices(units)}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, Queue(shown))
}

func (p *Pages) exportQueue(c *gin.Context) error {
	return page.Export(c, asset.QueueColumns(), p.Assets.ExportQueue)
}

// own records a device as an asset.
func (p *Pages) own(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	of, err := id.Parse[device.Mark](values.Get("device"))
	if err != nil {
		of = device.ID{}
	}
	made, err := p.Assets.Own(c.Request.Context(), of, values.Get("tag"))
	if err != nil {
		return err
	}
	back := page.Local(values.Get("back"))
	if back == "/" {
		back = path(made.ID)
	}
	return ui.Done(c, back, ui.Notice{Key: "asset.owned", Args: i18n.Args{"Device": made.DeviceName, "Tag": made.Tag}})
}
