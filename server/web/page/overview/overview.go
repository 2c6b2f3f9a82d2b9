// Package overview has the first page after signing in: figures that lead to
// their lists, what needs a person, and what changed lately.
package overview

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct {
	inventory *inventory.Reader
	panels    []Panel
	lead      Panel
}

// Panel draws what another domain has to say here; nil for nothing.
type Panel func(ctx context.Context) (templ.Component, error)

// New makes the pages; the panels stand in this order.
func New(reader *inventory.Reader, panels ...Panel) *Pages {
	return &Pages{inventory: reader, panels: panels}
}

// LedBy is the pages with a panel above all others, as wide as the page.
func (p *Pages) LedBy(lead Panel) *Pages {
	p.lead = lead
	return p
}

// Pages lists them. Somebody without the overview, such as a requester, is
// still to be let in somewhere.
func (p *Pages) Pages() []page.Page {
	return []page.Page{page.Get("/", identity.SignedIn, p.show)}
}

// state is what the overview shows.
type state struct {
	inventory.Overview
	silent []inventory.Device // the longest silent first
	panels []templ.Component
	lead   templ.Component // may be nil
}

func (p *Pages) show(c *gin.Context) error {
	ctx := c.Request.Context()
	actor := identity.ActorOf(ctx)
	if !actor.May(identity.OverviewRead) && actor.May(identity.TicketsOwn) && actor.Kind == identity.UserKind {
		ui.Redirect(c, "/portal")
		return nil
	}
	if !actor.May(identity.OverviewRead) {
		return ui.Render(c, Nothing())
	}
	overview, err := p.inventory.Overview(ctx)
	if err != nil {
		return err
	}
	if overview.Devices == 0 && actor.May(identity.EnrolmentManage) {
		ui.Redirect(c, "/enrolment/first")
		return nil
	}
	now := state{Overview: overview}
	if actor.May(identity.DevicesRead) && overview.Silent > 0 {
		const most = 6
		if now.silent, err = p.inventory.LongestSilent(ctx, most); err != nil {
			return err
		}
	}
	if p.lead != nil {
		if now.lead, err = p.lead(ctx); err != nil {
			return err
		}
	}
	for _, draw := range p.panels {
		panel, err := draw(ctx)
		if err != nil {
			return err
		}
		if panel != nil {
			now.panels = append(now.panels, panel)
		}
	}
	return ui.Render(c, Overview(now))
}
