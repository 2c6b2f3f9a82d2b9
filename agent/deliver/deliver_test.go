package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/deliver"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

func TestFirstReportEnrolsAndSendsAll(t *testing.T) {
	server, folder := newFake(), filepath.Join(t.TempDir(), "state")
	deliverer := open(t, folder, server.start(t), nil)
	if err := deliverer.Deliver(t.Context(), facts("os", "1", "cpu", "2"), taken()); err != nil {
		t.Fatal(err)
	}
	want := []string{protocol.EnrolPath, protocol.CheckinPath, protocol.ReportPath}
	if diff := cmp.Diff(want, server.asked); diff != "" {
		t.Errorf("requests differ:\n%s", diff)
	}
	if len(server.stored) != 1 || len(server.stored[0].Sections) != 2 || !server.stored[0].TakenAt.Equal(taken()) {
		t.Errorf("stored %+v", server.stored)
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, "credential.json"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
	}
	status, err := deliver.ReadStatus(folder)
	if err != nil || !status.Healthy(time.Now()) || status.Device != "device-1" || status.Spool.Reports != 0 || status.NextIn != 900 {
		t.Errorf("status %+v, %v", status, err)
	}
}

func TestQuietDeviceSendsItsDigestOnly(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	url := server.start(t)
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
		t.Fatal(err)
	}
	// A restart in between changes nothing.
	deliverer := open(t, folder, url, nil)
	server.asked = nil
	for range 3 {
		if err := deliverer.Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{protocol.CheckinPath, protocol.CheckinPath, protocol.CheckinPath}, server.asked); diff != "" {
		t.Errorf("requests differ:\n%s", diff)
	}
	if server.bytes > 64 || slices.Contains(server.hashes[1:], true) {
		t.Errorf("a quiet check-in has %d bytes, hashes %v", server.bytes, server.hashes)
	}
}

func TestOnlyWantedSectionsAreUploaded(t *testing.T) {
	server := newFake()
	deliverer := open(t, t.TempDir(), server.start(t), nil)
	for _, version := range []string{"1", "2"} {
		if err := deliverer.Deliver(t.Context(), facts("os", version, "cpu", "2"), taken()); err != nil {
			t.Fatal(err)
		}
	}
	if got := server.stored[1].Sections; len(got) != 1 || got[0].Name != "os" {
		t.Errorf("the second report has %+v, want os only", got)
	}
	// A section that is gone: nothing to upload, but the server learns it.
	if err := deliverer.Deliver(t.Context(), facts("os", "2"), taken()); err != nil {
		t.Fatal(err)
	}
	if _, there := server.sections["cpu"]; there || len(server.stored) != 2 {
		t.Errorf("the vanished section is not noticed: %v", server.sections)
	}
	// The server lost all: it asks for the hashes, and gets what it lacks.
	server.set(func() { server.digest, server.sections = "", map[string]string{} })
	if err := deliverer.Deliver(t.Context(), facts("os", "2"), taken()); err != nil {
		t.Fatal(err)
	}
	if server.sections["os"] != "h-2" {
		t.Errorf("a server that forgot has %v", server.sections)
	}
}

// offline gives a context that ends soon: the server does not answer anyway.
func offline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestWhatChangedOfflineArrivesInOrder(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	url := server.start(t)
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "0", "cpu", "2"), taken()); err != nil {
		t.Fatal(err)
	}
	server.set(func() { server.down = true })
	var want []string
	for _, version := range []string{"1", "1", "2", "3", "3", "0"} {
		deliverer := open(t, folder, url, nil) // a new process each time
		parts := facts("os", version, "cpu", "2")
		if err := deliverer.Deliver(offline(t), parts, taken()); err == nil {
			t.Fatal("a server that is down acknowledges")
		}
		want = append(want, report.StateDigest(parts))
	}
	status, err := deliver.ReadStatus(folder)
	if err != nil || status.Spool.Reports != 4 || status.Failure == "" {
		t.Errorf("status %+v, %v; want 4 reports waiting", status, err)
	}
	server.set(func() { server.down = false })
	deliverer := open(t, folder, url, nil)
	if err := deliverer.Deliver(t.Context(), facts("os", "0", "cpu", "2"), taken()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Compact(want), server.digests()[1:]); diff != "" {
		t.Errorf("the history differs:\n%s", diff)
	}
	for _, stored := range server.stored[1:] {
		if len(stored.Sections) != 1 {
			t.Errorf("a spooled report has %d sections, want the changed one", len(stored.Sections))
		}
	}
	if status, err := deliver.ReadStatus(folder); err != nil || status.Spool.Reports != 0 || status.Failure != "" {
		t.Errorf("status %+v, %v", status, err)
	}
}

