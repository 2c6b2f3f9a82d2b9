// Package access has the pages about who may come in: users and their roles,
// units, API tokens, sessions of everybody.
package access

import (
	"context"

	"holdfast/server/account"
	"holdfast/server/identity"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct {
	accounts *account.Service
	units    *unit.Service
	public   string // address of this server, for links to hand over
}

// New makes the pages; public is the address under which people reach them.
func New(accounts *account.Service, units *unit.Service, public string) *Pages {
	return &Pages{accounts: accounts, units: units, public: public}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	users, units := identity.Needs(identity.UsersManage), identity.Needs(identity.UnitsManage)
	tokens := identity.Needs(identity.TokensOwn)
	return []page.Page{
		page.Get("/access/users", users, p.listUsers),
		page.Get("/access/users/new", users, p.newUser),
		page.Post("/access/users", users, p.createUser),
		page.Get("/access/users/:id", users, p.showUser),
		page.Post("/access/users/:id/grants", users, p.grant),
		page.Post("/access/users/:id/grants/remove", users, p.ungrant),
		page.Post("/access/users/:id/link", users, p.makeLink),
		page.Get("/access/users/:id/disable", users, p.confirmDisable),
		page.Post("/access/users/:id/disable", users, p.disable),
		page.Post("/access/users/:id/enable", users, p.enable),
		page.Get("/access/units", units, p.listUnits),
		page.Post("/access/units", units, p.createUnit),
		page.Get("/access/units/:id", units, p.showUnit),
		page.Post("/access/units/:id", units, p.changeUnit),
		page.Post("/access/units/:id/remove", units, p.removeUnit),
		page.Get("/access/tokens", tokens, p.listTokens),
		page.Post("/access/tokens", tokens, p.createToken),
		page.Get("/access/tokens/:id/revoke", tokens, p.confirmRevokeToken),
		page.Post("/access/tokens/:id/revoke", tokens, p.revokeToken),
		page.Get("/access/sessions", users, p.listSessions),
		page.Post("/access/sessions/:id/revoke", users, p.revokeSession),
	}
}

func unitName(ctx context.Context, units []unit.Unit, wanted identity.UnitID) string {
	for _, u := range units {
		if u.ID == wanted {
			return unit.Label(units, u)
		}
	}
	return i18n.T(ctx, "unit.other")
}

func roleChoices(ctx context.Context) []ui.Choice {
	var choices []ui.Choice
	for _, role := range identity.Roles() {
		choices = append(choices, ui.Choice{Value: string(role), Label: i18n.T(ctx, "role."+string(role))})
	}
	return choices
}
