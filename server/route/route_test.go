package route_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/route"
)

func open(identity.Rule) gin.HandlerFunc { return func(*gin.Context) {} }

func TestRouteWithoutRuleIsRefused(t *testing.T) {
	good := route.Route{Method: "GET", Path: "/good", Rule: identity.Public, Handler: func(*gin.Context) {}}
	for name, rule := range map[string]identity.Rule{"no rule": "", "unknown rule": "anybody", "unknown permission": identity.Needs("x.y")} {
		engine := gin.New()
		bad := route.Route{Method: "GET", Path: "/bad", Rule: rule, Handler: good.Handler}
		if err := route.Mount(engine, open, good, bad); err == nil {
			t.Errorf("%s is mounted", name)
		}
		if routes := engine.Routes(); len(routes) != 0 {
			t.Errorf("%s leaves %v mounted", name, routes)
		}
	}
}

func TestSessionCookieIsSecureOverHTTPS(t *testing.T) {
	for _, secure := range []bool{false, true} {
		response := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(response)
		c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
		c.Request = c.Request.WithContext(route.WithSecure(c.Request.Context(), secure))
		route.SetSession(c, identity.NewSecret(identity.SessionPrefix), time.Now().Add(time.Hour))
		cookie := response.Result().Cookies()[0]
		if cookie.Secure != secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie is %+v", cookie)
		}
	}
}
