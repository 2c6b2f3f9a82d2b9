// Package profile has what people decide for themselves: name, language,
// theme, time zone, password, sessions, saved views. Language and theme can be
// switched on every page; they go to the account when somebody is signed in,
// and to a cookie in any case, so that signing out changes nothing.
package profile

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/server/account"
	"holdfast/server/identity"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct {
	accounts *account.Service
	views    *view.Service
}

// New makes the pages.
func New(accounts *account.Service, views *view.Service) *Pages {
	return &Pages{accounts: accounts, views: views}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	return []page.Page{
		page.Post("/language", identity.Public, p.language),
		page.Post("/theme", identity.Public, p.theme),
		page.Get("/account", identity.UserOnly, p.show),
		page.Post("/account", identity.UserOnly, p.save),
		page.Post("/account/keys", identity.UserOnly, p.keys),
		page.Post("/account/password", identity.UserOnly, p.password),
		page.Post("/account/sessions/others", identity.UserOnly, p.endOthers),
		page.Post("/account/sessions/:id/revoke", identity.UserOnly, p.endSession),
		page.Post("/views", identity.UserOnly, p.saveView),
		page.Post("/views/:id/remove", identity.UserOnly, p.removeView),
	}
}

// mine is what the account page shows.
type mine struct {
	user     account.User
	sessions []account.SessionRow
	form     ui.Form
	password ui.Form
}

func (p *Pages) load(c *gin.Context) (mine, error) {
	ctx := c.Request.Context()
	user, err := p.accounts.Me(ctx)
	if err != nil {
		return mine{}, err
	}
	sessions, err := p.accounts.Sessions(ctx)
	return mine{user: user, sessions: sessions}, err
}

func (p *Pages) show(c *gin.Context) error {
	me, err := p.load(c)
	if err != nil {
		return err
	}
	return ui.Render(c, Account(me))
}

func (p *Pages) save(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	profile := account.Profile{
		Name: values.Get("name"), Email: values.Get("email"),
		Language: values.Get("language"), Theme: values.Get("theme"), TimeZone: values.Get("time_zone"),
	}
	err = p.accounts.UpdateMe(c.Request.Context(), profile)
	if form, is := ui.Wrong(values, err); is {
		me, err := p.load(c)
		if err != nil {
			return err
		}
		me.form = form
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Account(me))
	}
	if err != nil {
		return err
	}
	ui.Remember(c, ui.LanguageCookie, profile.Language)
	ui.Remember(c, ui.ThemeCookie, profile.Theme)
	return ui.Done(c, "/account", ui.Notice{Key: "account.saved"})
}

func (p *Pages) keys(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	choice := "off"
	if values.Get("keys") == "on" {
		choice = "on"
	}
	ui.Remember(c, ui.KeysCookie, choice)
	return ui.Done(c, "/account", ui.Notice{Key: "account.saved"})
}

func (p *Pages) password(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	err = p.accounts.ChangePassword(c.Request.Context(), values.Get("old"), values.Get("password"))
	if form, is := ui.Wrong(values, err); is {
		me, err := p.load(c)
		if err != nil {
			return err
		}
		me.password = form
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Account(me))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/account", ui.Notice{Key: "account.password_changed"})
}

func (p *Pages) endOthers(c *gin.Context) error {
	if err := p.accounts.RevokeOtherSessions(c.Request.Context()); err != nil {
		return err
	}
	return ui.Done(c, "/account", ui.Notice{Key: "account.others_ended"})
}

func (p *Pages) endSession(c *gin.Context) error {
	session, err := page.ID[account.SessionRow](c, "id", "session")
	if err != nil {
		return err
	}
	if err := p.accounts.RevokeSession(c.Request.Context(), session); err != nil {
		return err
	}
	return ui.Done(c, "/account", ui.Notice{Key: "session.ended"})
}

func (p *Pages) language(c *gin.Context) error {
	return p.choose(c, ui.LanguageCookie, "language", account.Languages(), func(profile *account.Profile, chosen string) {
		profile.Language = chosen
	})
}

func (p *Pages) theme(c *gin.Context) error {
	return p.choose(c, ui.ThemeCookie, "theme", []string{"light", "dark"}, func(profile *account.Profile, chosen string) {
		profile.Theme = chosen
	})
}

func (p *Pages) choose(c *gin.Context, cookie, field string, known []string, set func(*account.Profile, string)) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	chosen := values.Get(field)
	if slices.Contains(known, chosen) {
		ui.Remember(c, cookie, chosen)
		if err := p.keep(c, func(profile *account.Profile) { set(profile, chosen) }); err != nil {
			return err
		}
	}
	ui.Redirect(c, page.Local(values.Get("back")))
	return nil
}

// keep writes a choice to the account of who is signed in.
func (p *Pages) keep(c *gin.Context, set func(*account.Profile)) error {
	ctx := c.Request.Context()
	if identity.ActorOf(ctx).Kind != identity.UserKind {
		return nil
	}
	me, err := p.accounts.Me(ctx)
	if err != nil {
		return err
	}
	profile := profileOf(me)
	set(&profile)
	return p.accounts.UpdateMe(ctx, profile)
}

func profileOf(user account.User) account.Profile {
	return account.Profile{
		Name: user.Name, Email: text(user.Email),
		Language: text(user.Language), Theme: text(user.Theme), TimeZone: text(user.TimeZone),
	}
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func (p *Pages) saveView(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	path, query := page.Local(values.Get("path")), values.Get("query")
	saved, err := p.views.Save(c.Request.Context(), values.Get("list"), values.Get("name"), query)
	if err != nil {
		return err
	}
	return ui.Done(c, address(path, query), ui.Notice{Key: "list.view_saved", Args: i18n.Args{"Name": saved.Name}})
}

func (p *Pages) removeView(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	id, err := page.ID[view.View](c, "id", "view")
	if err != nil {
		return err
	}
	gone, err := p.views.Remove(c.Request.Context(), id)
	if err != nil {
		return err
	}
	path := page.Local(values.Get("path"))
	return ui.Done(c, path, ui.Notice{
		Key: "list.view_removed", Args: i18n.Args{"Name": gone.Name},
		Undo: &ui.Undo{Action: "/views", Values: map[string]string{"list": gone.List, "name": gone.Name, "query": gone.Query, "path": path}},
	})
}

func address(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}
