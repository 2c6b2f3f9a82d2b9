package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/api"
	"holdfast/server/audit"
	paper "holdfast/server/certificate"
	"holdfast/server/device"
	"holdfast/server/inventory"
	"holdfast/server/route"
	"holdfast/server/view"
	"holdfast/server/web"
	"holdfast/server/web/i18n"
	disposalpage "holdfast/server/web/page/disposal"
)

// doors are the routes of pages and API, and how each answers what went wrong.
type doors struct {
	routes []route.Route
	fail   func(*gin.Context, error)
}

func (a *App) doors() (doors, error) {
	texts := api.Texts{
		Accepted:  func(header string) string { return string(i18n.Accepted(header)) },
		Translate: i18n.Translate,
		Sentence:  i18n.SentenceIn,
		Certificate: func(ctx context.Context, language string) paper.Texts {
			return disposalpage.Texts(i18n.WithLocale(ctx, i18n.Locale{Language: i18n.Parse(language), Now: a.db.Now()}))
		},
	}
	inventories, trail := inventory.New(a.db), audit.NewReader(a.db)
	programs := api.New(api.Services{
		Inventory: inventories, Agents: device.NewAgents(a.db), Accounts: a.accounts, Units: a.units, Enrolments: a.enrolments, Audit: trail,
		Assets: a.assets, People: a.people, Places: a.places, Imports: a.imports,
		Health:   a.devices,
		Disposal: a.disposal, Recognition: a.recognition,
		Rights: a.rights, Positions: a.positions,
		Tickets: a.tickets, Desk: a.desk, Panels: a.panels,
	}, texts, a.version, a.log)

	pages, err := web.New(web.Services{
		Inventory: inventories, Agents: device.NewAgents(a.db), Accounts: a.accounts, Units: a.units, Enrolments: a.enrolments, Audit: trail, Views: view.New(a.db),
		Assets: a.assets, People: a.people, Places: a.places, Imports: a.imports,
		Disposal: a.disposal, Recognition: a.recognition,
		Health: a.devices,
		Rights: a.rights, Positions: a.positions,
		Tickets: a.tickets, Desk: a.desk, Panels: a.panels,
	}, web.Options{Public: a.Public(), Log: a.log})
	if err != nil {
		return doors{}, fmt.Errorf("build the pages: %w", err)
	}

	var d doors
	d.routes = append(d.routes, pages.Routes()...)
	d.routes = append(d.routes, programs.Routes()...)
	d.routes = append(d.routes, api.AgentRoutes(a.intake, texts, a.log)...)
	d.fail = func(c *gin.Context, err error) {
		if forPrograms(c.Request.URL.Path) {
			programs.Fail(c, err)
			return
		}
		pages.Fail(c, err)
	}
	return d, nil
}

// forPrograms reports whether a path is for programs, which get problem
// documents where people get pages.
func forPrograms(path string) bool {
	for _, prefix := range []string{"/api/", "/agent/", "/metrics", "/healthz", "/readyz"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
