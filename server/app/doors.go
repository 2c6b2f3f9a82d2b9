package app

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/api"
	"holdfast/server/audit"
	"holdfast/server/inventory"
	"holdfast/server/route"
	"holdfast/server/web/i18n"
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
	}
	inventories := inventory.New(a.db)
	programs := api.New(api.Services{
		Inventory: inventories, Accounts: a.accounts, Units: a.units, Enrolments: a.enrolments, Audit: audit.NewReader(a.db),
	}, texts, a.version, a.log)

	var d doors
	d.routes = append(d.routes, programs.Routes()...)
	d.routes = append(d.routes, api.AgentRoutes(a.intake, texts, a.log)...)
	d.fail = func(c *gin.Context, err error) {
		if forPrograms(c.Request.URL.Path) {
			programs.Fail(c, err)
			return
		}
		c.Status(http.StatusInternalServerError)
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
