package disposal

import (
	"context"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/disposal"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// chooser is the form by which assets come into a case, new or not.
type chooser struct {
	assets []asset.Detail
	form   ui.Form
	cases  []ui.Choice // drafts; the first is a new one
	units  []ui.Choice
	routes []field
	unit   string
}

// fresh is the form of a new case without assets.
func (p *Pages) fresh(c *gin.Context) error {
	one, err := p.chooser(c.Request.Context(), nil, ui.Form{})
	if err != nil {
		return err
	}
	return ui.Render(c, Fresh(one))
}

func (p *Pages) create(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	made, err := p.cases.Create(c.Request.Context(), wish(values))
	if typed, is := ui.Wrong(values, err); is {
		one, err := p.chooser(c.Request.Context(), nil, typed)
		if err != nil {
			return err
		}
		return ui.RenderStatus(c, 422, Fresh(one))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(made.ID), ui.Notice{Key: "case.created", Args: i18n.Args{"Number": made.Number}})
}

func wish(values url.Values) disposal.Wish {
	of, err := id.Parse[identity.Unit](values.Get("unit_id"))
	if err != nil {
		of = identity.UnitID{} // which the service says is required
	}
	return disposal.Wish{Title: values.Get("title"), UnitID: of, Sensitivity: values.Get("sensitivity"), Reason: values.Get("case_reason")}
}

// picked reads the assets that a list or a page names.
func picked(values url.Values) ([]asset.ID, error) {
	var found []asset.ID
	for _, text := range strings.FieldsFunc(strings.Join(values["id"], ","), func(r rune) bool { return r == ',' }) {
		of, err := id.Parse[asset.Mark](text)
		if err != nil {
			return nil, fault.NewMissing("asset")
		}
		found = append(found, of)
	}
	return found, nil
}

// choose asks into which case the assets that were picked shall come.
func (p *Pages) choose(c *gin.Context) error {
	values := c.Request.URL.Query()
	if c.Request.Method == "POST" {
		var err error
		if values, err = page.Form(c); err != nil {
			return err
		}
	}
	assets, err := picked(values)
	if err != nil {
		return err
	}
	one, err := p.chooser(c.Request.Context(), assets, ui.Form{})
	if err != nil {
		return err
	}
	return ui.Render(c, Choose(one))
}

func (p *Pages) chooser(ctx context.Context, assets []asset.ID, typed ui.Form) (chooser, error) {
	one := chooser{form: typed, cases: []ui.Choice{{Value: "", Label: i18n.T(ctx, "case.new")}}}
	for _, of := range assets {
		found, err := p.assets.Get(ctx, of)
		if err != nil {
			return chooser{}, err
		}
		one.assets, one.unit = append(one.assets, found), found.UnitID.String()
	}
	drafts, err := p.cases.Drafts(ctx)
	if err != nil {
		return chooser{}, err
	}
	for _, draft := range drafts {
		one.cases = append(one.cases, ui.Choice{Value: draft.ID.String(), Label: draft.Number + " " + draft.Title})
	}
	units, err := p.units.List(ctx)
	if err != nil {
		return chooser{}, err
	}
	one.units = page.UnitChoices(units)
	routes, err := p.cases.Ladder(ctx)
	one.routes = routeFields(ctx, routes, nil)
	return one, err
}

// chosen puts the assets into the case, and makes it first where it is new.
func (p *Pages) chosen(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	assets, err := picked(values)
	if err != nil {
		return err
	}
	var into *disposal.Case
	if of, bad := id.Parse[disposal.Mark](values.Get("case")); bad == nil {
		into, err = p.cases.Add(ctx, of, values.Get("route"), values.Get("reason"), assets...)
	} else {
		into, err = p.cases.Begin(ctx, wish(values), values.Get("route"), values.Get("reason"), assets...)
	}
	if typed, is := ui.Wrong(values, err); is {
		one, err := p.chooser(ctx, assets, typed)
		if err != nil {
			return err
		}
		return ui.RenderStatus(c, 422, Choose(one))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(into.ID), ui.Notice{Key: "deed.add.done"})
}
