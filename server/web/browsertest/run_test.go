package browsertest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"holdfast/server/account"
	"holdfast/server/enrolment"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
)

// programs makes the programs of the product as they stand in the sources, and
// that of "make run", and gives their folder.
func programs(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", folder+"/",
		"holdfast/server/cmd/holdfast", "holdfast/agent/cmd/holdfast-agent", "holdfast/packaging/run").CombinedOutput()
	if err != nil {
		t.Fatalf("build the programs: %v\n%s", err, output)
	}
	return folder
}

// stack is what "make run" starts: the server, and the agent of this machine.
type stack struct {
	*server
	folder string // of the programs
	data   string // where both write
}

// makeRun does what "make run" does, on a fresh database, until the test ends.
func makeRun(t *testing.T, folder string, dialect store.Dialect) *stack {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	made := &stack{
		server: &server{t: t, base: "http://" + address, database: storetest.URL(t, dialect), printed: &printed{}},
		folder: folder, data: t.TempDir(),
	}
	db := storetest.OpenURL(t, made.database)
	made.accounts, made.units, made.keys = account.New(db), unit.New(db), enrolment.New(db)
	run := exec.Command(filepath.Join(folder, "run"), "-database", made.database, "-listen", address, "-programs", folder, "-data", made.data) //nolint:noctx // stopped in order below
	run.Stdout, run.Stderr = made.printed, made.printed
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := run.Wait(); err != nil {
			t.Errorf("it ended with %v", err)
		}
		for line := range strings.Lines(made.printed.String()) {
			if strings.HasPrefix(line, "server") && strings.Contains(line, "level=ERROR") {
				t.Errorf("the server logs: %s", line)
			}
		}
		if !t.Failed() {
			return
		}
		for line := range strings.Lines(made.printed.String()) {
			if !strings.Contains(line, "level=INFO") {
				t.Log(line)
			}
		}
	})
	return made
}

// comesBack lets the agent of this machine speak to the server once more, and
// gives what it says of that.
func (s *stack) comesBack(ctx context.Context) string {
	s.t.Helper()
	states, err := filepath.Glob(filepath.Join(s.data, "agent*"))
	if err != nil || len(states) != 1 {
		s.t.Fatalf("the agents keep their state in %v, %v", states, err)
	}
	// A copy, because the agent that still runs holds its own.
	copied := filepath.Join(s.t.TempDir(), "agent")
	if err := os.CopyFS(copied, os.DirFS(states[0])); err != nil {
		s.t.Fatal(err)
	}
	var said bytes.Buffer
	once := exec.CommandContext(ctx, filepath.Join(s.folder, "holdfast-agent"), "once", "--server", s.base, "--state-dir", copied)
	once.Stdout, once.Stderr = &said, &said
	if err := once.Run(); err == nil {
		s.t.Errorf("the agent is still welcome: %s", said.String())
	}
	return said.String()
}
