package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"holdfast/server/api"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/intake"
	"holdfast/server/route"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/id"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// agentServer serves the agent protocol alone, and lets in with the key "good".
func agentServer(t *testing.T, options intake.Options) *httptest.Server {
	t.Helper()
	db, unit := storetest.Open(t, store.SQLite), id.New[identity.Unit]()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.Exec("INSERT INTO units (id, name, path, created_at) VALUES (?, 'All', '/x/', ?)", unit, tx.Now).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	admit := func(_ *store.Tx, key identity.Secret) (identity.UnitID, string, error) {
		if key != "good" {
			return unit, "", fault.NewSignedOut()
		}
		return unit, "", nil
	}
	service := intake.New(db, admit, software.NewInterner(db, 100), nil, options)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := service.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	guard := func(rule identity.Rule) gin.HandlerFunc {
		return func(c *gin.Context) {
			_, credential, _ := strings.Cut(c.GetHeader("Authorization"), " ")
			actor, err := service.Authenticate(c.Request.Context(), credential)
			if err == nil {
				c.Request = c.Request.WithContext(identity.WithActor(c.Request.Context(), actor))
			} else if rule == identity.AgentOnly {
				c.AbortWithStatus(http.StatusUnauthorized)
			}
		}
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	texts := api.Texts{Translate: func(_, key string, _ fault.Args) string { return key }}
	if err := route.Mount(engine, guard, api.AgentRoutes(service, texts, slog.New(slog.DiscardHandler))...); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	return server
}

// post sends a message as an agent does and gives the answer.
func post(t *testing.T, server *httptest.Server, path, credential string, body []byte, header ...string) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "holdfast-agent/1.0 (linux)")
	if credential != "" {
		request.Header.Set("Authorization", "Bearer "+credential)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, answer
}

func enrolled(t *testing.T, server *httptest.Server, serial string) string {
	t.Helper()
	body, err := json.Marshal(protocol.Enrol{Protocol: 1, Key: "good", Hostname: "pc", Evidence: identify.Evidence{Serial: serial}})
	if err != nil {
		t.Fatal(err)
	}
	response, answer := post(t, server, protocol.EnrolPath, "", body)
	var got protocol.Enrolled
	if err := json.Unmarshal(answer, &got); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("enrol: %d %s %v", response.StatusCode, answer, err)
	}
	return got.Credential
}

// reported is a report of one section, and the digest of the device.
func reported(t *testing.T) (body []byte, digest string) {
	t.Helper()
	section := &report.Memory{Slots: 4}
	facts, err := json.Marshal(section)
	if err != nil {
		t.Fatal(err)
	}
	parts := []report.Part{{Name: "memory", Outcome: report.OK, Hash: report.Hash(report.OK, section), Facts: facts}}
	body, err = json.Marshal(report.Report{ID: uuid.NewString(), Digest: report.StateDigest(parts), Sections: parts})
	if err != nil {
		t.Fatal(err)
	}
	return body, report.StateDigest(parts)
}

func TestAgentEnrolsReportsAndChecksIn(t *testing.T) {
	server := agentServer(t, intake.Options{})
	credential := enrolled(t, server, "SN-4711")
	body, digest := reported(t)
	if response, answer := post(t, server, protocol.ReportPath, credential, body); response.StatusCode != http.StatusOK {
		t.Fatalf("report: %d %s", response.StatusCode, answer)
	}
	response, answer := post(t, server, protocol.CheckinPath, credential, []byte(`{"digest":"`+digest+`"}`))
	var got protocol.CheckedIn
	if err := json.Unmarshal(answer, &got); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("check in: %d %s %v", response.StatusCode, answer, err)
	}
	if got.Resend || got.Want != nil || got.Next < 800 {
		t.Errorf("an unchanged check-in is answered %s", answer)
	}
	raw, err := httputil.DumpResponse(response, false)
	if err != nil {
		t.Fatal(err)
	}
	request, err := httputil.DumpRequestOut(response.Request, false)
	if err != nil {
		t.Fatal(err)
	}
	if size := len(raw) + len(answer) + len(request) + len(`{"digest":""}`) + len(digest); size > 500 {
		t.Errorf("an unchanged check-in takes %d bytes both ways:\n%s%s", size, request, raw)
	}
}

func TestAgentsAreToldWhatIsWrong(t *testing.T) {
	server := agentServer(t, intake.Options{AgentRate: 20})
	credential := enrolled(t, server, "SN-4711")
	good, _ := reported(t)
	nobody := string(identity.NewSecret(identity.AgentPrefix))
	for name, test := range map[string]struct {
		path, credential string
		body             []byte
		header           []string
		status           int
		place            string
	}{
		"wrong key":          {protocol.EnrolPath, "", []byte(`{"protocol":1,"key":"bad"}`), nil, 401, ""},
		"no protocol":        {protocol.EnrolPath, "", []byte(`{"key":"good"}`), nil, 400, "protocol"},
		"unknown agent":      {protocol.ReportPath, nobody, good, nil, 401, ""},
		"no credential":      {protocol.CheckinPath, "", []byte(`{"digest":"x"}`), nil, 401, ""},
		"no JSON":            {protocol.CheckinPath, credential, []byte(`{"digest":`), nil, 400, "digest"},
		"wrong type":         {protocol.ReportPath, credential, bytes.Replace(good, []byte(`"memory"`), []byte(`17`), 1), nil, 400, "sections[0].name"},
		"oversize check-in":  {protocol.CheckinPath, credential, bytes.Repeat([]byte(" "), 70<<10), nil, 413, ""},
		"oversize report":    {protocol.ReportPath, credential, bytes.Repeat([]byte(" "), protocol.MaxReport+1), nil, 413, ""},
		"unknown encoding":   {protocol.ReportPath, credential, good, []string{"Content-Encoding", "br"}, 415, ""},
		"broken compression": {protocol.ReportPath, credential, good, []string{"Content-Encoding", "zstd"}, 400, "body"},
	} {
		response, answer := post(t, server, test.path, test.credential, test.body, test.header...)
		if response.StatusCode != test.status {
			t.Errorf("%s: %d %s, not %d", name, response.StatusCode, answer, test.status)
		}
		if len(answer) == 0 && test.status == 401 {
			continue // the guard's own words
		}
		var problem struct {
			Status int
			Title  string
			Errors []struct{ Location string }
		}
		if err := json.Unmarshal(answer, &problem); err != nil || problem.Status != test.status || problem.Title == "" {
			t.Errorf("%s: the problem is %s (%v)", name, answer, err)
		}
		if test.place != "" && (len(problem.Errors) != 1 || problem.Errors[0].Location != test.place) {
			t.Errorf("%s: the place is %+v, not %q", name, problem.Errors, test.place)
		}
	}
	for range 20 {
		post(t, server, protocol.CheckinPath, credential, []byte(`{"digest":"x"}`))
	}
	response, _ := post(t, server, protocol.CheckinPath, credential, []byte(`{"digest":"x"}`))
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" {
		t.Errorf("too often: %d, Retry-After %q", response.StatusCode, response.Header.Get("Retry-After"))
	}
}
