package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/identity"
	"holdfast/server/importer"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/route"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/protocol"
)

// plain builds a server over an empty database.
func plain(t *testing.T) *App {
	return build(t, settings(t, storetest.URL(t, store.SQLite)), io.Discard, nil)
}

func TestEveryAnswerIsProtected(t *testing.T) {
	s := settings(t, storetest.URL(t, store.SQLite))
	s.PublicURL = "https://holdfast.example.org"
	a := build(t, s, io.Discard, nil)
	for _, path := range []string{"/healthz", "/api/v1/devices", "/nothing", "/sign-in"} {
		header := a.ask(t, http.MethodGet, path, "", nothing).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=", "X-Request-Id": "",
		} {
			if got := header.Get(name); got == "" || !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		for _, loose := range []string{"unsafe-inline", "unsafe-eval", "*"} {
			if policy := header.Get("Content-Security-Policy"); strings.Contains(policy, loose) {
				t.Errorf("%s: the policy allows %s: %s", path, loose, policy)
			}
		}
	}
}

func TestForeignSiteCannotActThroughASession(t *testing.T) {
	a := plain(t)
	root, err := a.units.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	secret := a.session(t, a.user(t, identity.Administrator, root.ID))
	body := fmt.Sprintf(`{"name": "North", "parent_id": %q}`, root.ID)
	for name, headers := range map[string]map[string]string{
		"fetch metadata": {"Sec-Fetch-Site": "cross-site"},
		"sibling":        {"Sec-Fetch-Site": "same-site"},
		"origin":         {"Origin": "https://evil.example"},
		"null origin":    {"Origin": "null"},
	} {
		w := a.ask(t, http.MethodPost, "/api/v1/units", body, func(r *http.Request) {
			cookie(secret)(r)
			for key, value := range headers {
				r.Header.Set(key, value)
			}
		})
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	w := a.ask(t, http.MethodPost, "/api/v1/units", body, func(r *http.Request) {
		cookie(secret)(r)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	})
	if w.Code != http.StatusCreated {
		t.Errorf("our own page: %d %s", w.Code, w.Body)
	}
}

func TestCredentialThatIsNotValidIsNotIgnored(t *testing.T) {
	a := plain(t)
	for _, header := range []string{"Bearer nonsense", "Basic YTpi", "Bearer " + string(identity.NewSecret(identity.TokenPrefix)), "Bearer " + string(identity.NewSecret(identity.AgentPrefix))} {
		w := a.ask(t, http.MethodGet, "/api/v1/openapi.json", "", func(r *http.Request) { r.Header.Set("Authorization", header) })
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %d", header, w.Code)
		}
	}
	w := a.ask(t, http.MethodGet, "/healthz", "", cookie("an old session"))
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Set-Cookie"), identity.SessionCookie+"=;") {
		t.Errorf("an ended session: %d, %q", w.Code, w.Header().Get("Set-Cookie"))
	}
}

func TestMetricsAreForThisMachineAndThosePermitted(t *testing.T) {
	from := func(address string, header ...string) credential {
		return func(r *http.Request) {
			r.RemoteAddr = address
			if len(header) == 2 {
				r.Header.Set(header[0], header[1])
			}
		}
	}
	a := plain(t)
	root, err := a.units.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		show credential
		want int
	}{
		"this machine":           {from("127.0.0.1:1"), http.StatusOK},
		"this machine by IPv6":   {from("[::1]:1"), http.StatusOK},
		"another machine":        {from("192.0.2.1:1"), http.StatusUnauthorized},
		"through something here": {from("127.0.0.1:1", "X-Forwarded-For", "192.0.2.1"), http.StatusUnauthorized},
		"a token":                {bearer(a.token(t, identity.Servers, root.ID)), http.StatusOK},
		"a lesser token":         {bearer(a.token(t, identity.HelpDesk, root.ID)), http.StatusForbidden},
	} {
		if w := a.ask(t, http.MethodGet, "/metrics", "", c.show); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	s := settings(t, storetest.URL(t, store.SQLite))
	s.PublicURL, s.BehindProxy = "https://holdfast.example.org", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	if w := build(t, s, io.Discard, nil).ask(t, http.MethodGet, "/metrics", "", from("127.0.0.1:1")); w.Code != http.StatusUnauthorized {
		t.Errorf("the proxy itself: %d", w.Code)
	}
}

