package access

import (
	"github.com/gin-gonic/gin"

	"holdfast/server/account"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// userSessions are the open sessions of one user.
type userSessions struct {
	user     account.User
	sessions []account.SessionRow
}

func (p *Pages) listSessions(c *gin.Context) error {
	ctx := c.Request.Context()
	users, err := p.accounts.Users(ctx)
	if err != nil {
		return err
	}
	all, err := p.accounts.SessionsOfAll(ctx)
	if err != nil {
		return err
	}
	var open []userSessions
	for _, user := range users {
		if sessions := all[user.ID]; len(sessions) > 0 {
			open = append(open, userSessions{user, sessions})
		}
	}
	return ui.Render(c, AllSessions(open))
}

func (p *Pages) revokeSession(c *gin.Context) error {
	session, err := page.ID[account.SessionRow](c, "id", "session")
	if err != nil {
		return err
	}
	if err := p.accounts.RevokeSession(c.Request.Context(), session); err != nil {
		return err
	}
	return ui.Done(c, "/access/sessions", ui.Notice{Key: "session.ended"})
}
