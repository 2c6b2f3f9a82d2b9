package app

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/account"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/route"
)

// agents tells which device's agent a credential belongs to.
type agents interface {
	Authenticate(ctx context.Context, credential string) (identity.Actor, error)
}

// gate decides who a request comes from and whether it may pass.
type gate struct {
	accounts *account.Service
	agents   agents
	origins  *http.CrossOriginProtection
	secure   bool // browsers come by https
	proxied  bool // a proxy passes requests on, so that the peer is not the client
	fail     func(*gin.Context, error)
}

// guard is the one place where a route's rule is enforced.
func (g *gate) guard(rule identity.Rule) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := g.admit(c, rule); err != nil {
			g.fail(c, err)
			c.Abort()
		}
	}
}

func (g *gate) admit(c *gin.Context, rule identity.Rule) error {
	actor, err := g.actor(c, rule)
	if err != nil {
		return err
	}
	ctx := route.WithSecure(c.Request.Context(), g.secure)
	if actor.Kind == identity.Nobody && rule.Local() && g.local(c.Request) {
		actor = identity.System("this machine")
	}
	if actor.Kind != identity.Nobody {
		ctx = identity.WithActor(ctx, actor)
	}
	c.Request = c.Request.WithContext(ctx)
	// What a browser sends along by itself proves nothing about who wants it.
	if c.GetHeader("Authorization") == "" && rule != identity.AgentOnly {
		if err := g.origins.Check(c.Request); err != nil {
			return &fault.Fault{Kind: fault.Denied, Key: "fault.cross_origin"}
		}
	}
	return rule.Check(ctx)
}

// actor finds out who the request comes from; nobody is an answer. Fault:
// SignedOut when a credential is shown that is not valid.
func (g *gate) actor(c *gin.Context, rule identity.Rule) (identity.Actor, error) {
	ctx := c.Request.Context()
	if header := c.GetHeader("Authorization"); header != "" {
		scheme, credential, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return identity.Actor{}, fault.NewSignedOut()
		}
		switch secret := identity.Secret(strings.TrimSpace(credential)); {
		case secret.Is(identity.AgentPrefix):
			return g.agents.Authenticate(ctx, string(secret))
		case secret.Is(identity.TokenPrefix):
			return g.accounts.FromToken(ctx, secret)
		default:
			return identity.Actor{}, fault.NewSignedOut()
		}
	}
	cookie, err := c.Request.Cookie(identity.SessionCookie)
	if err != nil || rule == identity.AgentOnly || strings.HasPrefix(c.Request.URL.Path, "/static/") {
		return identity.Actor{}, nil
	}
	actor, err := g.accounts.FromSession(ctx, identity.Secret(cookie.Value))
	if fault.Is(err, fault.SignedOut) { // ended: to the browser the same as never begun
		route.ClearSession(c)
		return identity.Actor{}, nil
	}
	return actor, err
}

// local reports whether the request comes from this machine itself, and not
// through something on it that passes requests on for others.
func (g *gate) local(r *http.Request) bool {
	if g.proxied {
		return false
	}
	for _, header := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}
