// Package web is the door for people: pages that the server draws, in English
// and in French, and that work without JavaScript. It owns how things look
// and read, and decides nothing: what may be done and what is true, the
// services say.
//
// Package ui has the components, package page and those below it the pages,
// i18n the texts, help the manual, static the built styles and scripts.
//
// To add a page to a domain that has some, touch seven files: page/NAME/x.templ
// and the x_templ.go that "go tool templ generate" makes of it; page/NAME/x.go
// with the handler; its line, with the rule of access, in Pages of that package;
// its texts in both catalogues (i18n/en and i18n/fr; the domains with many texts
// have files of their own there); and its line in pages of
// browsertest/walk_test.go, which opens it in both languages and themes, on a
// phone, with axe. Who may open it is tested from the rule by itself.
//
// The first page of a domain also needs its service in Services and its line in
// New here, and a place in navigation of ui/shell.go, with an area, whose name
// is a text, and an icon that static/icons.txt lists.
package web

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/route"
	"holdfast/server/web/page"
	"holdfast/server/web/static"
)

// Pages are all pages, ready to be mounted.
type Pages struct {
	assets *static.Assets
	log    *slog.Logger
	now    func() time.Time
	pages  []page.Page

	services Services
}

// Routes gives the routes of all pages and of the files that they load.
func (p *Pages) Routes() []route.Route {
	routes := []route.Route{{Method: http.MethodGet, Path: static.Path + ":file", Rule: identity.Public, Handler: p.assets.Serve}}
	for _, each := range p.pages {
		routes = append(routes, route.Route{Method: each.Method, Path: each.Path, Rule: each.Rule, Handler: p.handle(each.Handle)})
	}
	return routes
}

// handle makes a page's handler one that gin can call.
func (p *Pages) handle(handle func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		p.prepare(c)
		if err := handle(c); err != nil {
			p.answer(c, err)
		}
	}
}

// policy lets a page load what this server serves and nothing else, and
// nobody frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// prepare finds out who looks and how, and protects the page.
func (p *Pages) prepare(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	c.Request = c.Request.WithContext(p.viewer(c))
}
