package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// viewer puts into the context who looks at the page and how: what the
// account says, else what this browser was told, else what it asks for.
func (p *Pages) viewer(c *gin.Context) context.Context {
	ctx := c.Request.Context()
	actor := identity.ActorOf(ctx)

	lang := i18n.Accepted(c.GetHeader("Accept-Language"))
	if chosen := first(actor.Locale, cookie(c, ui.LanguageCookie)); chosen != "" {
		lang = i18n.Parse(chosen)
	}
	zone, err := time.LoadLocation(first(actor.TimeZone, cookie(c, ui.ZoneCookie), "UTC"))
	if err != nil {
		zone = time.UTC
	}
	theme := first(actor.Theme, cookie(c, ui.ThemeCookie))
	if theme != "light" && theme != "dark" {
		theme = "auto"
	}
	ctx = i18n.WithLocale(ctx, i18n.Locale{Language: lang, Zone: zone, Now: p.now()})
	return ui.WithViewer(ctx, ui.Viewer{
		Theme: theme, Keys: cookie(c, ui.KeysCookie) != "off", Path: here(c), RequestID: identity.RequestOf(ctx),
		Notice: ui.TakeNotice(c), Assets: p.assets, Counts: p.counts,
	})
}

// here is the address of the page, to come back to; a form's own address is
// not one to come back to.
func here(c *gin.Context) string {
	if c.Request.Method != http.MethodGet {
		return "/"
	}
	return c.Request.URL.RequestURI()
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func cookie(c *gin.Context, name string) string {
	found, err := c.Request.Cookie(name)
	if err != nil {
		return ""
	}
	return found.Value
}
