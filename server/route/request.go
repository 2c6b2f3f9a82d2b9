package route

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
)

type contextKey int

const secureKey contextKey = iota

// WithSecure says whether browsers reach this server by https, directly or
// through a proxy.
func WithSecure(ctx context.Context, secure bool) context.Context {
	return context.WithValue(ctx, secureKey, secure)
}

// Secure reports whether the browser of this request came by https.
func Secure(c *gin.Context) bool {
	secure, _ := c.Request.Context().Value(secureKey).(bool) // not said is not secure
	return secure || c.Request.TLS != nil
}

// SetSession gives the browser its session, until expires at the latest. No
// script can read the cookie, and no other site can send it along with a form.
func SetSession(c *gin.Context, secret identity.Secret, expires time.Time) {
	cookie := sessionCookie(c, string(secret))
	cookie.Expires = expires
	http.SetCookie(c.Writer, cookie)
}

// ClearSession takes the session away from the browser.
func ClearSession(c *gin.Context) {
	cookie := sessionCookie(c, "")
	cookie.MaxAge = -1
	http.SetCookie(c.Writer, cookie)
}

func sessionCookie(c *gin.Context, value string) *http.Cookie {
	return &http.Cookie{
		Name: identity.SessionCookie, Value: value, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(c),
	}
}
