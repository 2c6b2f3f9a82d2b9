package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"holdfast/server/account"
	"holdfast/server/api"
	"holdfast/server/asset"
	"holdfast/server/audit"
	"holdfast/server/certificate"
	"holdfast/server/desk"
	"holdfast/server/enrolment"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/importer"
	"holdfast/server/inventory"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/panel"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/position"
	"holdfast/server/route"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a flag

// texts writes messages as their keys, behind the language.
func texts() api.Texts {
	return api.Texts{
		Accepted: func(header string) string {
			if strings.HasPrefix(header, "fr") {
				return "fr"
			}
			return "en"
		},
		Translate: func(language, key string, _ fault.Args) string { return language + " " + key },
		Sentence:  func(language, key string, _ map[string]any) string { return language + " " + key },
		Certificate: func(_ context.Context, language string) certificate.Texts {
			return certificate.Texts{
				Language: language, T: func(key string, _ map[string]any) string { return key }, Day: func(day string) string { return day },
				Time: func(when time.Time) string { return when.Format(time.RFC3339) }, Size: func(size int64) string { return strconv.FormatInt(size, 10) },
			}
		},
	}
}

func services(db *store.DB) api.Services {
	assets := asset.New(db, func(*store.Tx, string, string, any) error { return nil })
	quiet := func(*store.Tx, string, string, any) error { return nil }
	return api.Services{
		Rights: entitlement.New(db, quiet), Positions: position.New(db, slog.New(slog.DiscardHandler), quiet),
		Inventory: inventory.New(db), Accounts: account.New(db), Units: unit.New(db),
		Enrolments: enrolment.New(db), Audit: audit.NewReader(db),
		Assets: assets, People: person.New(db), Places: place.New(db), Imports: importer.New(db, assets, entitlement.New(db, quiet)),
		Disposal: disposals(db, assets),
		Health:   health.New(db, func(*store.Tx, string, string, any) error { return nil }, health.Options{}),
		Tickets:  tickets(db), Desk: desk.New(db), Panels: panel.New(db, inventory.New(db)),
	}
}

// site is a server with the API and an inventory behind it.
type site struct {
	*httptest.Server
	db       *store.DB
	accounts *account.Service
}

func newSite(t *testing.T, db *store.DB) site {
	t.Helper()
	gin.SetMode(gin.TestMode)
	size := inventorytest.Size{Devices: 120, Titles: 300, Each: 10, Changes: 4}
	if err := inventorytest.Fill(t.Context(), db, size); err != nil {
		t.Fatal(err)
	}
	s := site{db: db, accounts: account.New(db)}
	a := api.New(services(db), texts(), "test", slog.New(slog.DiscardHandler))
	engine := gin.New()
	guard := func(rule identity.Rule) gin.HandlerFunc {
		return func(c *gin.Context) {
			ctx := c.Request.Context()
			if header := c.GetHeader("Authorization"); header != "" {
				actor, err := s.accounts.FromToken(ctx, identity.Secret(strings.TrimPrefix(header, "Bearer ")))
				if err != nil {
					a.Fail(c, err)
					return
				}
				ctx = identity.WithActor(ctx, actor)
			}
			c.Request = c.Request.WithContext(ctx)
			if err := rule.Check(ctx); err != nil {
				a.Fail(c, err)
			}
		}
	}
	if err := route.Mount(engine, guard, a.Routes()...); err != nil {
		t.Fatal(err)
	}
	engine.NoRoute(a.NotFound)
	s.Server = httptest.NewServer(engine)
	t.Cleanup(s.Close)
	return s
}

