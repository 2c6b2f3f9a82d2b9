// Package route is how the API and the pages hand their routes to the server:
// a method, a path, a handler, and the rule that says who may use it. A route
// without a rule is refused at start, so that none can be left open by
// oversight.
package route

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
)

// Route is one route of the server.
type Route struct {
	Method  string
	Path    string // in gin's form, such as "/devices/:id"
	Rule    identity.Rule
	Handler gin.HandlerFunc
}

// Guard stands before a handler: it lets the request pass or answers it.
type Guard func(identity.Rule) gin.HandlerFunc

// Mount puts the routes on the engine, each behind guard with its rule. It
// refuses a route whose rule is missing or unknown, and mounts none then.
func Mount(engine gin.IRoutes, guard Guard, routes ...Route) error {
	for _, r := range routes {
		if !r.Rule.Valid() {
			return fmt.Errorf("mount %s %s: no access rule (%q)", r.Method, r.Path, r.Rule)
		}
		if r.Handler == nil {
			return fmt.Errorf("mount %s %s: no handler", r.Method, r.Path)
		}
	}
	for _, r := range routes {
		engine.Handle(r.Method, r.Path, guard(r.Rule), r.Handler)
	}
	return nil
}