func TestAddressComesOnlyFromProxiesThatAreTrusted(t *testing.T) {
	var log bytes.Buffer
	s := settings(t, storetest.URL(t, store.SQLite))
	s.PublicURL, s.BehindProxy = "https://holdfast.example.org", []netip.Prefix{netip.MustParsePrefix("10.0.3.0/24")}
	a := build(t, s, io.Discard, slog.New(slog.NewTextHandler(&log, nil)))
	for peer, want := range map[string]string{"10.0.3.9:1": "address=203.0.113.5", "192.0.2.7:1": "address=192.0.2.7"} {
		log.Reset()
		a.ask(t, http.MethodGet, "/nothing", "", func(r *http.Request) {
			r.RemoteAddr = peer
			r.Header.Set("X-Forwarded-For", "203.0.113.5")
		})
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s: want %s in %s", peer, want, log.String())
		}
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	s := settings(t, storetest.URL(t, store.SQLite))
	a := build(t, s, io.Discard, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	root, err := a.units.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	token := a.token(t, identity.Administrator, root.ID)
	session := a.session(t, a.user(t, identity.Administrator, root.ID))
	link := identity.NewSecret(identity.LinkPrefix)
	for _, target := range []string{"/link/" + string(link), "/first-run/" + string(link), "/api/v1/devices?token=" + string(token), "/api/v1/me", "/nothing/" + string(token)} {
		a.ask(t, http.MethodGet, target, "", bearer(token))
		a.ask(t, http.MethodGet, target, "", cookie(session))
		a.ask(t, http.MethodPost, target, string(token), nothing)
	}
	for _, prefix := range []string{identity.LinkPrefix, identity.TokenPrefix, identity.SessionPrefix} {
		if strings.Contains(log.String(), prefix) {
			t.Errorf("a secret %s is logged:\n%s", prefix, log.String())
		}
	}
	if !strings.Contains(log.String(), "route=/api/v1/devices") {
		t.Errorf("requests are not logged:\n%s", log.String())
	}
}

func TestQueryThatCannotBeReadIsNotHalfObeyed(t *testing.T) {
	a := filled(t, store.SQLite)
	token := a.token(t, identity.Administrator, inventorytest.Unit(0))
	for query, want := range map[string]int{
		"?name=nothing": http.StatusOK, "?name=a%3Bb": http.StatusOK,
		"?name=a;b": http.StatusUnprocessableEntity, "?name=%zz": http.StatusUnprocessableEntity,
	} {
		if w := a.ask(t, http.MethodGet, "/api/v1/devices"+query, "", bearer(token)); w.Code != want {
			t.Errorf("%s: %d, want %d", query, w.Code, want)
		}
	}
}

func TestLargeBodyIsCutOff(t *testing.T) {
	a := filled(t, store.SQLite)
	w := a.ask(t, http.MethodPost, "/api/v1/units", `{"name":"`+strings.Repeat("x", formMost)+`"}`, bearer(a.token(t, identity.Administrator, inventorytest.Unit(0))))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("an API request: %d %s", w.Code, w.Body)
	}
	w = a.ask(t, http.MethodPost, protocol.EnrolPath, strings.Repeat("x", protocol.MaxReport+1), nothing)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("an agent's request: %d %s", w.Code, w.Body)
	}
}

