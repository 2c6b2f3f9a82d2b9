// Package ui holds the components that pages are made of: the frame, tables,
// filters, forms, states. A component shows what it is given; it asks no
// database and decides nothing. Words come from the catalogues, who looks and
// how from the context (see Viewer).
package ui

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/static"
)

// Viewer is who looks at a page, and how they want to see it.
type Viewer struct {
	Theme     string // "light", "dark" or "auto"
	Keys      bool   // whether single keys do things
	Path      string // of this page, with its query
	RequestID string
	Notice    *Notice // what was just done, if anything
	Assets    *static.Assets
	Counts    func(context.Context) map[Area]int // the numbers beside areas, asked for when a whole page is drawn
}

type viewerKey struct{}

// WithViewer gives a context whose pages are made for viewer.
func WithViewer(ctx context.Context, viewer Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, viewer)
}

// counted gives the numbers beside the areas of the navigation.
func counted(ctx context.Context) map[Area]int {
	if counts := ViewerOf(ctx).Counts; counts != nil {
		return counts(ctx)
	}
	return nil
}

// ViewerOf gives the viewer of ctx.
func ViewerOf(ctx context.Context) Viewer {
	viewer, _ := ctx.Value(viewerKey{}).(Viewer) // the zero Viewer is fit for tests of components
	return viewer
}

// Render writes a page.
func Render(c *gin.Context, page templ.Component) error {
	return RenderStatus(c, http.StatusOK, page)
}

// RenderStatus writes a page with another status than 200.
func RenderStatus(c *gin.Context, status int, page templ.Component) error {
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("Cache-Control", "no-store")
	c.Header("Vary", "HX-Request, Cookie")
	c.Status(status)
	if err := page.Render(c.Request.Context(), c.Writer); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	return nil
}

// PartOnly reports whether the browser asks for one element of the page to
// put in place of the present one, rather than for the whole page.
func PartOnly(c *gin.Context, element string) bool {
	return c.GetHeader("HX-Request") == "true" && c.GetHeader("HX-Target") == element &&
		c.GetHeader("HX-History-Restore-Request") != "true"
}

func asset(ctx context.Context, name string) string {
	if assets := ViewerOf(ctx).Assets; assets != nil {
		return assets.URL(name)
	}
	return static.Path + name
}

func may(ctx context.Context, permission identity.Permission) bool {
	return identity.ActorOf(ctx).May(permission)
}

// guest tells whether the reader may use the portal and nothing else.
func guest(ctx context.Context) bool {
	return signedIn(ctx) && may(ctx, identity.TicketsOwn) && !may(ctx, identity.OverviewRead)
}

func signedIn(ctx context.Context) bool { return identity.ActorOf(ctx).Kind == identity.UserKind }

// Initials gives the first letters of the first and the last word of a name.
func Initials(name string) string {
	words := strings.Fields(name)
	var letters string
	for i, word := range words {
		if i == 0 || i == len(words)-1 {
			first, _ := utf8.DecodeRuneInString(word)
			letters += strings.ToUpper(string(first))
		}
	}
	return letters
}

// themeNow is what the page starts with; who follows the system gets "light"
// until theme.js has looked.
func themeNow(ctx context.Context) string {
	if ViewerOf(ctx).Theme == "dark" {
		return "dark"
	}
	return "light"
}

func otherTheme(ctx context.Context) string {
	if themeNow(ctx) == "dark" {
		return "light"
	}
	return "dark"
}

func otherLanguage(ctx context.Context) i18n.Language {
	if i18n.LocaleOf(ctx).Language == i18n.French {
		return i18n.English
	}
	return i18n.French
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// rolesOf names the roles of the viewer, each once.
func rolesOf(ctx context.Context) string {
	var names []string
	for _, grant := range identity.ActorOf(ctx).Grants {
		if name := i18n.T(ctx, "role."+string(grant.Role)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
