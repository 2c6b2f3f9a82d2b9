package licence

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/person"
	"holdfast/server/position"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

const mostPeople = 300 // in a list that the browser searches

// suggested are the people that a field proposes.
func (p *Pages) suggested(ctx context.Context) ([]person.Person, error) {
	if !identity.ActorOf(ctx).May(identity.PeopleRead) {
		return nil, nil
	}
	return p.People.Suggest(ctx, "", mostPeople)
}

func (p *Pages) users(c *gin.Context) error {
	one, err := p.load(c, "users")
	if err != nil {
		return err
	}
	people, err := p.suggested(c.Request.Context())
	if err != nil {
		return err
	}
	return ui.Render(c, Users(one, people))
}

// assign gives a person a right.
func (p *Pages) assign(c *gin.Context) error {
	one, err := p.load(c, "users")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var made entitlement.Assignment
	to, err := p.named(ctx, values)
	if err == nil {
		var from time.Time
		if from, err = dayOf(values, "starts_on"); err == nil {
			made, err = p.Rights.Assign(ctx, one.ID, to, from)
		}
	}
	if form, is := ui.Wrong(values, err); is {
		one.form = form
		people, err := p.suggested(ctx)
		if err != nil {
			return err
		}
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Users(one, people))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, one.path("users"), ui.Notice{
		Key: "licences.assigned", Args: i18n.Args{"Name": made.Person},
		Undo: &ui.Undo{Action: "/licences/assignments/" + made.ID.String() + "/end", Values: map[string]string{"product": one.ID.String()}},
	})
}

// named finds the one person that the form names. Fault: Invalid.
func (p *Pages) named(ctx context.Context, values url.Values) (person.ID, error) {
	text := strings.TrimSpace(values.Get("person"))
	if text == "" {
		return person.ID{}, fault.NewInvalid(fault.Field{Name: "person", Key: "fault.field.required"})
	}
	found, err := p.People.Named(ctx, text)
	switch {
	case fault.Is(err, fault.Missing):
		return person.ID{}, fault.NewInvalid(fault.Field{Name: "person", Key: "fault.entitlement.person"})
	case fault.Is(err, fault.Conflict):
		return person.ID{}, fault.NewInvalid(fault.Field{Name: "person", Key: "fault.asset.custodian_several"})
	}
	return found.ID, err
}

// dayOf reads a day of the form; none is none. Fault: Invalid.
func dayOf(values url.Values, name string) (time.Time, error) {
	text := values.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fault.NewInvalid(fault.Field{Name: name, Key: "fault.field.date"})
	}
	return day, nil
}

// back is the page of the product that a small form belongs to.
func back(values url.Values, part string) string {
	product := chosen[struct{}](values, "product")
	if product.IsZero() {
		return "/licences"
	}
	return "/licences/products/" + product.String() + "/" + part
}

func (p *Pages) unassign(c *gin.Context) error {
	of, err := page.ID[entitlement.AssignmentMark](c, "id", "assignment")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	day, err := dayOf(values, "ends_on")
	if err != nil {
		return err
	}
	if err := p.Rights.Unassign(c.Request.Context(), of, day); err != nil {
		return err
	}
	return ui.Done(c, back(values, "users"), ui.Notice{Key: "licences.unassigned"})
}

func (p *Pages) exemptions(c *gin.Context) error {
	one, err := p.load(c, "exemptions")
	if err != nil {
		return err
	}
	people, err := p.suggested(c.Request.Context())
	if err != nil {
		return err
	}
	return ui.Render(c, Exemptions(one, people, p.Rights.Today()))
}

// exempt records that a use needs no right.
func (p *Pages) exempt(c *gin.Context) error {
	one, err := p.load(c, "exemptions")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var made entitlement.Exemption
	wish, err := p.exemption(c, one.ID, values)
	if err == nil {
		made, err = p.Rights.Exempt(ctx, wish)
	}
	if form, is := ui.Wrong(values, err); is {
		for i := range form.Faults {
			form.Faults[i].Name = strings.TrimSuffix(form.Faults[i].Name, "_id")
		}
		one.form = form
		people, err := p.suggested(ctx)
		if err != nil {
			return err
		}
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Exemptions(one, people, p.Rights.Today()))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, one.path("exemptions"), ui.Notice{
		Key: "licences.exempted", Args: i18n.Args{"Reference": made.Reference},
		Undo: &ui.Undo{Action: "/licences/exemptions/" + made.ID.String() + "/undo", Values: map[string]string{"product": one.ID.String()}},
	})
}

