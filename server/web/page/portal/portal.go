// Package portal has the pages for requesters: my devices, report a problem
// about one of them without typing its details, my requests. They are made for
// a phone first, and show nothing but what is the reader's own.
package portal

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"holdfast/server/desk"
	"holdfast/server/identity"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	ticketpage "holdfast/server/web/page/ticket"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Pages are the pages of this package.
type Pages struct {
	tickets *ticket.Service
	desk    *desk.Service
}

// New makes the pages.
func New(tickets *ticket.Service, rules *desk.Service) *Pages { return &Pages{tickets, rules} }

// Path is where requesters begin.
const Path = "/portal"

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	own := identity.UserOnly // everybody who works here may; a program has no devices of its own
	return []page.Page{
		page.Get(Path, own, p.home),
		page.Post(Path+"/report", own, p.report),
		page.Get(Path+"/requests", own, p.requests),
		page.Get(Path+"/requests/:id", own, p.request),
		page.Post(Path+"/requests/:id/answer", own, p.answer),
		page.Post(Path+"/requests/:id/confirm", own, p.confirm),
		page.Post(Path+"/requests/:id/withdraw", own, p.withdraw),
	}
}

// mine is the first page of a requester.
type mine struct {
	form       ui.Form
	things     []ticket.Thing
	tickets    []ticket.Own
	total      int
	categories []ui.Choice
	due        string // by when somebody will have taken a report of now
}

const fewRequests = 5

func (p *Pages) home(c *gin.Context) error { return p.show(c, http.StatusOK, ui.Form{}) }

func (p *Pages) show(c *gin.Context, status int, form ui.Form) error {
	ctx := c.Request.Context()
	m := mine{form: form}
	var err error
	if m.things, err = p.tickets.Things(ctx); err != nil {
		return err
	}
	if m.tickets, m.total, err = p.tickets.Mine(ctx, fewRequests); err != nil {
		return err
	}
	offered, err := p.desk.Offered(ctx)
	if err != nil {
		return err
	}
	m.categories = []ui.Choice{{Label: i18n.T(ctx, "portal.category_any")}}
	for i := range offered {
		m.categories = append(m.categories, ui.Choice{Value: offered[i].ID.String(), Label: offered[i].Name(string(i18n.LocaleOf(ctx).Language))})
	}
	due, err := p.tickets.Promise(ctx, desk.Incident, desk.One, desk.Medium)
	if err != nil {
		return err
	}
	m.due = moment(ctx, due)
	if thing := c.Query("thing"); thing != "" && !m.form.Values.Has("thing") {
		m.form.Values = url.Values{"thing": {thing}}
	}
	return ui.RenderStatus(c, status, Home(m))
}

func (p *Pages) report(c *gin.Context) error {
	values, files, err := ticketpage.Files(c)
	if err != nil {
		return err
	}
	r := ticket.Report{
		Kind: desk.Kind(values.Get("kind")), Thing: values.Get("thing"), Text: values.Get("text"), Urgency: desk.Urgency(values.Get("urgency")),
		Others: values.Has("others"), Files: files,
	}
	if r.Thing == "other" {
		r.Thing = ""
	}
	if category, err := id.Parse[desk.CategoryMark](values.Get("category")); err == nil && r.Thing == "" {
		r.Category = category
	}
	made, err := p.tickets.Report(c.Request.Context(), r)
	if form, is := ui.Wrong(values, err); is {
		return p.show(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(made.ID), ui.Notice{Key: "notice.reported", Args: i18n.Args{"Number": made.Name}})
}

func path(of ticket.ID) string { return Path + "/requests/" + of.String() }

func (p *Pages) requests(c *gin.Context) error {
	const most = 200
	all, total, err := p.tickets.Mine(c.Request.Context(), most)
	if err != nil {
		return err
	}
	return ui.Render(c, Requests(all, total))
}

func (p *Pages) request(c *gin.Context) error { return p.one(c, http.StatusOK, ui.Form{}) }

func (p *Pages) one(c *gin.Context, status int, form ui.Form) error {
	of, err := page.ID[ticket.Mark](c, "id", "ticket")
	if err != nil {
		return err
	}
	found, err := p.tickets.MineOne(c.Request.Context(), of)
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, status, Request(found, form))
}

func (p *Pages) answer(c *gin.Context) error {
	values, files, err := ticketpage.Files(c)
	if err != nil {
		return err
	}
	return p.do(c, values, "notice.portal_answered", func(ctx context.Context, of ticket.ID) (ticket.Own, error) {
		return p.tickets.Answer(ctx, of, values.Get("text"), files)
	})
}

func (p *Pages) confirm(c *gin.Context) error {
	return p.do(c, nil, "notice.portal_confirmed", p.tickets.Confirm)
}

func (p *Pages) withdraw(c *gin.Context) error {
	return p.do(c, nil, "notice.portal_withdrawn", p.tickets.Withdraw)
}

// do does something to one of the reader's requests.
func (p *Pages) do(c *gin.Context, values url.Values, done string, deed func(context.Context, ticket.ID) (ticket.Own, error)) error {
	of, err := page.ID[ticket.Mark](c, "id", "ticket")
	if err != nil {
		return err
	}
	_, err = deed(c.Request.Context(), of)
	if form, is := ui.Wrong(values, err); is {
		return p.one(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(of), ui.Notice{Key: done})
}