// token makes an API token with a role in a unit.
func (s site) token(t *testing.T, role identity.Role, unit int) string {
	t.Helper()
	ctx := identity.WithActor(t.Context(), identity.System("test"))
	_, secret, err := s.accounts.CreateToken(ctx, account.TokenWish{
		Name: string(role), Grants: []account.GrantWish{{Role: role, UnitID: inventorytest.Unit(unit)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(secret)
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request; body is JSON or "".
func (s site) call(t *testing.T, token, method, path, body string) answer {
	t.Helper()
	return s.ask(t, token, "en", method, path, body)
}

func (s site) ask(t *testing.T, token, language, method, path, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	request.Header.Set("Accept-Language", language)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, read}
}

// get asks for a document and reads it.
func get[T any](t *testing.T, s site, token, path string) T {
	t.Helper()
	got := s.call(t, token, http.MethodGet, path, "")
	if got.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, got.status, got.body)
	}
	return read[T](t, got)
}

func read[T any](t *testing.T, got answer) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(got.body, &value); err != nil {
		t.Fatalf("%v in %s", err, got.body)
	}
	return value
}

func TestDocumentIsCurrent(t *testing.T) {
	document, err := api.New(api.Services{}, texts(), "1.0", slog.New(slog.DiscardHandler)).Document()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "openapi.json")
	if *update {
		if err := os.WriteFile(golden, document, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(document)); diff != "" {
		t.Errorf("run go test ./server/api -update, and look at what changed:\n%s", diff)
	}
	if !bytes.Contains(document, []byte(`"openapi": "3.1.0"`)) {
		t.Error("not OpenAPI 3.1")
	}
}

func TestDocumentIsWrittenOnce(t *testing.T) {
	engine := gin.New()
	for _, r := range api.New(api.Services{}, texts(), "1.0", slog.New(slog.DiscardHandler)).Routes() {
		if strings.HasSuffix(r.Path, "/openapi.json") {
			engine.Handle(r.Method, r.Path, r.Handler)
		}
	}
	ask := func() {
		engine.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/openapi.json", nil))
	}
	if most, got := 200.0, testing.AllocsPerRun(1, ask); got > most { // the first run does not count
		t.Errorf("the second request allocates %.0f times", got)
	}
}

func TestEveryRouteHasARule(t *testing.T) {
	for _, r := range api.New(api.Services{}, texts(), "1.0", slog.New(slog.DiscardHandler)).Routes() {
		if !r.Rule.Valid() {
			t.Errorf("%s %s: rule %q", r.Method, r.Path, r.Rule)
		}
	}
}

func TestDevicesArePagedFilteredAndSorted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.Administrator, 0)
		var names []string
		path := "/devices?sort=-name&limit=50&kind=laptop"
		for next := ""; ; {
			page := get[api.Page[api.Device]](t, s, token, path+next)
			if page.Total != 40 {
				t.Fatalf("total %d", page.Total)
			}
			for _, one := range page.Items {
				names = append(names, one.Name)
			}
			if page.Next == "" {
				break
			}
			next = "&cursor=" + page.Next
		}
		if len(names) != 40 || names[0] != "PC-000000000120" || names[39] != "PC-000000000003" {
			t.Errorf("%d names, %v", len(names), names)
		}
	})
}

func TestOneDeviceIsShownWithWhatIsBehindIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.HelpDesk, 0)
		found := get[api.Page[api.Device]](t, s, token, "/devices?name.is=PC-000000000042").Items
		if len(found) != 1 {
			t.Fatalf("found %v", found)
		}
		path := "/devices/" + found[0].ID
		one := get[api.DeviceDetail](t, s, token, path)
		want := api.DeviceCounts{Software: 10, Changes: 4}
		if one.Name != "PC-000000000042" || one.Serial == "" || one.User == "" || one.Memory == nil || one.Counts != want {
			t.Errorf("device %+v", one)
		}
		if page := get[api.Page[api.Installation]](t, s, token, path+"/software?limit=3&sort=-title"); page.Total != 10 || len(page.Items) != 3 || page.Next == "" {
			t.Errorf("software %+v", page)
		}
		if page := get[api.Page[api.Change]](t, s, token, path+"/changes"); page.Total != 4 || !page.Items[0].At.After(page.Items[1].At) {
			t.Errorf("changes %+v", page)
		}
		if page := get[api.Page[api.Section]](t, s, token, path+"/sections"); page.Items == nil || page.Total != 0 {
			t.Errorf("sections %+v", page)
		}
		if page := get[api.Page[api.Component]](t, s, token, path+"/components"); page.Items == nil {
			t.Errorf("components %+v", page)
		}
	})
}

func TestSoftwareAndItsDevices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.OfficeSystems, 0)
		page := get[api.Page[api.Title]](t, s, token, "/software?limit=2")
		if len(page.Items) != 2 || page.Items[0].Devices != 120 || page.Items[0].Versions != 2 {
			t.Fatalf("software %+v", page)
		}
		path := "/software/" + page.Items[0].ID
		title := get[api.TitleDetail](t, s, token, path)
		if len(title.Releases) != 2 || title.Releases[0].Devices != 80 || title.Releases[1].Devices != 40 {
			t.Errorf("title %+v", title)
		}
		holders := get[api.Page[api.Holder]](t, s, token, path+"/devices?version=1.1&limit=5")
		if holders.Total != 40 || holders.Items[0].Version != "1.1" {
			t.Errorf("holders %+v", holders)
		}
	})
}

