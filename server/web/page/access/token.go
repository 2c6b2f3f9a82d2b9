package access

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/account"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// tokens is what the page of API tokens shows.
type tokens struct {
	list   []account.Token
	units  []unit.Unit
	form   ui.Form
	secret string // just made, shown once
	name   string // of it
	public string
}

func (p *Pages) listTokens(c *gin.Context) error {
	return p.renderTokens(c, http.StatusOK, tokens{})
}

func (p *Pages) renderTokens(c *gin.Context, status int, shown tokens) error {
	ctx := c.Request.Context()
	var err error
	if shown.list, err = p.accounts.Tokens(ctx); err != nil {
		return err
	}
	if shown.units, err = p.units.List(ctx); err != nil {
		return err
	}
	shown.public = p.public
	return ui.RenderStatus(c, status, Tokens(shown))
}

func (p *Pages) createToken(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wanted := account.TokenWish{Name: values.Get("name"), Grants: []account.GrantWish{wish(values)}}
	if days, err := strconv.Atoi(values.Get("days")); err == nil && days > 0 {
		end := i18n.LocaleOf(c.Request.Context()).Now.Add(time.Duration(days) * 24 * time.Hour)
		wanted.ExpiresAt = &end
	}
	token, secret, err := p.accounts.CreateToken(c.Request.Context(), wanted)
	if form, is := ui.Wrong(values, err); is {
		return p.renderTokens(c, http.StatusUnprocessableEntity, tokens{form: form})
	}
	if err != nil {
		return err
	}
	return p.renderTokens(c, http.StatusOK, tokens{secret: string(secret), name: token.Name})
}

func (p *Pages) token(c *gin.Context) (account.Token, error) {
	wanted, err := page.ID[identity.Token](c, "id", "token")
	if err != nil {
		return account.Token{}, err
	}
	all, err := p.accounts.Tokens(c.Request.Context())
	if err != nil {
		return account.Token{}, err
	}
	for _, token := range all {
		if token.ID == wanted {
			return token, nil
		}
	}
	return account.Token{}, fault.NewMissing("token")
}

func (p *Pages) confirmRevokeToken(c *gin.Context) error {
	token, err := p.token(c)
	if err != nil {
		return err
	}
	return ui.Render(c, RevokeToken(token, ui.Form{}))
}

func (p *Pages) revokeToken(c *gin.Context) error {
	token, err := p.token(c)
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	err = ui.WithReason(c, values, func() error { return p.accounts.RevokeToken(c.Request.Context(), token.ID) })
	if form, is := ui.Wrong(values, err); is {
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, RevokeToken(token, form))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/access/tokens", ui.Notice{Key: "token.revoked", Args: i18n.Args{"Name": token.Name}})
}
