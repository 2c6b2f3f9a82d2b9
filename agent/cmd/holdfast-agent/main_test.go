package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/deliver"
	"holdfast/agent/durable"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// agent runs the program and gives its exit code and what it printed.
func agent(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, log strings.Builder
	code = run(t.Context(), args, &out, &log)
	return code, out.String(), log.String()
}

// server speaks as much of the protocol as the program needs; onCheckin is
// told of each check-in.
func server(t *testing.T, onCheckin func(protocol.Checkin)) string {
	t.Helper()
	answer := func(w http.ResponseWriter, message any) { _ = json.NewEncoder(w).Encode(message) }
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+protocol.EnrolPath, func(w http.ResponseWriter, r *http.Request) {
		var message protocol.Enrol
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil || message.Key != "hfe_test" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, protocol.Enrolled{Device: "device-1", Credential: "hfa_very_secret", Next: 3600})
	})
	mux.HandleFunc("POST "+protocol.CheckinPath, func(w http.ResponseWriter, r *http.Request) {
		var message protocol.Checkin
		if r.Header.Get("Content-Encoding") == "" {
			if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
				t.Errorf("read check-in: %v", err)
			}
		}
		answer(w, protocol.CheckedIn{Next: 3600})
		onCheckin(message)
	})
	served := httptest.NewServer(mux)
	t.Cleanup(served.Close)
	return served.URL
}

func TestInventoryPrintsTheReport(t *testing.T) {
	code, stdout, stderr := agent(t, "inventory")
	var printed report.Report
	if err := json.Unmarshal([]byte(stdout), &printed); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v\n%s", code, err, stderr)
	}
	if printed.Agent.Version != version || printed.Digest != report.StateDigest(printed.Sections) || printed.ID == "" {
		t.Errorf("report is %+v", printed.Agent)
	}
	for _, part := range printed.Sections {
		if _, _, notes := report.Read(part.Name, part.Facts); len(notes) != 0 {
			t.Errorf("this machine's %s breaks the specification: %+v", part.Name, notes)
		}
	}
}