func TestWhatIsOutsideTheUnitsDoesNotExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		everywhere, here := s.token(t, identity.Administrator, 0), s.token(t, identity.HelpDesk, 3)
		if page := get[api.Page[api.Device]](t, s, here, "/devices"); page.Total != 6 {
			t.Errorf("%d devices", page.Total)
		}
		other := get[api.Page[api.Device]](t, s, everywhere, "/devices?unit="+inventorytest.Unit(4).String()).Items[0]
		for _, path := range []string{"", "/sections", "/changes", "/software", "/components"} {
			if got := s.call(t, here, http.MethodGet, "/devices/"+other.ID+path, ""); got.status != http.StatusNotFound {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		if found := get[api.Found](t, s, here, "/search?q="+strings.ToLower(other.Name)); len(found.Devices) != 0 {
			t.Errorf("found %+v", found)
		}
		titles := get[api.Page[api.Title]](t, s, here, "/software?limit=1")
		if titles.Items[0].Devices != 6 {
			t.Errorf("a title on %d devices", titles.Items[0].Devices)
		}
		if got := get[api.Overview](t, s, here, "/overview"); got.Devices != 6 {
			t.Errorf("overview %+v", got)
		}
	})
}

func TestWhoUsesADeviceIsOnlyToldToThoseWhoMayKnow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		manager, desk := s.token(t, identity.Manager, 0), s.token(t, identity.HelpDesk, 0)
		user := get[api.Page[api.Device]](t, s, desk, "/devices?sort=name").Items[0].User
		if user == "" {
			t.Fatal("the help desk does not see users")
		}
		for _, one := range get[api.Page[api.Device]](t, s, manager, "/devices").Items {
			if one.User != "" {
				t.Fatalf("a manager sees %+v", one)
			}
		}
		for _, path := range []string{"/devices?user=" + user, "/devices?sort=user"} {
			if got := s.call(t, manager, http.MethodGet, path, ""); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		if got := get[api.Page[api.Device]](t, s, manager, "/devices?q="+user); got.Total != 0 {
			t.Errorf("free text finds %d by user", got.Total)
		}
		if got := get[api.Found](t, s, manager, "/search?q="+user); len(got.Devices) != 0 {
			t.Errorf("search finds %+v", got)
		}
		if got := get[api.Found](t, s, desk, "/search?q="+user); len(got.Devices) == 0 || got.Devices[0].By != "user" {
			t.Errorf("search of the help desk finds %+v", got)
		}
	})
}

func TestErrorsAreProblemDetailsInTheReadersLanguage(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	token, weak := s.token(t, identity.Administrator, 0), s.token(t, identity.Committee, 0)
	type problem struct {
		Type   string
		Title  string
		Status int
		Detail string
		Errors []struct{ Location, Message string }
	}
	for _, c := range []struct {
		token, language, method, path, body string
		want                                problem
	}{
		{"", "fr", "GET", "/devices", "", problem{"urn:holdfast:fault.signed_out", "fr problem.401", 401, "fr fault.signed_out", nil}},
		{weak, "en", "GET", "/devices", "", problem{"urn:holdfast:fault.denied", "en problem.403", 403, "en fault.denied", nil}},
		{token, "fr", "GET", "/devices?limit=0&colour=red", "", problem{
			"urn:holdfast:fault.invalid", "fr problem.422", 422, "fr fault.invalid",
			[]struct{ Location, Message string }{{"query.colour", "fr fault.list.bad_filter"}, {"query.limit", "fr fault.list.bad_limit"}},
		}},
		{token, "en", "GET", "/devices/" + inventorytest.Unit(1).String(), "", problem{"urn:holdfast:fault.missing.device", "en problem.404", 404, "en fault.missing.device", nil}},
		{token, "en", "GET", "/devices/abc", "", problem{
			"urn:holdfast:fault.invalid", "en problem.422", 422, "en fault.invalid",
			[]struct{ Location, Message string }{{"path.id", "en problem.field.uuid"}},
		}},
		{token, "fr", "POST", "/tokens", `{"grants": [], "nam": 1}`, problem{
			"urn:holdfast:fault.invalid", "fr problem.422", 422, "fr fault.invalid",
			[]struct{ Location, Message string }{{"body", "fr problem.field.required"}, {"body.nam", "fr problem.field.unknown"}},
		}},
		{token, "en", "POST", "/tokens", `{"name": `, problem{
			"urn:holdfast:problem.request", "en problem.400", 400, "en problem.request",
			[]struct{ Location, Message string }{{"body", "en problem.field.wrong"}},
		}},
		{token, "en", "POST", "/users", `{"login": "", "name": "A"}`, problem{
			"urn:holdfast:fault.invalid", "en problem.422", 422, "en fault.invalid",
			[]struct{ Location, Message string }{{"body.login", "en fault.field.required"}},
		}},
		{token, "en", "GET", "/nowhere", "", problem{"urn:holdfast:fault.missing.page", "en problem.404", 404, "en fault.missing.page", nil}},
	} {
		got := s.ask(t, c.token, c.language, c.method, c.path, c.body)
		if got.status != c.want.Status || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.header)
		}
		if diff := cmp.Diff(c.want, read[problem](t, got)); diff != "" {
			t.Errorf("%s %s:\n%s", c.method, c.path, diff)
		}
	}
	if got := s.call(t, "", http.MethodGet, "/me", ""); got.header.Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
}

func TestAccessIsManaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.Administrator, 0)
		if me := get[api.Me](t, s, token, "/me"); me.Kind != "token" || len(me.Permissions) == 0 || len(me.Grants) != 1 {
			t.Errorf("me %+v", me)
		}
		unit := inventorytest.Unit(2).String()

		made := s.call(t, token, http.MethodPost, "/enrolment-keys", `{"name": "Floor 2", "unit_id": "`+unit+`", "max_uses": 3}`)
		key := read[api.MadeEnrolmentKey](t, made)
		if made.status != http.StatusCreated || !strings.HasPrefix(key.Secret, identity.EnrolmentPrefix) {
			t.Fatalf("key %d %s", made.status, made.body)
		}
		if got := s.call(t, token, http.MethodDelete, "/enrolment-keys/"+key.ID, ""); got.status != http.StatusNoContent || len(got.body) != 0 {
			t.Errorf("revoke: %d %s", got.status, got.body)
		}
		if keys := get[api.Page[api.EnrolmentKey]](t, s, token, "/enrolment-keys"); keys.Total != 1 || keys.Items[0].RevokedAt == nil {
			t.Errorf("keys %+v", keys)
		}

		made = s.call(t, token, http.MethodPost, "/users", `{"login": "rosa", "name": "Rosa", "grants": [{"role": "helpdesk", "unit_id": "`+unit+`"}]}`)
		user := read[api.User](t, made)
		if made.status != http.StatusCreated || len(user.Grants) != 1 {
			t.Fatalf("user %d %s", made.status, made.body)
		}
		if got := s.call(t, token, http.MethodPut, "/users/"+user.ID+"/grants/manager/"+unit, ""); got.status != http.StatusNoContent {
			t.Errorf("grant: %d %s", got.status, got.body)
		}
		got := s.call(t, token, http.MethodPatch, "/users/"+user.ID, `{"disabled": true}`)
		if changed := read[api.User](t, got); changed.DisabledAt == nil || len(changed.Grants) != 2 {
			t.Errorf("changed %s", got.body)
		}

		body := `{"name": "reader", "grants": [{"role": "manager", "unit_id": "` + unit + `"}]}`
		if got := s.call(t, token, http.MethodPost, "/tokens", body); got.status != http.StatusForbidden {
			t.Errorf("a token makes a token: %d %s", got.status, got.body)
		}
		other := s.token(t, identity.Manager, 2)
		tokens := get[api.Page[api.Token]](t, s, token, "/tokens")
		if tokens.Total != 2 || tokens.Items[0].Grants[0].Role != identity.Manager {
			t.Fatalf("tokens %+v", tokens)
		}
		if got := s.call(t, token, http.MethodDelete, "/tokens/"+tokens.Items[0].ID, ""); got.status != http.StatusNoContent {
			t.Errorf("revoke token: %d %s", got.status, got.body)
		}
		if got := s.call(t, other, http.MethodGet, "/devices", ""); got.status != http.StatusUnauthorized {
			t.Errorf("the revoked token gets %d", got.status)
		}

		made = s.call(t, token, http.MethodPost, "/units", `{"name": "New", "parent_id": "`+unit+`"}`)
		below := read[api.Unit](t, made)
		if below.ParentID != unit {
			t.Errorf("unit %s", made.body)
		}
		if got := s.call(t, token, http.MethodPatch, "/units/"+below.ID, `{"name": "Newer", "users_private": true}`); !read[api.Unit](t, got).UsersPrivate {
			t.Errorf("unit %s", got.body)
		}
		if got := s.call(t, token, http.MethodDelete, "/units/"+below.ID, ""); got.status != http.StatusNoContent {
			t.Errorf("remove unit: %d %s", got.status, got.body)
		}
		entries := get[api.Page[api.AuditEntry]](t, s, token, "/audit?action.is=user.created")
		if entries.Total != 1 || entries.Items[0].Object != user.ID || len(entries.Items[0].After) == 0 {
			t.Errorf("audit %+v", entries)
		}
	})
}

func TestDocumentNamesTheFiltersOfTheList(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.SQLite))
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
		}
	}
	got := s.call(t, "", http.MethodGet, "/openapi.json", "")
	if err := json.Unmarshal(got.body, &document); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, parameter := range document.Paths["/devices"]["get"].Parameters {
		named[parameter.Name] = true
	}
	for _, name := range []string{"limit", "cursor", "sort", "q", "model", "model.is", "last_seen.to", "memory.from", "serial.known", "kind.not"} {
		if !named[name] {
			t.Errorf("%s is not in the document", name)
		}
	}
}