func (p *Pages) exemption(c *gin.Context, of position.ProductID, values url.Values) (wish entitlement.ExemptionWish, err error) {
	wish = entitlement.ExemptionWish{ProductID: of, Reason: values.Get("reason")}
	if text := strings.TrimSpace(values.Get("device")); text != "" {
		var on device.ID
		if on, err = p.device(c, text); err != nil {
			return wish, err
		}
		wish.DeviceID = on
	}
	if strings.TrimSpace(values.Get("person")) != "" {
		if wish.PersonID, err = p.named(c.Request.Context(), values); err != nil {
			return wish, err
		}
	}
	if wish.StartsOn, err = dayOf(values, "starts_on"); err != nil {
		return wish, err
	}
	wish.EndsOn, err = dayOf(values, "ends_on")
	return wish, err
}

func (p *Pages) endExemption(c *gin.Context) error {
	return p.exemptionDeed(c, "licences.exemption_ended", func(ctx context.Context, of entitlement.ExemptionID, values url.Values) (entitlement.Exemption, error) {
		day, err := dayOf(values, "ends_on")
		if err != nil {
			return entitlement.Exemption{}, err
		}
		return p.Rights.EndExemption(ctx, of, day)
	})
}

func (p *Pages) undoExemption(c *gin.Context) error {
	return p.exemptionDeed(c, "licences.exemption_undone", func(ctx context.Context, of entitlement.ExemptionID, _ url.Values) (entitlement.Exemption, error) {
		return p.Rights.UndoExemption(ctx, of)
	})
}

func (p *Pages) exemptionDeed(c *gin.Context, done string, do func(context.Context, entitlement.ExemptionID, url.Values) (entitlement.Exemption, error)) error {
	of, err := page.ID[entitlement.ExemptionMark](c, "id", "exemption")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	after, err := do(c.Request.Context(), of, values)
	if err != nil {
		return err
	}
	notice := ui.Notice{Key: done, Args: i18n.Args{"Reference": after.Reference}}
	if after.Undoable() {
		notice.Undo = &ui.Undo{Action: "/licences/exemptions/" + of.String() + "/undo", Values: map[string]string{"product": after.ProductID.String()}}
	}
	return ui.Done(c, productPath(after.ProductID)+"/exemptions", notice)
}

// exemptionState says where an exemption stands on a day.
func exemptionState(e entitlement.Exemption, today time.Time) entitlement.State {
	switch {
	case !e.RemovedAt.IsZero():
		return entitlement.Removed
	case e.StartsOn.After(today):
		return entitlement.Coming
	case !e.EndsOn.IsZero() && e.EndsOn.Before(today):
		return entitlement.Ended
	}
	return entitlement.InForce
}

func exemptionGrid(ctx context.Context, one product, today time.Time) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, "licences.part_exemptions"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "column.entitlements.reference")}, {Label: i18n.T(ctx, "licences.exempt_what")}, {Label: i18n.T(ctx, "right.reason")},
		{Label: i18n.T(ctx, "column.entitlements.state")}, {Label: i18n.T(ctx, "right.term")}, {Label: i18n.T(ctx, "licences.deeds")},
	}}
	for _, each := range one.exemptions {
		term := entitlement.Wish{StartsOn: each.StartsOn, EndsOn: each.EndsOn}
		words := termWords(ctx, term)
		if term.StartsOn.IsZero() && term.EndsOn.IsZero() {
			words = i18n.T(ctx, "licences.for_good")
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(each.Reference), exemptWhat(each), ui.Text(each.Reason), stateCell(exemptionState(each, today)), ui.Text(words),
			exemptionDeeds(each, today),
		})
	}
	return grid
}

func userGrid(ctx context.Context, one product) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, "licences.part_users"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "licences.person")}, {Label: i18n.T(ctx, "column.devices.unit")}, {Label: i18n.T(ctx, "right.term")},
		{Label: i18n.T(ctx, "licences.recorded_by")}, {Label: i18n.T(ctx, "licences.deeds")},
	}}
	for _, each := range one.users {
		term := entitlement.Wish{StartsOn: each.StartsOn, EndsOn: each.EndsOn}
		words := termWords(ctx, term)
		if term.StartsOn.IsZero() && term.EndsOn.IsZero() {
			words = i18n.T(ctx, "licences.for_good")
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			personCell(each), ui.Text(each.Unit), ui.Text(words), ui.Text(each.CreatedBy), assignmentDeeds(one.ID, each),
		})
	}
	return grid
}
