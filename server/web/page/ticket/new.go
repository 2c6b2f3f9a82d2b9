package ticket

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/person"
	"holdfast/server/ticket"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// editor is the form of a ticket with what can be chosen in it.
type editor struct {
	ticket     *ticket.Row // nil for a new one
	title      string      // of it, in the reader's language
	form       ui.Form
	units      []ui.Choice
	categories []ui.Choice
	people     []person.Person
	device     string // name of the device that is proposed
}

func (p *Pages) editor(ctx context.Context, of *ticket.Row, form ui.Form) (editor, error) {
	e := editor{ticket: of, form: form}
	if of != nil {
		e.title = p.Tickets.Titled(&of.Ticket, language(ctx))
	}
	units, err := p.Units.List(ctx)
	if err != nil {
		return editor{}, err
	}
	reach := identity.ActorOf(ctx).Reach(identity.TicketsHandle)
	for _, choice := range page.UnitChoices(units) {
		if unit, err := id.Parse[identity.Unit](choice.Value); err == nil && reach.Has(unit) {
			e.units = append(e.units, choice)
		}
	}
	if e.categories, err = p.categories(ctx); err != nil {
		return editor{}, err
	}
	if identity.ActorOf(ctx).May(identity.PeopleRead) {
		const most = 300 // in a list that the browser searches
		e.people, err = p.People.Suggest(ctx, "", most)
	}
	return e, err
}

func (p *Pages) fresh(c *gin.Context) error {
	e, err := p.editor(c.Request.Context(), nil, ui.Form{})
	if err != nil {
		return err
	}
	if of, err := id.Parse[device.Mark](c.Query("device")); err == nil {
		if found, err := p.Inventory.Device(c.Request.Context(), of); err == nil {
			e.device = found.Name
		}
	}
	return ui.Render(c, Edit(e))
}

func (p *Pages) create(c *gin.Context) error {
	values, files, err := Files(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	wish := ticket.Wish{
		Kind: desk.Kind(values.Get("kind")), Title: values.Get("title"), Body: values.Get("body"), Impact: desk.Impact(values.Get("impact")),
		Urgency: desk.Urgency(values.Get("urgency")), Source: ticket.FromDesk, Files: files,
	}
	var wrong []fault.Field
	wish.Requester, wrong, err = p.requester(ctx, values, wrong)
	if err != nil {
		return err
	}
	wish.Device, wrong, err = p.device(ctx, values, wrong)
	if err != nil {
		return err
	}
	wish.Category, wish.Unit = chosen[desk.CategoryMark](values, "category_id"), chosen[identity.Unit](values, "unit_id")
	var made ticket.Row
	err = fault.NewInvalid(wrong...)
	if len(wrong) == 0 {
		made, err = p.Tickets.Create(ctx, wish)
	}
	if form, is := ui.Wrong(values, err); is {
		return p.again(c, nil, form)
	}
	if err != nil {
		return err
	}
	notice, _ := named("notice.ticket_opened", nil)(made, nil)
	return ui.Done(c, path(made.ID), notice)
}

func (p *Pages) again(c *gin.Context, of *ticket.Row, form ui.Form) error {
	e, err := p.editor(c.Request.Context(), of, form)
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, http.StatusUnprocessableEntity, Edit(e))
}

// requester reads who asks: a login, an address or a name.
func (p *Pages) requester(ctx context.Context, values url.Values, wrong []fault.Field) (person.ID, []fault.Field, error) {
	text := strings.TrimSpace(values.Get("requester"))
	if text == "" {
		return person.ID{}, wrong, nil
	}
	found, err := p.People.Named(ctx, text)
	switch {
	case fault.Is(err, fault.Missing):
		return person.ID{}, append(wrong, fault.Field{Name: "requester", Key: "fault.ticket.person"}), nil
	case fault.Is(err, fault.Conflict):
		return person.ID{}, append(wrong, fault.Field{Name: "requester", Key: "fault.ticket.person_several"}), nil
	}
	return found.ID, wrong, err
}

// device reads what it is about: anything that finds one device.
func (p *Pages) device(ctx context.Context, values url.Values, wrong []fault.Field) (device.Key, []fault.Field, error) {
	text := strings.TrimSpace(values.Get("device"))
	if text == "" {
		return 0, wrong, nil
	}
	matches, err := p.Panels.Matches(ctx, text)
	if err != nil {
		return 0, wrong, err
	}
	exact := matches[:0:0]
	for _, match := range matches {
		if strings.EqualFold(match.Name, text) || strings.EqualFold(match.Value, text) {
			exact = append(exact, match)
		}
	}
	if len(exact) == 1 {
		matches = exact
	}
	switch len(matches) {
	case 0:
		return 0, append(wrong, fault.Field{Name: "device", Key: "fault.ticket.device"}), nil
	case 1:
	default:
		names := make([]string, 0, len(matches))
		for _, match := range matches {
			names = append(names, match.Name)
		}
		return 0, append(wrong, fault.Field{Name: "device", Key: "fault.ticket.device_several", Args: fault.Args{"Names": strings.Join(names, ", ")}}), nil
	}
	found, err := p.Inventory.Device(ctx, matches[0].ID)
	return found.Key, wrong, err
}

func (p *Pages) edit(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	e, err := p.editor(c.Request.Context(), &one.Row, ui.Form{})
	if err != nil {
		return err
	}
	return ui.Render(c, Edit(e))
}

func (p *Pages) change(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	kind, impact, urgency := desk.Kind(values.Get("kind")), desk.Impact(values.Get("impact")), desk.Urgency(values.Get("urgency"))
	category := chosen[desk.CategoryMark](values, "category_id")
	change := ticket.Change{Kind: &kind, Impact: &impact, Urgency: &urgency, Category: &category}
	if title := values.Get("title"); title != p.Tickets.Titled(&one.Ticket, language(ctx)) {
		change.Title = &title
	}
	requester, wrong, err := p.requester(ctx, values, nil)
	if err != nil {
		return err
	}
	if values.Get("requester") != "" || one.RequesterID.IsZero() || values.Has("requester") {
		change.Requester = &requester
	}
	err = fault.NewInvalid(wrong...)
	if len(wrong) == 0 {
		_, err = p.Tickets.Change(ctx, one.ID, change)
	}
	if form, is := ui.Wrong(values, err); is {
		return p.again(c, &one.Row, form)
	}
	if err != nil {
		return err
	}
	notice, _ := named("notice.ticket_saved", nil)(one.Row, nil)
	return ui.Done(c, path(one.ID), notice)
}

// chosen reads what a list of choices sent; nonsense chooses nothing.
func chosen[T any](values url.Values, name string) id.Of[T] {
	of, err := id.Parse[T](values.Get(name))
	if err != nil {
		return id.Of[T]{}
	}
	return of
}

// known is what a person is called in the field of the requester: what finds
// them again.
func known(one person.Person) string {
	switch {
	case one.Login != "":
		return one.Login
	case one.Email != "":
		return one.Email
	}
	return one.Name
}

// asker is the requester as the form has them.
func (e editor) asker() string {
	if e.ticket == nil || e.ticket.RequesterID.IsZero() {
		return ""
	}
	for _, one := range e.people {
		if one.ID == e.ticket.RequesterID {
			return known(one)
		}
	}
	if e.ticket.Email != "" {
		return e.ticket.Email
	}
	return e.ticket.Requester
}
