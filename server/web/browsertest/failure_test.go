package browsertest

import (
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/route"
	"holdfast/server/web"
)

// broken is a server all of whose pages fail, each in the way that its address
// says, for a reader of the role that the address asks for.
func broken(t *testing.T) string {
	t.Helper()
	pages, err := web.New(web.Services{}, web.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	engine.Use(func(c *gin.Context) {
		actor := identity.Actor{}
		if role := c.Query("role"); role != "" {
			actor = identity.Actor{Kind: identity.UserKind, Name: "Amara Diallo", Grants: []identity.Grant{{Role: identity.Role(role)}}}
		}
		ctx := identity.WithRequest(identity.WithActor(c.Request.Context(), actor), "01993f2e-7c1a-7000-8000-0000000004d2")
		c.Request = c.Request.WithContext(ctx)
	})
	for path, failure := range failures() {
		engine.GET(path, func(c *gin.Context) { pages.Fail(c, failure) })
	}
	var files []route.Route
	for _, each := range pages.Routes() {
		if each.Rule == identity.Public {
			files = append(files, each)
		}
	}
	if err := route.Mount(engine, func(identity.Rule) gin.HandlerFunc { return func(*gin.Context) {} }, files...); err != nil {
		t.Fatal(err)
	}
	engine.NoRoute(pages.NotFound)
	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	return server.URL
}

func failures() map[string]error {
	return map[string]error{
		"/denied": fault.NewDenied(string(identity.TicketsRead)), "/people-only": &fault.Fault{Kind: fault.Denied, Key: "fault.people_only"},
		"/conflict": fault.NewConflict("fault.ticket.merge_itself", nil), "/large": fault.NewTooLarge(1 << 20),
		"/invalid": fault.NewInvalid(fault.Field{Name: "limit", Key: "fault.field.choice"}),
		"/often":   fault.NewTooMany(2 * time.Minute), "/later": fault.NewUnavailable(time.Minute), "/failed": errors.New("the database is gone"),
	}
}

func TestErrorPagesSayWhatHappenedInWords(t *testing.T) {
	base := broken(t)
	pages := []string{"/nowhere"}
	for path := range failures() {
		pages = append(pages, path)
	}
	for _, language := range []string{"en", "fr"} {
		b := newTab(t, base)
		b.speaks(language)
		for _, role := range []identity.Role{"", identity.HelpDesk, identity.Requester} {
			for _, path := range pages {
				b.size(1440, 900)
				b.open(path + "?role=" + string(role))
				b.expectNoise() // the browser notes the status
				if got := ask[string](b, "document.documentElement.lang"); got != language {
					t.Errorf("%s is in %q, want %q", path, got, language)
				}
				if code := ask[string](b, `(document.querySelector("main").innerText.match(/\b[a-z_]+\.[a-z_]+\b/) || [""])[0]`); code != "" {
					t.Errorf("%s shows %s to people", path, code)
				}
				if role == identity.Requester && !ask[bool](b, "Boolean(document.querySelector('.hf-portal main a[href=\"/portal\"]'))") {
					t.Errorf("%s leads a requester away from the portal", path)
				}
				b.looks("failure" + path[1:] + "-" + string(role) + "-" + language)
			}
		}
	}
}
