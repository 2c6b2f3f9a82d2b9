package device

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

func (p *Pages) confirmRevoke(c *gin.Context) error {
	one, err := p.load(c, "")
	if err != nil {
		return err
	}
	return ui.Render(c, Revoke(one, ui.Form{}))
}

// revoke makes the credential of the device's agent void.
func (p *Pages) revoke(c *gin.Context) error {
	one, err := p.load(c, "")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	err = ui.WithReason(c, values, func() error { return p.agents.Revoke(c.Request.Context(), one.ID) })
	if form, is := ui.Wrong(values, err); is {
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Revoke(one, form))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, one.path(""), ui.Notice{Key: "device.agent_revoked", Args: i18n.Args{"Name": one.Name}})
}

// revocable reports whether the device has an agent that may report, and the
// reader may end that.
func (s subject) revocable(actor identity.Actor) bool {
	return !s.EnrolledAt.IsZero() && s.RevokedAt.IsZero() && actor.Reach(identity.AgentsManage).Has(s.UnitID)
}
