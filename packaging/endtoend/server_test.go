package endtoend_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// built is bin/holdfast as it stands in the sources, made once.
var built = sync.OnceValues(func() (string, error) { //nolint:gochecknoglobals // a constant in disguise
	folder, err := os.MkdirTemp("", "holdfast-endtoend")
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "holdfast")
	output, err := exec.Command("go", "build", "-o", program, "holdfast/server/cmd/holdfast").CombinedOutput() //nolint:noctx // made for all tests
	if err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, output)
	}
	return program, nil
})

func TestMain(m *testing.M) {
	if folder := os.Getenv(spoolerEnv); folder != "" {
		os.Exit(spoolForEver(folder, os.Getenv(serverEnv)))
	}
	code := m.Run()
	if program, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

// server is the real program, with a database and an address that outlive it.
type server struct {
	t       *testing.T
	program string
	address string
	env     []string
	db      *store.DB
	process *exec.Cmd
	output  *bytes.Buffer
}

func newServer(t *testing.T, dialect store.Dialect) *server {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	url := storetest.URL(t, dialect)
	s := &server{t: t, program: program, address: freeAddress(t), db: storetest.OpenURL(t, url)}
	s.env = append(os.Environ(), "HOLDFAST_DATABASE="+url, "HOLDFAST_DATA_DIR="+t.TempDir(),
		"HOLDFAST_LISTEN="+s.address, "HOLDFAST_AGENT_RATE=6000")
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func (s *server) url() string { return "http://" + s.address }

// start starts the server and returns when it serves.
func (s *server) start() {
	s.t.Helper()
	s.output = &bytes.Buffer{}
	s.process = exec.Command(s.program, "serve") //nolint:noctx // killed by hand, which is the point
	s.process.Env, s.process.Stdout, s.process.Stderr = s.env, s.output, s.output
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	process := s.process
	s.t.Cleanup(func() {
		if process.ProcessState == nil {
			process.Process.Kill() //nolint:errcheck // it may have ended
			process.Wait()         //nolint:errcheck // killed
		}
	})
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !s.ready(ctx) {
		select {
		case <-ctx.Done():
			s.t.Fatalf("the server is not ready:\n%s", s.output)
		case <-tick.C:
		}
	}
}

func (s *server) ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url()+"/readyz", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// kill ends the server as a power cut does.
func (s *server) kill() {
	s.t.Helper()
	if err := s.process.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	s.process.Wait() //nolint:errcheck // it was killed
}

// key makes an enrolment key, as an operator does.
func (s *server) key() string {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), s.program, "enrolment", "create", "--name", "endtoend")
	command.Env = s.env
	output, err := command.Output()
	if err != nil {
		s.t.Fatalf("make an enrolment key: %v", err)
	}
	return strings.TrimSpace(string(output))
}
