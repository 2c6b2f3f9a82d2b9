package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/route"
	"holdfast/server/web/ui"
)

// Fail answers a request with the page of what went wrong. Who is not signed
// in is asked to sign in, and comes back to the page afterwards.
func (p *Pages) Fail(c *gin.Context, err error) {
	p.prepare(c)
	p.answer(c, err)
}

// NotFound answers a request for a page that does not exist.
func (p *Pages) NotFound(c *gin.Context) { p.Fail(c, fault.NewMissing("page")) }

func (p *Pages) answer(c *gin.Context, err error) {
	c.Abort()
	ctx := c.Request.Context()
	if ctx.Err() != nil {
		return // nobody waits for the answer any more
	}
	found := fault.Of(err)
	if found != nil && found.Kind == fault.SignedOut {
		signIn(c)
		return
	}
	if found == nil {
		p.log.ErrorContext(ctx, "page failed", "route", c.FullPath(), "error", err)
		found = &fault.Fault{Key: "fault.internal"}
	}
	if c.Writer.Written() {
		// Half a page or half a file is out. Nothing but a broken connection
		// tells whoever saves it that the rest is missing.
		panic(http.ErrAbortHandler)
	}
	c.Writer.Header().Del("Content-Disposition") // what follows is no file
	viewer := ui.ViewerOf(ctx)
	viewer.Counts = nil // what failed may be what they are read from
	c.Request = c.Request.WithContext(ui.WithViewer(ctx, viewer))
	if found.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(int(found.RetryAfter.Seconds())))
	}
	status := route.Status(found.Kind)
	if err := ui.RenderStatus(c, status, ui.Failure(status, found)); err != nil {
		p.log.ErrorContext(ctx, "error page failed", "route", c.FullPath(), "error", err)
	}
}

func signIn(c *gin.Context) {
	target := "/sign-in"
	if next := here(c); next != "/" && c.GetHeader("HX-Request") == "" {
		target += "?next=" + url.QueryEscape(next)
	}
	ui.Redirect(c, target)
}