func TestInventoryOfChosenSections(t *testing.T) {
	code, stdout, _ := agent(t, "inventory", "--section", "cpu,os", "--section", "memory")
	var printed report.Report
	if err := json.Unmarshal([]byte(stdout), &printed); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v", code, err)
	}
	var names []string
	for _, part := range printed.Sections {
		names = append(names, part.Name)
	}
	if diff := cmp.Diff([]string{"os", "cpu", "memory"}, names); diff != "" {
		t.Errorf("sections differ:\n%s", diff)
	}
	code, _, stderr := agent(t, "inventory", "--section", "aquarium")
	if code != 1 || !strings.Contains(stderr, `no section "aquarium"`) {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestPrivacySwitchLeavesOutTheUser(t *testing.T) {
	for _, args := range [][]string{{"--report-users=false"}, {"--no-report-users"}} {
		_, stdout, _ := agent(t, append([]string{"inventory"}, args...)...)
		if strings.Contains(stdout, `"name": "user"`) {
			t.Errorf("%v: the report names users", args)
		}
	}
	if _, stdout, _ := agent(t, "inventory"); !strings.Contains(stdout, `"name": "user"`) {
		t.Error("without the switch the section is not there, so that the test proves nothing")
	}
}

func TestOnceReportsAndStatusSaysSo(t *testing.T) {
	folder, seen := filepath.Join(t.TempDir(), "state"), 0
	url := server(t, func(protocol.Checkin) { seen++ })
	code, _, stderr := agent(t, "once", "--server", url, "--enrolment-key", "hfe_test", "--state-dir", folder)
	if code != 0 || seen != 1 {
		t.Fatalf("exit code %d, %d check-ins\n%s", code, seen, stderr)
	}
	if strings.Contains(stderr, "hfe_test") || strings.Contains(stderr, "very_secret") {
		t.Errorf("the log shows a secret:\n%s", stderr)
	}
	code, stdout, stderr := agent(t, "status", "--state-dir", folder)
	if code != 0 || !strings.Contains(stdout, "device-1") || !strings.Contains(stdout, "spool      empty") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, _ = agent(t, "status", "--state-dir", folder, "--json")
	var status struct {
		deliver.Status
		Healthy bool
	}
	if err := json.Unmarshal([]byte(stdout), &status); code != 0 || err != nil || !status.Healthy || status.NextIn != 3600 {
		t.Errorf("exit code %d, %v\n%s", code, err, stdout)
	}
	// The key has served, and may be gone.
	if code, _, stderr := agent(t, "once", "--server", url, "--enrolment-key-file", "/none", "--state-dir", folder); code != 0 {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

func TestStatusSaysInWordsWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	if code, _, stderr := agent(t, "status", "--state-dir", folder); code != 1 || !strings.Contains(stderr, "no agent has run") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	code, _, _ := agent(t, "once", "--server", "http://127.0.0.1:1", "--enrolment-key", "hfe_test", "--state-dir", folder, "--timeout", "500ms")
	if code != 1 {
		t.Errorf("without a server the exit code is %d", code)
	}
	code, stdout, _ := agent(t, "status", "--state-dir", folder)
	for _, want := range []string{"not enrolled", "reached    never", "1 report waiting", "refused"} {
		if code != 1 || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, want %q in\n%s", code, want, stdout)
		}
	}
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	var page strings.Builder
	err := inWords(&page, deliver.Status{
		Version: "1.2.3", Server: "https://holdfast.example.org", Device: "d", ReachedAt: now.Add(-26 * time.Hour), NextAt: now.Add(90 * time.Second),
		Spool: deliver.SpoolStatus{Reports: 3, Bytes: 20_153, Dropped: 1}, Skip: []string{"user"},
		Sections: []deliver.SectionStatus{
			{Name: "battery", Outcome: report.Absent},
			{Name: "security", Outcome: report.Denied, Detail: "open /sys/x: permission denied"},
		},
	}, now)
	for _, want := range []string{
		"1 day ago", "in 1 minute", "3 reports waiting, 21 kB; 1 report dropped because too many waited",
		"user, as the server wants", "failed     security: denied, open /sys/x: permission denied",
	} {
		if err != nil || !strings.Contains(page.String(), want) {
			t.Errorf("%v, want %q in\n%s", err, want, page.String())
		}
	}
	if strings.Contains(page.String(), "battery") {
		t.Errorf("a desktop without battery fails:\n%s", page.String())
	}
}

func TestStatusSaysWhomToAsk(t *testing.T) {
	for err, want := range map[error]string{
		fs.ErrNotExist: "no agent has run yet", fs.ErrPermission: "another user", io.ErrUnexpectedEOF: "unexpected EOF",
	} {
		if got := unreadable("/here", fmt.Errorf("read status: %w", err)).Error(); !strings.Contains(got, want) {
			t.Errorf("%v: %s", err, got)
		}
	}
}

func TestRunIsReadyAndStopsCleanly(t *testing.T) {
	folder := t.TempDir()
	socket, err := net.ListenPacket("unixgram", filepath.Join(folder, "notify"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", socket.LocalAddr().String())
	t.Setenv("WATCHDOG_USEC", "2000") // 2 ms
	var checkins atomic.Int32
	url := server(t, func(protocol.Checkin) { checkins.Add(1) })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan int)
	var log strings.Builder
	go func() {
		done <- run(ctx, []string{"run", "--server", url, "--enrolment-key", "hfe_test", "--state-dir", filepath.Join(folder, "state")}, &strings.Builder{}, &log)
	}()
	var told []string
	message := make([]byte, 100)
	for !slices.Contains(told, "WATCHDOG=1") || checkins.Load() == 0 {
		length, _, err := socket.ReadFrom(message)
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, string(message[:length]))
	}
	if _, err := durable.Lock(filepath.Join(folder, "state")); err == nil {
		t.Error("a second agent may use the folder")
	}
	stop()
	for told[len(told)-1] != "STOPPING=1" {
		length, _, err := socket.ReadFrom(message)
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, string(message[:length]))
	}
	if code := <-done; code != 0 {
		t.Errorf("exit code %d\n%s", code, log.String())
	}
	if told[0] != "READY=1" {
		t.Errorf("told %v", told)
	}
}

func TestFlagGoesBeforeEnvironmentBeforeFile(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "agent.conf")
	settings := "# where\n\nHOLDFAST_STATE_DIR=\"" + filepath.Join(folder, "file") + "\"\nHOLDFAST_SERVER=https://holdfast.example.org\n"
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	used := func(args ...string) string {
		_, _, stderr := agent(t, append([]string{"status", "--config", file}, args...)...)
		return stderr
	}
	if got := used(); !strings.Contains(got, filepath.Join(folder, "file")) {
		t.Errorf("the file does not count: %s", got)
	}
	t.Setenv("HOLDFAST_STATE_DIR", filepath.Join(folder, "environment"))
	if got := used(); !strings.Contains(got, filepath.Join(folder, "environment")) {
		t.Errorf("the environment does not go before the file: %s", got)
	}
	if got := used("--state-dir", filepath.Join(folder, "flag")); !strings.Contains(got, filepath.Join(folder, "flag")) {
		t.Errorf("the flag does not go first: %s", got)
	}
}

func TestWhatIsNotUnderstoodIsExplained(t *testing.T) {
	folder := t.TempDir()
	wrong := filepath.Join(folder, "agent.conf")
	if err := os.WriteFile(wrong, []byte("HOLDFAST_SEVER=https://holdfast.example.org\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{}, {"fly"}, {"run"}, {"status", "--wings"}, {"status", "--config", wrong},
		{"once", "--state-dir", folder, "--server", "https://holdfast.example.org"}, // without a key
		{"once", "--state-dir", folder, "--enrolment-key", "hfe_test", "--server", "http://holdfast.example.org"},
	} {
		if code, _, stderr := agent(t, args...); code != 2 || stderr == "" {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
	}
	if code, stdout, _ := agent(t, "version"); code != 0 || !strings.HasPrefix(stdout, "holdfast-agent "+version) {
		t.Errorf("exit code %d, %q", code, stdout)
	}
}
