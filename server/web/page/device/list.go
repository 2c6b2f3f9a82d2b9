package device

import (
	"context"
	"iter"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := inventory.DeviceColumns(ctx)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.inventory.Devices(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(row inventory.Device) string { return "/devices/" + row.ID.String() }, cell)
	shown.Path, shown.Adding = "/devices", adding
	shown.Export = identity.ActorOf(ctx).May(identity.DevicesExport)
	units, err := p.units.List(ctx)
	if err != nil {
		return err
	}
	shown.Choices = map[string][]ui.Choice{"unit": page.UnitChoices(units)}
	if shown.Views, err = page.Views(ctx, p.views, definition, builtIn()); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, List(shown))
}

// builtIn are the views that every reader of devices has.
func builtIn() []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: "view.all"},
		{Value: "kind=laptop,desktop,tablet,handheld", Label: "view.workplaces"},
		{Value: "kind=server,virtual", Label: "view.servers"},
		{Value: "last_seen.to=-14d&sort=last_seen", Label: "view.silent"},
		{Value: "restart_required=yes", Label: "view.restart"},
		{Value: "security_updates.from=1&sort=-security_updates", Label: "view.updates"},
	}
}

// cell draws the columns of devices that are more than their value.
func cell(row inventory.Device, column list.Column[inventory.Device]) templ.Component {
	return ui.DeviceCell(row, column.Key)
}

func installationCell(row inventory.Installation, column list.Column[inventory.Installation]) templ.Component {
	if column.Key == "source" && row.Source != "" {
		return ui.Word("source", row.Source)
	}
	return nil
}

func (p *Pages) export(c *gin.Context) error {
	definition := inventory.DeviceColumns(c.Request.Context())
	return page.Export(c, definition, func(ctx context.Context, q list.Query) (iter.Seq2[inventory.Device, error], error) {
		return p.inventory.ExportDevices(ctx, q)
	})
}

func (p *Pages) software(c *gin.Context) error {
	one, err := p.load(c, "software")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	definition := inventory.InstallationColumns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.inventory.Software(ctx, one.ID, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(row inventory.Installation) string { return "/software/" + row.TitleID.String() }, installationCell)
	shown.Path, shown.Adding = one.path("software"), adding
	shown.Export = identity.AllowIn(ctx, identity.DevicesExport, one.UnitID) == nil
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, Software(one, shown))
}

func (p *Pages) exportSoftware(c *gin.Context) error {
	wanted, err := page.ID[device.Mark](c, "id", "device")
	if err != nil {
		return err
	}
	return page.Export(c, inventory.InstallationColumns(), func(ctx context.Context, q list.Query) (iter.Seq2[inventory.Installation, error], error) {
		return p.inventory.ExportSoftware(ctx, wanted, q)
	})
}

func (p *Pages) changes(c *gin.Context) error {
	one, err := p.load(c, "changes")
	if err != nil {
		return err
	}
	definition := inventory.ChangeColumns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.inventory.Changes(c.Request.Context(), one.ID, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(inventory.Change) string { return "" }, nil)
	shown.Path, shown.Adding = one.path("changes"), adding
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.TimelinePart(shown, found.Items))
	}
	return ui.Render(c, Changes(one, shown, found.Items))
}
