// Package place has the pages of where things are.
package place

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/place"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Pages are the pages of this package.
type Pages struct {
	places *place.Service
	assets *asset.Service
	units  *unit.Service
}

// New makes the pages.
func New(places *place.Service, assets *asset.Service, units *unit.Service) *Pages {
	return &Pages{places: places, assets: assets, units: units}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, manage := identity.Needs(identity.AssetsRead), identity.Needs(identity.PlacesManage)
	return []page.Page{
		page.Get("/places", read, p.all),
		page.Post("/places", manage, p.create),
		page.Get("/places/:id", read, p.show),
		page.Post("/places/:id", manage, p.change),
		page.Post("/places/:id/remove", manage, p.remove),
	}
}

func path(of place.ID) string { return "/places/" + of.String() }

// tree is all places with the form of a new one.
type tree struct {
	places []place.Place
	units  []ui.Choice
	form   ui.Form
}

func (p *Pages) all(c *gin.Context) error { return p.renderAll(c, http.StatusOK, ui.Form{}) }

func (p *Pages) renderAll(c *gin.Context, status int, form ui.Form) error {
	ctx := c.Request.Context()
	places, err := p.places.All(ctx)
	if err != nil {
		return err
	}
	units, err := p.units.List(ctx)
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, status, All(tree{places, page.UnitChoices(units), form}))
}

// parentChoices are the places that one can lie in: not those in itself.
func parentChoices(none string, places []place.Place, of place.Place) []ui.Choice {
	choices := []ui.Choice{{Value: "", Label: none}}
	for _, each := range places {
		if of.ID.IsZero() || !inside(each, of) {
			choices = append(choices, ui.Choice{Value: each.ID.String(), Label: each.Path})
		}
	}
	return choices
}

func inside(one, of place.Place) bool {
	return one.ID == of.ID || len(one.Path) > len(of.Path) && one.Path[:len(of.Path)+1] == of.Path+"/"
}

func wish(values url.Values) place.Wish {
	made := place.Wish{Name: values.Get("name")}
	if parent, err := id.Parse[place.Mark](values.Get("parent_id")); err == nil {
		made.ParentID = parent
	}
	if unit, err := id.Parse[identity.Unit](values.Get("unit_id")); err == nil {
		made.UnitID = unit
	}
	return made
}

func (p *Pages) create(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	made, err := p.places.Create(c.Request.Context(), wish(values))
	if form, is := ui.Wrong(values, err); is {
		return p.renderAll(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/places", ui.Notice{
		Key: "place.created_now", Args: i18n.Args{"Name": made.Path}, Undo: &ui.Undo{Action: path(made.ID) + "/remove"},
	})
}

// spot is one place with what is in it.
type spot struct {
	place.Place
	inside  []place.Place
	assets  []asset.Row
	total   int // assets here and in the places inside
	places  []place.Place
	units   []ui.Choice
	form    ui.Form
	mayEdit bool
}

func (p *Pages) show(c *gin.Context) error { return p.render(c, http.StatusOK, ui.Form{}) }

func (p *Pages) render(c *gin.Context, status int, form ui.Form) error {
	wanted, err := page.ID[place.Mark](c, "id", "place")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	found, err := p.places.Get(ctx, wanted)
	if err != nil {
		return err
	}
	one := spot{Place: found, form: form, mayEdit: identity.AllowIn(ctx, identity.PlacesManage, found.UnitID) == nil}
	if one.places, err = p.places.All(ctx); err != nil {
		return err
	}
	for _, each := range one.places {
		if each.ParentID == wanted {
			one.inside = append(one.inside, each)
		}
	}
	units, err := p.units.List(ctx)
	if err != nil {
		return err
	}
	one.units = page.UnitChoices(units)
	here, err := p.assets.List(ctx, list.Query{Limit: 50, Filters: []list.Filter{{Key: "place", Values: []string{wanted.String()}}}})
	if err != nil {
		return err
	}
	one.assets, one.total = here.Items, here.Total
	return ui.RenderStatus(c, status, Place(one))
}

func (p *Pages) change(c *gin.Context) error {
	wanted, err := page.ID[place.Mark](c, "id", "place")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	changed, err := p.places.Change(c.Request.Context(), wanted, wish(values))
	if form, is := ui.Wrong(values, err); is {
		return p.render(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(wanted), ui.Notice{Key: "place.saved", Args: i18n.Args{"Name": changed.Path}})
}

func (p *Pages) remove(c *gin.Context) error {
	wanted, err := page.ID[place.Mark](c, "id", "place")
	if err != nil {
		return err
	}
	err = p.places.Remove(c.Request.Context(), wanted)
	if form, is := ui.Wrong(nil, err); is {
		return p.render(c, http.StatusConflict, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/places", ui.Notice{Key: "place.removed_now"})
}
