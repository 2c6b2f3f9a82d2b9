// Package asset has the pages of the things that the body owns: their list,
// the queue of devices without one, and the page of one asset, where what is
// decided stands beside what is observed.
package asset

import (
	"context"

	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Services are what these pages ask.
type Services struct {
	Assets    *asset.Service
	People    *person.Service
	Places    *place.Service
	Units     *unit.Service
	Views     *view.Service
	Inventory *inventory.Reader
	// CaseOf leads to the disposal case that an asset is in, or nowhere.
	CaseOf func(ctx context.Context, of asset.ID) (ui.Link, error)
}

// Pages are the pages of this package.
type Pages struct{ Services }

// New makes the pages.
func New(services Services) *Pages { return &Pages{services} }

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, edit, export := identity.Needs(identity.AssetsRead), identity.Needs(identity.AssetsEdit), identity.Needs(identity.AssetsExport)
	return []page.Page{
		page.Get("/assets", read, p.list),
		page.Get("/assets/export", export, p.export),
		page.Get("/assets/queue", read, p.queue),
		page.Get("/assets/queue/export", export, p.exportQueue),
		page.Post("/assets/own", edit, p.own),
		page.Get("/assets/new", edit, p.fresh),
		page.Post("/assets", edit, p.create),
		page.Get("/assets/:id", read, p.show),
		page.Get("/assets/:id/edit", edit, p.edit),
		page.Post("/assets/:id", edit, p.change),
		page.Post("/assets/:id/status", edit, p.move),
		page.Post("/assets/:id/link", edit, p.link),
		page.Post("/assets/:id/unlink", edit, p.unlink),
	}
}

func path(of asset.ID) string { return "/assets/" + of.String() }

// subject is one asset with what its page shows.
type subject struct {
	asset.Detail
	events []asset.Event
	form   ui.Form // of the link to a device
	going  ui.Link // the disposal case that it is in
}

func (p *Pages) load(c *gin.Context) (subject, error) {
	wanted, err := page.ID[asset.Mark](c, "id", "asset")
	if err != nil {
		return subject{}, err
	}
	ctx := c.Request.Context()
	found, err := p.Assets.Get(ctx, wanted)
	if err != nil {
		return subject{}, err
	}
	one := subject{Detail: found}
	if one.going, err = p.CaseOf(ctx, wanted); err != nil {
		return subject{}, err
	}
	one.events, err = p.Assets.History(ctx, wanted)
	return one, err
}

func (p *Pages) show(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	return ui.Render(c, Asset(one))
}

func (p *Pages) move(c *gin.Context) error {
	wanted, err := page.ID[asset.Mark](c, "id", "asset")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	before, err := p.Assets.Get(c.Request.Context(), wanted)
	if err != nil {
		return err
	}
	moved, err := p.Assets.Move(c.Request.Context(), wanted, asset.Status(values.Get("status")))
	if err != nil {
		return err
	}
	notice := ui.Notice{Key: "asset.moved", Args: i18n.Args{"Tag": moved.Tag, "Status": ui.EnumWord(c.Request.Context(), "assets", "status", string(moved.Status))}}
	for _, back := range moved.Status.Next() { // what cannot go straight back has no way to undo it
		if back.To == before.Status && !back.ByCase && moved.CustodianID == before.CustodianID {
			notice.Undo = &ui.Undo{Action: path(wanted) + "/status", Values: map[string]string{"status": string(before.Status)}}
		}
	}
	return ui.Done(c, path(wanted), notice)
}

// link links the asset to the device that the form names: by its identifier,
// or by its name or serial number.
func (p *Pages) link(c *gin.Context) error {
	wanted, err := page.ID[asset.Mark](c, "id", "asset")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	to, err := p.device(ctx, values.Get("device"))
	var linked asset.Row
	if err == nil {
		linked, err = p.Assets.Link(ctx, wanted, to)
	}
	if form, is := ui.Wrong(values, err); is {
		one, err := p.load(c)
		if err != nil {
			return err
		}
		one.form = form
		return ui.RenderStatus(c, 422, Asset(one))
	}
	if err != nil {
		return err
	}
	back := page.Local(values.Get("back"))
	if back == "/" {
		back = path(wanted)
	}
	return ui.Done(c, back, ui.Notice{
		Key: "asset.linked_now", Args: i18n.Args{"Tag": linked.Tag, "Device": linked.DeviceName + linked.Host},
		Undo: &ui.Undo{Action: path(wanted) + "/unlink"},
	})
}

// device finds the one device that a text names. Fault: Invalid.
func (p *Pages) device(ctx context.Context, text string) (device.ID, error) {
	if of, err := id.Parse[device.Mark](text); err == nil {
		return of, nil
	}
	found, err := p.Inventory.Search(ctx, text, 10)
	if err != nil {
		return device.ID{}, err
	}
	var exact []device.ID
	for _, hit := range found.Devices {
		if hit.Rank == inventory.Exact {
			exact = append(exact, hit.ID)
		}
	}
	if len(exact) != 1 {
		return device.ID{}, fault.NewInvalid(fault.Field{Name: "device", Key: "fault.asset.device"})
	}
	return exact[0], nil
}

func (p *Pages) unlink(c *gin.Context) error {
	wanted, err := page.ID[asset.Mark](c, "id", "asset")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	before, err := p.Assets.Get(ctx, wanted)
	if err != nil {
		return err
	}
	parted, err := p.Assets.Unlink(ctx, wanted)
	if err != nil {
		return err
	}
	notice := ui.Notice{Key: "asset.unlinked_now", Args: i18n.Args{"Tag": parted.Tag}}
	if to := before.DeviceID.String() + before.HostID.String(); to != "" {
		notice.Undo = &ui.Undo{Action: path(wanted) + "/link", Values: map[string]string{"device": to}}
	}
	return ui.Done(c, path(wanted), notice)
}
