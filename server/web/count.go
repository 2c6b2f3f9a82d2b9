package web

import (
	"context"
	"net/url"

	"holdfast/server/disposal"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/web/ui"
)

// counts gives the numbers beside the areas of the navigation: products that
// are short, alerts and tickets that are open, disposal cases under way. A
// number that cannot be had is left out, since the page itself is not about it.
func (p *Pages) counts(ctx context.Context) map[ui.Area]int {
	counts := map[ui.Area]int{}
	for _, one := range []struct {
		area  ui.Area
		needs identity.Permission
		count func(context.Context) (int, error)
	}{
		{ui.AreaLicences, identity.LicencesRead, p.services.Positions.CountShort},
		{ui.AreaAlerts, identity.AlertsRead, p.openAlerts},
		{ui.AreaTickets, identity.TicketsRead, p.openTickets},
		{ui.AreaDisposal, identity.DisposalRead, p.openCases},
	} {
		if !identity.ActorOf(ctx).May(one.needs) {
			continue
		}
		count, err := one.count(ctx)
		if err != nil {
			p.log.WarnContext(ctx, "area not counted", "area", one.area, "error", err)
			continue
		}
		counts[one.area] = count
	}
	return counts
}

func (p *Pages) openAlerts(ctx context.Context) (int, error) {
	q, err := list.Parse(url.Values{"state": {"open"}, "snoozed": {"no"}}, p.services.Health.Columns())
	if err != nil {
		return 0, err
	}
	return p.services.Health.CountAlerts(ctx, q)
}

func (p *Pages) openTickets(ctx context.Context) (int, error) {
	q, err := list.Parse(url.Values{"open": {"yes"}}, p.services.Tickets.Columns(ctx))
	if err != nil {
		return 0, err
	}
	return p.services.Tickets.Count(ctx, q)
}

func (p *Pages) openCases(ctx context.Context) (int, error) {
	return p.services.Disposal.Count(ctx, identity.DisposalRead,
		disposal.Draft, disposal.Offered, disposal.Approved, disposal.Cleared, disposal.Released, disposal.Collected)
}
