package app

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/route"
)

// build makes the engine with every route of the server behind its rule.
func (a *App) build() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	var proxies []string
	for _, network := range a.settings.BehindProxy {
		proxies = append(proxies, network.String())
	}
	if err := engine.SetTrustedProxies(proxies); err != nil {
		return nil, fmt.Errorf("trust proxies: %w", err)
	}

	origins := http.NewCrossOriginProtection()
	if a.settings.PublicURL != "" {
		if err := origins.AddTrustedOrigin(a.settings.Public()); err != nil {
			return nil, fmt.Errorf("trust the public address: %w", err)
		}
	}
	doors, err := a.doors()
	if err != nil {
		return nil, err
	}
	g := &gate{
		accounts: a.accounts, agents: a.intake, origins: origins,
		secure: a.settings.Secure(), proxied: len(a.settings.BehindProxy) > 0, fail: doors.fail,
	}
	engine.Use(identify, record(a.log, a.health.request), survive(a.log, doors.fail), protect(a.settings.Secure()), legible(doors.fail))
	a.routes = append(doors.routes, a.health.routes()...)
	if err := route.Mount(engine, g.guard, a.routes...); err != nil {
		return nil, err
	}
	// A page that does not exist is still drawn for who asks.
	engine.NoRoute(g.guard(identity.Public), func(c *gin.Context) { doors.fail(c, fault.NewMissing("page")) })
	engine.NoMethod(g.guard(identity.Public), func(c *gin.Context) { c.Status(http.StatusMethodNotAllowed) })
	return engine, nil
}
