package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// counter answers as a server does and counts what it was told.
type counter struct {
	t        *testing.T
	mutex    sync.Mutex
	digests  map[string]string // by credential
	titles   map[string]int
	checkins int
	refusals int // answers of 503 still to give
}

func (s *counter) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+protocol.EnrolPath, s.enrol)
	mux.HandleFunc("POST "+protocol.CheckinPath, s.checkin)
	mux.HandleFunc("POST "+protocol.ReportPath, s.report)
	return mux
}

func (s *counter) answer(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.t.Error(err)
	}
}

func (s *counter) enrol(w http.ResponseWriter, r *http.Request) {
	var enrol protocol.Enrol
	if err := json.NewDecoder(r.Body).Decode(&enrol); err != nil || enrol.Key != "hfe_key" || enrol.Hostname == "" {
		s.t.Errorf("enrolment %+v, %v", enrol, err)
	}
	s.answer(w, protocol.Enrolled{Device: enrol.Hostname, Credential: "hfa_" + enrol.Evidence.Serial, Next: 1})
}

func credential(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (s *counter) checkin(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.refusals > 0 {
		s.refusals--
		w.Header().Set("Retry-After", "0")
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	}
	var checkin protocol.Checkin
	if err := json.NewDecoder(r.Body).Decode(&checkin); err != nil {
		s.t.Error(err)
	}
	answer := protocol.CheckedIn{Next: 1}
	if s.digests[credential(r)] == checkin.Digest {
		s.checkins++
	} else if len(checkin.Sections) == 0 {
		answer.Resend = true
	} else {
		for name := range checkin.Sections {
			answer.Want = append(answer.Want, name)
		}
	}
	s.answer(w, answer)
}

func (s *counter) report(w http.ResponseWriter, r *http.Request) {
	body, err := zstd.NewReader(r.Body)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer body.Close()
	var sent report.Report
	if err := json.NewDecoder(body).Decode(&sent); err != nil {
		s.t.Error(err)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if got := report.StateDigest(sent.Sections); got != sent.Digest {
		s.t.Errorf("the sections have the digest %s, the report says %s", got, sent.Digest)
	}
	for _, part := range sent.Sections {
		if section, _, notes := report.Read(part.Name, part.Facts); len(notes) > 0 {
			s.t.Errorf("%+v", notes)
		} else if software, is := section.(*report.Software); is {
			s.titles[credential(r)] = len(software.Packages)
		}
	}
	s.digests[credential(r)] = sent.Digest
	s.answer(w, protocol.Reported{Next: 1})
}

func start(t *testing.T) (*counter, Options) {
	s := &counter{t: t, digests: map[string]string{}, titles: map[string]int{}}
	server := httptest.NewServer(s.handler())
	t.Cleanup(server.Close)
	return s, Options{
		Server: server.URL, Key: "hfe_key", Devices: 50, Titles: 30, Seed: 3, Connections: 4, Version: "test", Epoch: epoch(),
	}
}

func TestFleetEnrolsReportsAndChecksIn(t *testing.T) {
	server, options := start(t)
	server.refusals = 3
	fleet, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	var watch Watch
	if err := fleet.Enrol(t.Context(), &watch); err != nil {
		t.Fatal(err)
	}
	if err := fleet.Report(t.Context(), &watch); err != nil {
		t.Fatal(err)
	}
	if len(server.digests) != 50 || len(server.titles) != 50 {
		t.Errorf("%d devices reported, %d of them software; want 50", len(server.digests), len(server.titles))
	}
	if err := fleet.Checkin(t.Context(), 200*time.Millisecond, &watch); err != nil {
		t.Fatal(err)
	}
	if done := watch.Count(Checkin).Done; done < 50 || int64(server.checkins) < done {
		t.Errorf("%d check-ins done, %d seen", done, server.checkins)
	}
	for kind, want := range map[Kind]int64{Enrolment: 50, Announcement: 50, Delivery: 50} {
		if count := watch.Count(kind); count.Done != want || count.Failed != 0 || count.P50 <= 0 || count.P99 < count.P50 {
			t.Errorf("%s: %+v, want %d", kind, count, want)
		}
	}
	if later := watch.Count(Announcement).Later; later != 3 {
		t.Errorf("told %d times to come later, want 3", later)
	}
}

func TestFleetContinuesFromWhereItStopped(t *testing.T) {
	server, options := start(t)
	path := filepath.Join(t.TempDir(), "fleet")
	fleet, err := Load(path, options)
	if err != nil {
		t.Fatal(err)
	}
	var watch Watch
	if err := errors.Join(fleet.Enrol(t.Context(), &watch), fleet.Report(t.Context(), &watch), fleet.Save(path)); err != nil {
		t.Fatal(err)
	}

	options.Devices, options.Epoch = 60, epoch().AddDate(0, 1, 0)
	again, err := Load(path, options)
	if err != nil {
		t.Fatal(err)
	}
	var second Watch
	if err := errors.Join(again.Enrol(t.Context(), &second), again.Report(t.Context(), &second)); err != nil {
		t.Fatal(err)
	}
	if enrolled, reported := second.Count(Enrolment).Done, second.Count(Delivery).Done; enrolled != 10 || reported != 10 {
		t.Errorf("%d enrolled and %d reported the second time, want the 10 new ones", enrolled, reported)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for second.Count(Checkin).Done < 120 {
			select {
			case <-t.Context().Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	if err := again.Run(ctx, 2000, &second); err != nil {
		t.Fatal(err)
	}
	if count := second.Count(Delivery).Done; count != 10 {
		t.Errorf("%d reports when nothing had changed", count-10)
	}
	if len(server.digests) != 60 {
		t.Errorf("%d devices, want 60", len(server.digests))
	}
}

func TestFleetReportsWhatChanges(t *testing.T) {
	_, options := start(t)
	options.Changes = 1e6 // at every check-in
	fleet, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	var watch Watch
	if err := errors.Join(fleet.Enrol(t.Context(), &watch), fleet.Report(t.Context(), &watch)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for watch.Count(Delivery).Done < 150 {
			select {
			case <-t.Context().Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	if err := fleet.Run(ctx, 2000, &watch); err != nil {
		t.Fatal(err)
	}
}

func TestCommandPrintsWhatItDid(t *testing.T) {
	_, options := start(t)
	command := Command{
		Server: options.Server, EnrolmentKey: options.Key, Devices: 20, Titles: 20, Seed: 1, Connections: 2,
		FlatOut: true, Duration: 50 * time.Millisecond, State: filepath.Join(t.TempDir(), "fleet"),
	}
	var out strings.Builder
	if err := command.Do(t.Context(), "test", &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"enrolling", "reporting", "checking in", "p95", "20 of 20"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
}

func TestFleetGivesUpWhenTheServerKnowsItNot(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	fleet, err := New(Options{Server: server.URL, Devices: 500, Titles: 5, Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	var watch Watch
	if err := fleet.Enrol(t.Context(), &watch); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("the error is %v", err)
	}
	if failed := watch.Count(Enrolment).Failed; failed > 120 {
		t.Errorf("it tried %d devices", failed)
	}
}

func TestFleetOutlastsAServerThatStartsAgain(t *testing.T) {
	server, options := start(t)
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.mutex.Lock()
		server.refusals--
		down := server.refusals > -6
		server.mutex.Unlock()
		if down {
			panic(http.ErrAbortHandler) // the connection ends without an answer
		}
		server.handler().ServeHTTP(w, r)
	}))
	t.Cleanup(broken.Close)
	options.Server = broken.URL
	fleet, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	var watch Watch
	if err := errors.Join(fleet.Enrol(t.Context(), &watch), fleet.Report(t.Context(), &watch)); err != nil {
		t.Fatal(err)
	}
	if len(server.digests) != 50 {
		t.Errorf("%d devices reported, want 50", len(server.digests))
	}
}
