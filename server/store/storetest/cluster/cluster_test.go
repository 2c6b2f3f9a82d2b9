package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestServerAnswersAndLeavesNothingBehind(t *testing.T) {
	c, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	var fsync string
	if err := conn.QueryRow(t.Context(), "SHOW fsync").Scan(&fsync); err != nil || fsync != "off" {
		t.Errorf("fsync is %q, %v; want off", fsync, err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if pid, err := c.PID(); err != nil || pid <= 1 {
		t.Errorf("process id %d, %v", pid, err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("stop again: %v", err)
	}
	if _, err := os.Stat(c.folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// owner is the variable that makes TestServerStopsWhenItsOwnerIsKilled, run
// as a program of its own, the owner of a server.
const owner = "HOLDFAST_TEST_OWNER"

func TestServerStopsWhenItsOwnerIsKilled(t *testing.T) {
	if os.Getenv(owner) != "" {
		c, err := Start(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(c.folder)
		select {} // until killed
	}
	// Every process that the owner starts inherits one end of this pipe, so
	// the other end closes when the last of them has ended.
	alive, inherited, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), owner+"=1")
	cmd.ExtraFiles = []*os.File{inherited}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := inherited.Close(); err != nil {
		t.Fatal(err)
	}
	folder, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("the owner says %q: %v", folder, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the owner ended by itself")
	}
	if _, err := io.ReadAll(alive); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(strings.TrimSpace(folder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestProgramsAreFoundInPathThenNewestFirst(t *testing.T) {
	top := t.TempDir()
	for _, name := range []string{"path/initdb", "path/postgres", "lib/9/bin/initdb", "lib/9/bin/postgres", "lib/15/bin/initdb", "lib/15/bin/postgres", "lib/16/bin/initdb"} {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{"path": "path", "lib/16/bin": "lib/15/bin"} {
		got, err := find(filepath.Join(top, path), filepath.Join(top, "lib"))
		if err != nil || got != filepath.Join(top, want) {
			t.Errorf("with PATH %s: %s, %v; want %s", path, got, err, want)
		}
	}
	_, err := find(filepath.Join(top, "none"), filepath.Join(top, "none"))
	if !errors.Is(err, errNotInstalled) || strings.Contains(err.Error(), "\n") {
		t.Errorf("nothing installed gives %v", err)
	}
}
