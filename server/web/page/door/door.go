// Package door has the pages before somebody is signed in: the first run,
// one-time links, signing in and out.
package door

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/server/account"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/route"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct{ accounts *account.Service }

// New makes the pages.
func New(accounts *account.Service) *Pages { return &Pages{accounts: accounts} }

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	return []page.Page{
		page.Get("/sign-in", identity.Public, p.signInForm),
		page.Post("/sign-in", identity.Public, p.signIn),
		page.Post("/sign-out", identity.SignedIn, p.signOut),
		page.Get("/first-run/:secret", identity.Public, p.linkForm),
		page.Post("/first-run/:secret", identity.Public, p.useLink),
		page.Get("/link/:secret", identity.Public, p.linkForm),
		page.Post("/link/:secret", identity.Public, p.useLink),
	}
}

func (p *Pages) signInForm(c *gin.Context) error {
	if identity.ActorOf(c.Request.Context()).Kind == identity.UserKind {
		ui.Redirect(c, page.Local(c.Query("next")))
		return nil
	}
	empty, err := p.accounts.Empty(c.Request.Context())
	if err != nil {
		return err
	}
	return ui.Render(c, signIn(ui.Form{}, page.Local(c.Query("next")), empty))
}

func (p *Pages) signIn(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	next := page.Local(values.Get("next"))
	session, err := p.accounts.SignIn(c.Request.Context(), values.Get("login"), values.Get("password"), client(c))
	if err == nil {
		route.SetSession(c, session.Secret, session.ExpiresAt)
		ui.Redirect(c, next)
		return nil
	}
	if fault.Is(err, fault.SignedOut) {
		wrong := ui.Form{Values: values, Faults: []fault.Field{{Name: "login", Key: "sign_in.wrong"}}}
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, signIn(wrong, next, false))
	}
	if form, is := ui.Wrong(values, err); is {
		return ui.RenderStatus(c, http.StatusTooManyRequests, signIn(form, next, false))
	}
	return err
}

func (p *Pages) signOut(c *gin.Context) error {
	if err := p.accounts.SignOut(c.Request.Context()); err != nil && !fault.Is(err, fault.SignedOut) {
		return err
	}
	route.ClearSession(c)
	return ui.Done(c, "/sign-in", ui.Notice{Key: "sign_in.out"})
}

func (p *Pages) linkForm(c *gin.Context) error {
	link, err := p.accounts.LinkOf(c.Request.Context(), identity.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	return p.renderLink(c, http.StatusOK, link, ui.Form{})
}

func (p *Pages) renderLink(c *gin.Context, status int, link account.Link, form ui.Form) error {
	c.Header("Referrer-Policy", "no-referrer") // the address holds the secret
	if link.First {
		return ui.RenderStatus(c, status, firstRun(form))
	}
	return ui.RenderStatus(c, status, newPassword(form, link))
}

func (p *Pages) useLink(c *gin.Context) error {
	ctx := c.Request.Context()
	secret := identity.Secret(c.Param("secret"))
	link, err := p.accounts.LinkOf(ctx, secret)
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	var session account.Session
	next := "/"
	if link.First {
		next = "/enrolment/first"
		session, err = p.accounts.UseFirstRun(ctx, secret, account.Newcomer{
			Login: values.Get("login"), Name: values.Get("name"), Password: values.Get("password"),
			Language: string(i18n.LocaleOf(ctx).Language),
		}, client(c))
	} else {
		session, err = p.accounts.UseLink(ctx, secret, values.Get("password"), client(c))
	}
	if err != nil {
		if form, is := ui.Wrong(values, err); is {
			return p.renderLink(c, http.StatusUnprocessableEntity, link, form)
		}
		return err
	}
	route.SetSession(c, session.Secret, session.ExpiresAt)
	ui.Redirect(c, next)
	return nil
}

func client(c *gin.Context) account.Client {
	return account.Client{Address: c.ClientIP(), Agent: c.Request.UserAgent()}
}