func TestReportWhoseAnswerWasLostIsStoredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		server.loseAnswer = true
		if err := bubble(t, server).Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
			t.Fatal(err)
		}
		if len(server.sent) != 2 || server.sent[0] != server.sent[1] || len(server.stored) != 1 {
			t.Errorf("sent %v, stored %d", server.sent, len(server.stored))
		}
	})
}

func TestSpooledReportWhoseAnswerWasLostKeepsItsIdentifierOverARestart(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	url := server.start(t)
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "0"), taken()); err != nil {
		t.Fatal(err)
	}
	server.set(func() { server.down = true })
	for _, version := range []string{"1", "2"} {
		if err := open(t, folder, url, nil).Deliver(offline(t), facts("os", version), taken()); err == nil {
			t.Fatal("a server that is down acknowledges")
		}
	}
	server.set(func() { server.down, server.loseAnswer = false, true })
	if err := open(t, folder, url, nil).Deliver(offline(t), facts("os", "2"), taken()); err == nil {
		t.Fatal("a lost answer counts as acknowledgement")
	}
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "2"), taken()); err != nil {
		t.Fatal(err)
	}
	if len(server.stored) != 3 || len(server.sent) != 4 || server.sent[1] != server.sent[2] {
		t.Errorf("sent %v, stored %d; want the second twice and three in all", server.sent, len(server.stored))
	}
}

func TestFullSpoolDropsTheOldestAndSaysSo(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	server.down = true
	deliverer := open(t, folder, server.start(t), nil)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := deliverer.Deliver(ended, facts("cpu", "only then", "os", "first"), taken()); err == nil {
		t.Fatal("nothing is delivered, yet there is no error")
	}
	var last []report.Part
	for i := range deliver.MaxSpooled + 9 {
		last = facts("cpu", "only then", "os", fmt.Sprint(i))
		if err := deliverer.Deliver(ended, last, taken()); err == nil {
			t.Fatal("nothing is delivered, yet there is no error")
		}
	}
	server.set(func() { server.down = false })
	if err := deliverer.Deliver(t.Context(), last, taken()); err != nil {
		t.Fatal(err)
	}
	status, err := deliver.ReadStatus(folder)
	if err != nil || status.Spool.Dropped != 10 || status.Spool.Reports != 0 {
		t.Errorf("status %+v, %v; want 10 dropped", status.Spool, err)
	}
	if len(server.stored) != deliver.MaxSpooled {
		t.Errorf("%d reports arrive, want %d", len(server.stored), deliver.MaxSpooled)
	}
	if server.sections["cpu"] != "h-only then" {
		t.Error("what only a dropped report held never arrives")
	}
}

func TestBrokenFilesCostNothingButThemselves(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	url := server.start(t)
	server.set(func() { server.down = true })
	for _, version := range []string{"1", "2", "3"} {
		if err := open(t, folder, url, nil).Deliver(offline(t), facts("os", version), taken()); err == nil {
			t.Fatal("a server that is down acknowledges")
		}
	}
	spooled, err := filepath.Glob(filepath.Join(folder, "spool", "*.report"))
	if err != nil || len(spooled) != 3 {
		t.Fatalf("spooled %v, %v", spooled, err)
	}
	for _, torn := range []string{spooled[0], spooled[2]} {
		if err := os.Truncate(torn, 40); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"state.json", "status.json"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(`{"dig`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "spool", "1.writing"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	server.set(func() { server.down = false })
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "3"), taken()); err != nil {
		t.Fatal(err)
	}
	want := []string{report.StateDigest(facts("os", "2")), report.StateDigest(facts("os", "3"))}
	if diff := cmp.Diff(want, server.digests()); diff != "" {
		t.Errorf("the history differs:\n%s", diff)
	}
	if status, err := deliver.ReadStatus(folder); err != nil || status.Spool.Torn != 2 || status.Spool.Reports != 0 {
		t.Errorf("status %+v, %v; want 2 torn", status.Spool, err)
	}
	if left, err := os.ReadDir(filepath.Join(folder, "spool")); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestServersWishToSkipASectionIsKept(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	server.skip = []string{"user"}
	url := server.start(t)
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "1", "user", "alice"), taken()); err != nil {
		t.Fatal(err)
	}
	if got := open(t, folder, url, nil).Skip(); !slices.Equal(got, []string{"user"}) {
		t.Errorf("after a restart the agent leaves out %v", got)
	}
}

