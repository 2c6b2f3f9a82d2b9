package access

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"holdfast/server/account"
	"holdfast/server/identity"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// person is what the page of one user shows.
type person struct {
	user     account.User
	units    []unit.Unit
	sessions []account.SessionRow
	form     ui.Form
	link     string // just made, shown once
}

func (p *Pages) listUsers(c *gin.Context) error {
	users, err := p.accounts.Users(c.Request.Context())
	if err != nil {
		return err
	}
	units, err := p.units.List(c.Request.Context())
	if err != nil {
		return err
	}
	return ui.Render(c, Users(users, units))
}

func (p *Pages) newUser(c *gin.Context) error {
	return p.renderNewUser(c, http.StatusOK, ui.Form{Values: url.Values{}})
}

func (p *Pages) renderNewUser(c *gin.Context, status int, form ui.Form) error {
	units, err := p.units.List(c.Request.Context())
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, status, NewUser(form, units))
}

func (p *Pages) createUser(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	who := account.Newcomer{Login: values.Get("login"), Name: values.Get("name"), Email: values.Get("email"), Language: values.Get("language")}
	created, err := p.accounts.CreateUser(c.Request.Context(), who, []account.GrantWish{wish(values)})
	if form, is := ui.Wrong(values, err); is {
		return p.renderNewUser(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return p.renderLink(c, created.ID)
}

// wish reads a role and a unit; what is wrong with them the service says.
func wish(values url.Values) account.GrantWish {
	role, _ := identity.ParseRole(values.Get("role"))
	unit, err := id.Parse[identity.Unit](values.Get("unit"))
	if err != nil {
		unit = identity.UnitID{}
	}
	return account.GrantWish{Role: role, UnitID: unit}
}

func (p *Pages) load(c *gin.Context, user identity.UserID) (person, error) {
	ctx := c.Request.Context()
	found, err := p.accounts.User(ctx, user)
	if err != nil {
		return person{}, err
	}
	units, err := p.units.List(ctx)
	if err != nil {
		return person{}, err
	}
	sessions, err := p.accounts.SessionsOf(ctx, user)
	return person{user: found, units: units, sessions: sessions}, err
}

func (p *Pages) showUser(c *gin.Context) error {
	user, err := page.ID[identity.User](c, "id", "user")
	if err != nil {
		return err
	}
	who, err := p.load(c, user)
	if err != nil {
		return err
	}
	return ui.Render(c, User(who))
}

func (p *Pages) makeLink(c *gin.Context) error {
	user, err := page.ID[identity.User](c, "id", "user")
	if err != nil {
		return err
	}
	return p.renderLink(c, user)
}

// renderLink makes a link with which the user sets a password, and shows it.
// There is no going on to another page: a link is shown once, and never kept
// in an address or a cookie.
func (p *Pages) renderLink(c *gin.Context, user identity.UserID) error {
	secret, err := p.accounts.MakeLink(c.Request.Context(), user)
	if err != nil {
		return err
	}
	who, err := p.load(c, user)
	if err != nil {
		return err
	}
	who.link = p.public + "/link/" + string(secret)
	return ui.Render(c, User(who))
}

func (p *Pages) grant(c *gin.Context) error {
	return p.changeGrant(c, "user.granted", func(user identity.UserID, wanted account.GrantWish) error {
		return p.accounts.Grant(c.Request.Context(), user, wanted.Role, wanted.UnitID)
	})
}

func (p *Pages) ungrant(c *gin.Context) error {
	return p.changeGrant(c, "user.ungranted", func(user identity.UserID, wanted account.GrantWish) error {
		return p.accounts.Ungrant(c.Request.Context(), user, wanted.Role, wanted.UnitID)
	})
}

func (p *Pages) changeGrant(c *gin.Context, done string, change func(identity.UserID, account.GrantWish) error) error {
	user, err := page.ID[identity.User](c, "id", "user")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wanted := wish(values)
	err = change(user, wanted)
	if form, is := ui.Wrong(values, err); is {
		who, err := p.load(c, user)
		if err != nil {
			return err
		}
		who.form = form
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, User(who))
	}
	if err != nil {
		return err
	}
	path := "/access/users/" + user.String()
	back := path + "/grants"
	if done == "user.granted" {
		back += "/remove"
	}
	return ui.Done(c, path, ui.Notice{
		Key: done, Args: i18n.Args{"Role": i18n.T(c.Request.Context(), "role."+string(wanted.Role))},
		Undo: &ui.Undo{Action: back, Values: map[string]string{"role": string(wanted.Role), "unit": wanted.UnitID.String()}},
	})
}

func (p *Pages) confirmDisable(c *gin.Context) error {
	user, err := page.ID[identity.User](c, "id", "user")
	if err != nil {
		return err
	}
	who, err := p.load(c, user)
	if err != nil {
		return err
	}
	return ui.Render(c, Disable(who, ui.Form{}))
}

func (p *Pages) disable(c *gin.Context) error {
	user, err := page.ID[identity.User](c, "id", "user")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	err = ui.WithReason(c, values, func() error { return p.accounts.Disable(c.Request.Context(), user) })
	if form, is := ui.Wrong(values, err); is {
		who, err := p.load(c, user)
		if err != nil {
			return err
		}
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Disable(who, form))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/access/users/"+user.String(), ui.Notice{Key: "user.disabled_done"})
}

func (p *Pages) enable(c *gin.Context) error {
	user, err := page.ID[identity.User](c, "id", "user")
	if err != nil {
		return err
	}
	if err := p.accounts.Enable(c.Request.Context(), user); err != nil {
		return err
	}
	return ui.Done(c, "/access/users/"+user.String(), ui.Notice{Key: "user.enabled_done"})
}
