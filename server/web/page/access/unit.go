package access

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

func (p *Pages) listUnits(c *gin.Context) error {
	return p.renderUnits(c, http.StatusOK, ui.Form{})
}

func (p *Pages) renderUnits(c *gin.Context, status int, form ui.Form) error {
	units, err := p.units.List(c.Request.Context())
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, status, Units(units, form))
}

func (p *Pages) createUnit(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	parent, err := id.Parse[identity.Unit](values.Get("parent"))
	if err != nil {
		parent = unit.ID{}
	}
	created, err := p.units.Create(c.Request.Context(), parent, values.Get("name"))
	if form, is := ui.Wrong(values, err); is {
		return p.renderUnits(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/access/units", ui.Notice{
		Key: "unit.created", Args: i18n.Args{"Name": created.Name},
		Undo: &ui.Undo{Action: "/access/units/" + created.ID.String() + "/remove"},
	})
}

func (p *Pages) showUnit(c *gin.Context) error {
	return p.renderUnit(c, http.StatusOK, ui.Form{})
}

func (p *Pages) renderUnit(c *gin.Context, status int, form ui.Form) error {
	wanted, err := page.ID[identity.Unit](c, "id", "unit")
	if err != nil {
		return err
	}
	units, err := p.units.List(c.Request.Context())
	if err != nil {
		return err
	}
	found, err := p.units.Get(c.Request.Context(), wanted)
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, status, Unit(found, units, form))
}

// changeUnit renames a unit, moves it, and switches privacy: whatever differs.
func (p *Pages) changeUnit(c *gin.Context) error {
	wanted, err := page.ID[identity.Unit](c, "id", "unit")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	before, err := p.units.Get(ctx, wanted)
	if err != nil {
		return err
	}
	err = p.units.Rename(ctx, wanted, values.Get("name"))
	if private := values.Get("private") == "on"; err == nil && private != before.UsersPrivate {
		err = p.units.SetUsersPrivate(ctx, wanted, private)
	}
	if parent, wrong := id.Parse[identity.Unit](values.Get("parent")); err == nil && wrong == nil && parent != before.ParentID {
		err = p.units.Move(ctx, wanted, parent)
	}
	if form, is := ui.Wrong(values, err); is {
		return p.renderUnit(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/access/units", ui.Notice{Key: "unit.changed", Args: i18n.Args{"Name": values.Get("name")}})
}

func (p *Pages) removeUnit(c *gin.Context) error {
	wanted, err := page.ID[identity.Unit](c, "id", "unit")
	if err != nil {
		return err
	}
	err = p.units.Remove(c.Request.Context(), wanted)
	if form, is := ui.Wrong(nil, err); is {
		return p.renderUnit(c, http.StatusConflict, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/access/units", ui.Notice{Key: "unit.removed"})
}
