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
type Pages struct {
	inventory *inventory.Reader
	sources   []Source
}

// Source finds things of another domain by what somebody types: up to limit of
// them, and none for readers who may not see them.
type Source func(ctx context.Context, text string, limit int) (Group, error)

// Group is what a source found.
type Group struct {
	Name  string // of the list, such as "assets": its title is the message NAME.title
	Icon  string
	Found []Thing
}

// Thing is one thing that was found.
type Thing struct {
	Href   string
	Name   string
	More   string // what else helps to recognise it
	Remark string // on the right, such as its status
}

// New makes the pages; the groups of the sources stand in this order, between
// devices and software.
func New(reader *inventory.Reader, sources ...Source) *Pages {
	return &Pages{inventory: reader, sources: sources}
}

// found is everything that was found.
type found struct {
	inventory.Found
	groups []Group
}

func (f found) count() int {
	count := len(f.Devices) + len(f.Titles)
	for _, group := range f.groups {
		count += len(group.Found)
	}
	return count
}

// only is the path of the one thing that was found, if it is only one.
func (f found) only() string {
	if f.count() != 1 {
		return ""
	}
	for _, device := range f.Devices {
		return "/devices/" + device.ID.String()
	}
	for _, group := range f.groups {
		return group.Found[0].Href
	}
	return ""
}

func (p *Pages) search(ctx context.Context, text string, limit int) (found, error) {
	all := found{}
	var err error
	if all.Found, err = p.inventory.Search(ctx, text, limit); err != nil {
		return found{}, err
	}
	const least = 2 // characters, as in the inventory
	if len(text) < least {
		return all, nil
	}
	for _, source := range p.sources {
		group, err := source(ctx, text, limit)
		if err != nil {
			return found{}, err
		}
		if len(group.Found) > 0 {
			all.groups = append(all.groups, group)
		}
	}
	return all, nil
}

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
	found, err := p.search(c.Request.Context(), text, onPage)
	if err != nil {
		return err
	}
	if only := found.only(); only != "" {
		ui.Redirect(c, only)
		return nil
	}
	return ui.Render(c, Page(text, found))
}

func (p *Pages) results(c *gin.Context) error {
	text := strings.TrimSpace(c.Query("q"))
	found, err := p.search(c.Request.Context(), text, whileTyping)
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
