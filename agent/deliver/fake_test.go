package deliver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"holdfast/agent/deliver"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

const key = "hfe_test"

// fake is a server that speaks the agent protocol for one device and keeps
// what it is told in memory.
type fake struct {
	mu         sync.Mutex
	credential string            // the valid one
	digest     string            // of the state that it holds
	sections   map[string]string // name to hash
	stored     []report.Report   // in the order in which they came, each once
	skip       []string

	down       bool                                     // answers nothing at all
	before     func(http.ResponseWriter, *http.Request) // may answer instead
	loseAnswer bool                                     // stores the next report and answers nothing
	asked      []string                                 // paths of all requests
	earlier    []string                                 // credentials shown when enrolling
	sent       []string                                 // identifiers of all reports that arrived
	hashes     []bool                                   // whether each check-in carried hashes
	bytes      int                                      // of the last body
}

func newFake() *fake { return &fake{sections: map[string]string{}} }

// start serves over real HTTP.
func (f *fake) start(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
}

// RoundTrip serves without a network, for tests in a synctest bubble.
func (f *fake) RoundTrip(request *http.Request) (response *http.Response, err error) {
	defer func() {
		if recover() != nil {
			err = io.ErrUnexpectedEOF
		}
	}()
	if request.Context().Err() != nil {
		return nil, request.Context().Err()
	}
	recorder := httptest.NewRecorder()
	f.ServeHTTP(recorder, request)
	return recorder.Result(), nil
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r.URL.Path)
	if f.down {
		panic(http.ErrAbortHandler)
	}
	if f.before != nil {
		recorder := httptest.NewRecorder()
		recorder.Code = 0
		f.before(recorder, r)
		if recorder.Code != 0 {
			for name, values := range recorder.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(recorder.Code)
			_, _ = recorder.Body.WriteTo(w)
			return
		}
	}
	if r.URL.Path != protocol.EnrolPath && (f.credential == "" || r.Header.Get("Authorization") != "Bearer "+f.credential) {
		problem(w, http.StatusUnauthorized, "The credential is not known")
		return
	}
	switch r.URL.Path {
	case protocol.EnrolPath:
		f.enrol(w, r)
	case protocol.CheckinPath:
		f.checkin(w, r)
	case protocol.ReportPath:
		f.report(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) enrol(w http.ResponseWriter, r *http.Request) {
	var message protocol.Enrol
	f.read(r, &message)
	if message.Key != key {
		problem(w, http.StatusUnauthorized, "The enrolment key is not known")
		return
	}
	f.earlier = append(f.earlier, message.Credential)
	f.credential = fmt.Sprintf("hfa_%d", len(f.asked))
	answer(w, protocol.Enrolled{Device: "device-1", Credential: f.credential, Next: 900})
}

func (f *fake) checkin(w http.ResponseWriter, r *http.Request) {
	var message protocol.Checkin
	f.read(r, &message)
	f.hashes = append(f.hashes, message.Sections != nil)
	said := protocol.CheckedIn{Next: 900, Skip: f.skip}
	if message.Digest != f.digest {
		said.Resend = message.Sections == nil
		for name, hash := range message.Sections {
			if f.sections[name] != hash {
				said.Want = append(said.Want, name)
			}
		}
		for name := range f.sections {
			if _, there := message.Sections[name]; !there && message.Sections != nil {
				delete(f.sections, name)
			}
		}
		if len(said.Want) == 0 && message.Sections != nil {
			f.digest = message.Digest
		}
	}
	answer(w, said)
}

func (f *fake) report(w http.ResponseWriter, r *http.Request) {
	var message report.Report
	f.read(r, &message)
	f.sent = append(f.sent, message.ID)
	known := false
	for _, earlier := range f.stored {
		known = known || earlier.ID == message.ID
	}
	if !known {
		f.stored = append(f.stored, message)
		f.digest = message.Digest
		for _, part := range message.Sections {
			f.sections[part.Name] = part.Hash
		}
	}
	if f.loseAnswer {
		f.loseAnswer = false
		panic(http.ErrAbortHandler)
	}
	answer(w, protocol.Reported{Next: 900})
}

func (f *fake) read(r *http.Request, message any) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f.bytes = len(body)
	if r.Header.Get("Content-Encoding") == "zstd" {
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
		if err != nil {
			panic(err)
		}
		defer decoder.Close()
		if body, err = decoder.DecodeAll(body, nil); err != nil {
			panic(err)
		}
	}
	if err := json.Unmarshal(body, message); err != nil {
		panic(err)
	}
}

func (f *fake) digests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for _, stored := range f.stored {
		list = append(list, stored.Digest)
	}
	return list
}

func answer(w http.ResponseWriter, message any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(message)
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "detail": detail, "status": status})
}

// taken is when the facts of the tests were collected.
func taken() time.Time { return time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC) }

// facts makes the parts of a device: pairs of section name and value.
func facts(pairs ...string) []report.Part {
	var parts []report.Part
	for i := 0; i < len(pairs); i += 2 {
		content, err := json.Marshal(map[string]string{"value": pairs[i+1]})
		if err != nil {
			panic(err)
		}
		parts = append(parts, report.Part{Name: pairs[i], Outcome: report.OK, Hash: "h-" + pairs[i+1], Facts: content})
	}
	return parts
}

// open opens the deliverer of a folder.
func open(t *testing.T, folder, server string, with func(*deliver.Connection)) *deliver.Deliverer {
	t.Helper()
	connection := deliver.Connection{
		Server: server, Agent: report.Agent{Version: "1.0.0", OS: "linux", Arch: "amd64"},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if with != nil {
		with(&connection)
	}
	deliverer, err := deliver.Open(folder, connection, key)
	if err != nil {
		t.Fatal(err)
	}
	return deliverer
}