func TestFileToImportMayBeLargerThanAForm(t *testing.T) {
	a := filled(t, store.SQLite)
	token := bearer(a.token(t, identity.Administrator, inventorytest.Unit(0)))
	heading := "name,login\n"
	w := a.ask(t, http.MethodPost, "/api/v1/imports/people?name=people.csv", heading+strings.Repeat(" ,\n", formMost), token)
	if w.Code != http.StatusOK {
		t.Errorf("a file of 3 MB: %d %s", w.Code, w.Body)
	}
	w = a.ask(t, http.MethodPost, "/api/v1/imports/people?name=people.csv", heading+strings.Repeat(" ", importer.MaxBytes), token)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "10,485,760") {
		t.Errorf("a file that is too large: %d %s", w.Code, w.Body)
	}
}

func TestPanicIsAnsweredAndLogged(t *testing.T) {
	var log bytes.Buffer
	a := build(t, settings(t, storetest.URL(t, store.SQLite)), io.Discard, slog.New(slog.NewTextHandler(&log, nil)))
	err := route.Mount(a.engine, func(identity.Rule) gin.HandlerFunc { return func(*gin.Context) {} },
		route.Route{Method: http.MethodGet, Path: "/api/panic", Rule: identity.Public, Handler: func(*gin.Context) { panic("the reason") }})
	if err != nil {
		t.Fatal(err)
	}
	w := a.ask(t, http.MethodGet, "/api/panic", "", nothing)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "the reason") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "the reason") || !strings.Contains(log.String(), w.Header().Get("X-Request-Id")) {
		t.Errorf("logged %s", log.String())
	}
}

// running starts a server and stops it at the end of the test.
func running(t *testing.T, a *App) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return stop
}

// notice is a writer that says when a line was written to it.
type notice struct{ lines chan string }

func (n notice) Write(p []byte) (int, error) {
	n.lines <- string(p)
	return len(p), nil
}

func TestFirstLinkIsPrintedOnALineOfItsOwnUntilThereIsAUser(t *testing.T) {
	url := storetest.URL(t, store.SQLite)
	out := notice{make(chan string, 1)}
	a := build(t, settings(t, url), out, nil)
	stop := running(t, a)
	line := <-out.lines
	if want := regexp.MustCompile(`^First administrator: http://127\.0\.0\.1:[1-9]\d*/first-run/hfl_[\w-]{43}\n$`); !want.MatchString(line) {
		t.Errorf("printed %q", line)
	}
	root, err := a.units.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.user(t, identity.Administrator, root.ID)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	again := build(t, settings(t, url), &log, nil)
	stop = running(t, again)
	ready(t, again)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 {
		t.Errorf("printed again: %q", log.String())
	}
}

// ready waits until the server answers, and reports what readyz says.
func ready(t *testing.T, a *App) {
	t.Helper()
	response, err := http.Get("http://" + a.Address() + "/readyz") // the listener queues us until it is served
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("readyz says %s", response.Status)
	}
}

func TestRequestsUnderWayAreFinishedBeforeTheServerStops(t *testing.T) {
	a := plain(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	err := route.Mount(a.engine, func(identity.Rule) gin.HandlerFunc { return func(*gin.Context) {} },
		route.Route{Method: http.MethodGet, Path: "/slow", Rule: identity.Public, Handler: func(c *gin.Context) {
			close(entered)
			<-leave
			if err := a.db.Ping(c.Request.Context()); err != nil { // what it needs is still there
				t.Error(err)
			}
			c.String(http.StatusOK, "done")
		}})
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, a)
	answer := make(chan error, 1)
	go func() {
		response, err := http.Get("http://" + a.Address() + "/slow")
		if err == nil {
			defer response.Body.Close()
			if body, _ := io.ReadAll(response.Body); string(body) != "done" {
				err = errors.New(response.Status)
			}
		}
		answer <- err
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for !a.health.stopping.Load() {
		select {
		case err := <-stopped:
			t.Fatalf("stopped before the request ended: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	w := httptest.NewRecorder()
	a.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("readyz says %d while stopping", w.Code)
	}
	close(leave)
	if err := <-answer; err != nil {
		t.Errorf("the request was cut short: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
