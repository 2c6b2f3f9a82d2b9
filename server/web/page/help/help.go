// Package help shows the manual. It is open to everybody: who cannot sign in
// needs it most.
package help

import (
	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/web/help"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct{}

// New makes the pages.
func New() *Pages { return &Pages{} }

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	return []page.Page{
		page.Get("/help", identity.Public, func(c *gin.Context) error { return show(c, "start") }),
		page.Get("/help/:name", identity.Public, func(c *gin.Context) error { return show(c, c.Param("name")) }),
		page.Get("/accessibility", identity.Public, func(c *gin.Context) error { return show(c, "accessibility") }),
	}
}

func show(c *gin.Context, name string) error {
	found, err := help.Read(c.Request.Context(), name)
	if err != nil {
		return err
	}
	return ui.Render(c, Page(found))
}
