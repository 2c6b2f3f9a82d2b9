// Package ticket has the pages of the desk: the queue, one ticket with its
// device beside it, and the form of a new one; what the overview says about
// the queue; and the stream that announces changes while somebody looks.
package ticket

import (
	"context"
	"iter"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/desk"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/panel"
	"holdfast/server/person"
	"holdfast/server/ticket"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/page/search"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Services are what the pages ask.
type Services struct {
	Tickets   *ticket.Service
	Desk      *desk.Service
	Panels    *panel.Reader
	People    *person.Service
	Units     *unit.Service
	Views     *view.Service
	Inventory *inventory.Reader
}

// Pages are the pages of this package.
type Pages struct{ Services }

// New makes the pages.
func New(services Services) *Pages { return &Pages{services} }

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, handle := identity.Needs(identity.TicketsRead), identity.Needs(identity.TicketsHandle)
	manage := identity.Needs(identity.TicketsManage)
	pages := []page.Page{
		page.Get("/tickets", read, p.list),
		page.Get("/tickets/export", read, p.export),
		page.Post("/tickets/handle", handle, p.bulk),
		page.Get("/tickets/new", handle, p.fresh),
		page.Post("/tickets/new", handle, p.create),
		page.Get("/tickets/:id", read, p.show),
		page.Get("/tickets/:id/edit", handle, p.edit),
		page.Post("/tickets/:id/edit", handle, p.change),
		page.Get("/tickets/:id/device", handle, p.devices),
		page.Post("/tickets/:id/device", handle, p.setDevice),
		page.Get("/events", identity.UserOnly, p.events),
		page.Get("/attachments/:id", identity.UserOnly, p.attachment),
		page.Get("/desk", read, p.rules),
		page.Post("/desk", manage, p.setRule),
	}
	for name, do := range p.deeds() {
		pages = append(pages, page.Post("/tickets/:id/"+name, handle, p.deed(do)))
	}
	return pages
}

// Path is where the list of open tickets is.
const Path = "/tickets?open=yes"

func path(of ticket.ID) string { return "/tickets/" + of.String() }

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := p.Tickets.Columns(ctx)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.Tickets.List(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(r ticket.Row) string { return path(r.ID) }, p.cell)
	shown.Path, shown.Adding, shown.Export = "/tickets", adding, true
	units, err := p.Units.List(ctx)
	if err != nil {
		return err
	}
	shown.Choices = map[string][]ui.Choice{"unit": page.UnitChoices(units), "owner": {{Value: ticket.Me, Label: i18n.T(ctx, "ticket.me")}}}
	if shown.Choices["category"], err = p.categories(ctx); err != nil {
		return err
	}
	if shown.Views, err = page.Views(ctx, p.Views, definition, builtIn(ctx)); err != nil {
		return err
	}
	if identity.ActorOf(ctx).May(identity.TicketsHandle) {
		shown.Bulk, shown.BulkPath = bulk(), "/tickets/handle"
		for i := range found.Items {
			if row := &found.Items[i]; row.State.Open() {
				shown.Rows[i].ID, shown.Rows[i].Name = row.ID.String(), row.Ticket.Name()
			}
		}
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, List(shown))
}

// builtIn are the views that every member of the desk has.
func builtIn(ctx context.Context) []ui.Choice {
	views := []ui.Choice{{Value: "owner=" + ticket.Me + "&open=yes", Label: "view.tickets_mine"}}
	if teams := ticket.Teams(ctx); len(teams) > 0 {
		names := make([]string, len(teams))
		for i, team := range teams {
			names[i] = string(team)
		}
		views = append(views, ui.Choice{Value: "open=yes&team=" + strings.Join(names, ","), Label: "view.tickets_team"})
	}
	return append(views,
		ui.Choice{Value: "open=yes&owner.known=no", Label: "view.tickets_untaken"},
		ui.Choice{Value: "open=yes&risk=over,close", Label: "view.tickets_risk"},
		ui.Choice{Value: "asked_at.known=yes&open=yes", Label: "view.tickets_asked"},
		ui.Choice{Value: "open=yes", Label: "view.tickets_open"},
		ui.Choice{Value: "sort=-updated_at", Label: "view.all"},
	)
}

// cell draws the columns of tickets that are more than their value.
func (p *Pages) cell(row ticket.Row, column list.Column[ticket.Row]) templ.Component {
	switch column.Key {
	case "title":
		return titleCell(p.Tickets, row)
	case "state":
		return stateCell(row)
	case "priority":
		return priorityCell(row)
	case "resolve_due_at":
		return clockCell(row)
	case "owner":
		return ownerCell(row)
	case "requester":
		return requesterCell(row)
	case "device":
		return deviceCell(row)
	case "category":
		return categoryCell(row)
	}
	return nil
}

// categories lists those that may be chosen, by their identifier.
func (p *Pages) categories(ctx context.Context) ([]ui.Choice, error) {
	rules, err := p.Desk.Rules(ctx)
	if err != nil {
		return nil, err
	}
	var choices []ui.Choice
	for i := range rules.Categories {
		if one := &rules.Categories[i]; one.Active {
			choices = append(choices, ui.Choice{Value: one.ID.String(), Label: one.Name(string(i18n.LocaleOf(ctx).Language))})
		}
	}
	return choices, nil
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, p.Tickets.Columns(c.Request.Context()), func(ctx context.Context, q list.Query) (iter.Seq2[ticket.Row, error], error) {
		return p.Tickets.Export(ctx, q)
	})
}

// bulk takes several tickets, those that can be taken.
func (p *Pages) bulk(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	taken := 0
	for _, text := range values["id"] {
		of, err := id.Parse[ticket.Mark](text)
		if err != nil {
			continue
		}
		_, err = p.Tickets.Take(c.Request.Context(), of)
		if err == nil {
			taken++
		} else if refused(err) == nil {
			return err
		}
	}
	return ui.Done(c, page.Local(values.Get("back")), ui.Notice{Key: "notice.tickets_taken", Args: i18n.Args{
		"Taken": i18n.Number(c.Request.Context(), taken), "Total": i18n.Number(c.Request.Context(), len(values["id"])),
	}})
}

// Search finds tickets for the search box.
func (p *Pages) Search(ctx context.Context, text string, limit int) (search.Group, error) {
	group := search.Group{Name: "tickets", Icon: "inbox"}
	if !identity.ActorOf(ctx).May(identity.TicketsRead) {
		return group, nil
	}
	found, err := p.Tickets.List(ctx, list.Query{Text: text, Limit: limit, Sort: list.Sort{Key: "updated_at", Descending: true}})
	if err != nil {
		return group, err
	}
	for i := range found.Items {
		row := &found.Items[i]
		group.Found = append(group.Found, search.Thing{
			Href: path(row.ID), Name: row.Ticket.Name(), More: p.Tickets.Titled(&row.Ticket, language(ctx)), Remark: i18n.T(ctx, "value.state."+string(row.State)),
		})
	}
	return group, nil
}

func language(ctx context.Context) string { return string(i18n.LocaleOf(ctx).Language) }
