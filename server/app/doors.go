package app

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/route"
)

// doors are the routes of pages and API, and how each answers what went wrong.
type doors struct {
	routes []route.Route
	fail   func(*gin.Context, error)
}

func (a *App) doors() (doors, error) {
	return doors{fail: func(c *gin.Context, err error) {
		if found := fault.Of(err); found != nil {
			c.String(http.StatusForbidden, found.Key)
			return
		}
		c.Status(http.StatusInternalServerError)
	}}, nil
}
