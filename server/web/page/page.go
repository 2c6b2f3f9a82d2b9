// Package page says what a page is: a route with its access rule, and a
// handler that returns what went wrong instead of answering it. The packages
// below hold the pages, one package for each domain.
//
// A handler parses, asks a service and renders; package web turns a returned
// fault into a page of its own.
package page

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/shared/id"
)

// Page is one page, or one form that a page sends.
type Page struct {
	Method string
	Path   string
	Rule   identity.Rule
	Handle func(*gin.Context) error
}

// Get is a page.
func Get(path string, rule identity.Rule, handle func(*gin.Context) error) Page {
	return Page{http.MethodGet, path, rule, handle}
}

// Post is where a form goes.
func Post(path string, rule identity.Rule, handle func(*gin.Context) error) Page {
	return Page{http.MethodPost, path, rule, handle}
}

// ID reads an identifier from the path. Fault: Missing, naming the thing, when
// it is none.
func ID[T any](c *gin.Context, name, thing string) (id.Of[T], error) {
	parsed, err := id.Parse[T](c.Param(name))
	if err != nil {
		return id.Of[T]{}, fault.NewMissing(thing)
	}
	return parsed, nil
}

// formLimit is more than any form of ours needs.
const formLimit = 64 << 10

// Form reads the fields of a form.
func Form(c *gin.Context) (url.Values, error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, formLimit)
	if err := c.Request.ParseForm(); err != nil {
		return nil, fault.NewTooLarge(formLimit)
	}
	return c.Request.PostForm, nil
}

// Local gives path when it is one of this server, else "/". It keeps a link to
// us from sending people elsewhere.
func Local(path string) string {
	parsed, err := url.Parse(path)
	if err != nil || parsed.IsAbs() || parsed.Host != "" || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}
