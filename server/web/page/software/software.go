// Package software has the list of software titles and the page of one title:
// its versions and the devices that have it.
package software

import (
	"context"
	"iter"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/software"
	"holdfast/server/view"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct {
	inventory *inventory.Reader
	views     *view.Service
}

// New makes the pages.
func New(reader *inventory.Reader, views *view.Service) *Pages {
	return &Pages{inventory: reader, views: views}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, export := identity.Needs(identity.SoftwareRead), identity.Needs(identity.SoftwareExport)
	return []page.Page{
		page.Get("/software", read, p.list),
		page.Get("/software/export", export, p.export),
		page.Get("/software/:id", read, p.show),
		page.Get("/software/:id/export", identity.Needs(identity.DevicesExport), p.exportHolders),
	}
}

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := inventory.TitleColumns(ctx)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.inventory.Titles(ctx, q)
	if err != nil {
		return err
	}
	counted, err := p.inventory.CountedAt(ctx)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(row inventory.Title) string { return "/software/" + row.ID.String() }, nil)
	shown.Path, shown.Adding = "/software", adding
	shown.Export = identity.ActorOf(ctx).May(identity.SoftwareExport)
	if shown.Views, err = page.Views(ctx, p.views, definition, []ui.Choice{
		{Value: "", Label: "view.all_software"},
		{Value: "class=product", Label: "view.software_products"},
		{Value: "class=unrecognised", Label: "view.software_unrecognised"},
		{Value: "first_seen.from=-7d&sort=-first_seen", Label: "view.new_software"},
		{Value: "devices.to=1", Label: "view.rare_software"},
	}); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, List(shown, counted))
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, inventory.TitleColumns(c.Request.Context()), p.inventory.ExportTitles)
}

// title is one title with its versions, and the devices that have it.
type title struct {
	inventory.Title
	versions []inventory.Version
	counted  time.Time
	holders  *ui.List // nothing for readers who may not see devices
}

func titleID(c *gin.Context) (software.TitleID, error) {
	return page.ID[software.Title](c, "id", "title")
}

func (p *Pages) show(c *gin.Context) error {
	wanted, err := titleID(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var one title
	if one.Title, one.versions, err = p.inventory.Title(ctx, wanted); err != nil {
		return err
	}
	if one.counted, err = p.inventory.CountedAt(ctx); err != nil {
		return err
	}
	if !identity.ActorOf(ctx).May(identity.DevicesRead) {
		return ui.Render(c, Title(one))
	}
	definition := inventory.HolderColumns(ctx, wanted)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.inventory.Holders(ctx, wanted, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(row inventory.Holder) string { return "/devices/" + row.ID.String() }, holderCell)
	shown.Path, shown.Adding = "/software/"+wanted.String(), adding
	shown.Export = identity.ActorOf(ctx).May(identity.DevicesExport)
	one.holders = &shown
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, Title(one))
}

func (p *Pages) exportHolders(c *gin.Context) error {
	wanted, err := titleID(c)
	if err != nil {
		return err
	}
	return page.Export(c, inventory.HolderColumns(c.Request.Context(), wanted), func(ctx context.Context, q list.Query) (iter.Seq2[inventory.Holder, error], error) {
		return p.inventory.ExportHolders(ctx, wanted, q)
	})
}

func holderCell(row inventory.Holder, column list.Column[inventory.Holder]) templ.Component {
	return ui.DeviceCell(row.Device, column.Key)
}
