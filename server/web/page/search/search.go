// Package search answers the search box: while somebody types, and as a page.
package search

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct{ inventory *inventory.Reader }

// New makes the pages.
func New(reader *inventory.Reader) *Pages { return &Pages{inventory: reader} }

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	return []page.Page{
		page.Get("/search", identity.SignedIn, p.show),
		page.Get("/search/results", identity.SignedIn, p.results),
	}
}

const (
	whileTyping = 6  // results of each group
	onPage      = 50 // results of each group
)

func (p *Pages) show(c *gin.Context) error {
	text := strings.TrimSpace(c.Query("q"))
	found, err := p.inventory.Search(c.Request.Context(), text, onPage)
	if err != nil {
		return err
	}
	if len(found.Devices) == 1 && len(found.Titles) == 0 {
		ui.Redirect(c, "/devices/"+found.Devices[0].ID.String())
		return nil
	}
	return ui.Render(c, Page(text, found))
}

func (p *Pages) results(c *gin.Context) error {
	text := strings.TrimSpace(c.Query("q"))
	found, err := p.inventory.Search(c.Request.Context(), text, whileTyping)
	if err != nil {
		return err
	}
	return ui.Render(c, Results(text, found))
}

// why says by what a device was found, when that is not its name.
func why(ctx context.Context, hit inventory.Hit) string {
	switch hit.By {
	case device.KeyName, device.KeyModel:
		return ""
	}
	return i18n.T(ctx, "search.by."+hit.By) + " "
}

// more is what else helps to recognise a device.
func more(hit inventory.Hit) string {
	var parts []string
	for _, part := range []string{hit.Model, hit.LastUser, hit.Unit} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// split cuts a text around the part that was looked for, whatever the case.
func split(text, wanted string) (before, match, after string) {
	at := strings.Index(strings.ToLower(text), strings.ToLower(wanted))
	if wanted == "" || at < 0 || at+len(wanted) > len(text) {
		return text, "", ""
	}
	return text[:at], text[at : at+len(wanted)], text[at+len(wanted):]
}