func TestCredentialIsNotShownToAnotherServer(t *testing.T) {
	first, second, folder := newFake(), newFake(), t.TempDir()
	if err := open(t, folder, first.start(t), nil).Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
		t.Fatal(err)
	}
	url := second.start(t)
	connection := deliver.Connection{Server: url, Log: slog.New(slog.DiscardHandler)}
	if _, err := deliver.Open(folder, connection, ""); !errors.Is(err, deliver.ErrNotEnrolled) {
		t.Errorf("without a key the agent turns to another server: %v", err)
	}
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
		t.Fatal(err)
	}
	if len(second.stored) != 1 || second.asked[0] != protocol.EnrolPath {
		t.Errorf("the second server is asked %v and has %d reports", second.asked, len(second.stored))
	}
	if diff := cmp.Diff([]string{""}, second.earlier); diff != "" {
		t.Errorf("it is shown the credential of the first:\n%s", diff)
	}
}

func TestRefusedCredentialSaysWhichDeviceEnrolsAnew(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	url := server.start(t)
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
		t.Fatal(err)
	}
	refused := server.credential
	server.set(func() { server.credential = "hfa_of_nobody" })
	deliverer := open(t, folder, url, nil)
	for _, version := range []string{"2", "3"} {
		if err := deliverer.Deliver(t.Context(), facts("os", version), taken()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"", refused}, server.earlier); diff != "" {
		t.Errorf("credentials shown when enrolling differ:\n%s", diff)
	}
}

func TestRefusedAgentWithoutKeySaysWhatItNeeds(t *testing.T) {
	server, folder := newFake(), t.TempDir()
	url := server.start(t)
	if err := open(t, folder, url, nil).Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
		t.Fatal(err)
	}
	server.set(func() { server.credential = "" })
	deliverer, err := deliver.Open(folder, deliver.Connection{Server: url, Log: slog.New(slog.DiscardHandler)}, "")
	if err != nil {
		t.Fatal(err)
	}
	err = deliverer.Deliver(t.Context(), facts("os", "1"), taken())
	if refused, isRefusal := errors.AsType[*deliver.Refusal](err); !isRefusal || refused.Status != 401 || !strings.Contains(err.Error(), "give this agent an enrolment key") {
		t.Errorf("it says %v", err)
	}
}

func TestPlainHTTPNeedsTheOperatorsWord(t *testing.T) {
	tests := []struct {
		server   string
		insecure bool
		fine     bool
	}{
		{"https://holdfast.example.org", false, true},
		{"https://holdfast.example.org/inventory", false, true},
		{"http://127.0.0.1:8080", false, true},
		{"http://[::1]:8080", false, true},
		{"http://localhost:8080", false, true},
		{"http://holdfast.example.org", false, false},
		{"http://holdfast.example.org", true, true},
		{"http://localhost.example.org", false, false},
		{"ftp://holdfast.example.org", true, false},
		{"holdfast.example.org", false, false},
		{"https://user:secret@holdfast.example.org", false, false},
		{"", false, false},
	}
	for _, test := range tests {
		_, err := deliver.Open(t.TempDir(), deliver.Connection{
			Server: test.server, InsecureHTTP: test.insecure, Log: slog.New(slog.DiscardHandler),
		}, key)
		if (err == nil) != test.fine {
			t.Errorf("%q, insecure %v: %v", test.server, test.insecure, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows a password: %v", err)
		}
	}
}

func TestSecretsAreNotLogged(t *testing.T) {
	var log strings.Builder
	secret := deliver.Secret("hfa_very_secret")
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", secret)
	if text := log.String() + fmt.Sprint(secret) + fmt.Sprintf("%v %s", secret, secret); strings.Contains(text, "very") {
		t.Errorf("shown: %s", text)
	}
}
