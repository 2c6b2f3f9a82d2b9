// Package cluster starts a PostgreSQL server of its own from the programs that
// are installed, for tests and benchmarks. It listens on a socket in a
// temporary folder only, so that several can run beside one another, and it
// never outlives the process that started it, however that process ends.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say what the server is for.
type Options struct {
	// Durable keeps every promise that PostgreSQL makes by default: fsync and
	// synchronous_commit are on. Without it the server is as fast as can be
	// and worth nothing after a power cut, which suits tests.
	Durable bool
}

// Cluster is a running server.
type Cluster struct {
	folder     string
	supervisor *exec.Cmd
	lifeline   io.Closer // the supervisor stops the server when this end of its standard input closes
}

// startWithin bounds how long a busy machine may take to bring the server up.
const startWithin = 60 * time.Second

// supervise runs PostgreSQL until standard input ends, which it does when the
// owner closes it and also when the owner is killed; then it clears up.
const supervise = `
folder=$1; shift
"$@" </dev/null &
read -r ignored
kill -INT $!; wait $!
cd / && rm -rf "$folder"`

// Start makes a fresh server and waits until it answers.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	programs, err := find(os.Getenv("PATH"), "/usr/lib/postgresql")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "hfpg")
	if err != nil {
		return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	c := &Cluster{folder: folder}
	if err := c.start(ctx, programs, options); err != nil {
		log, _ := os.ReadFile(c.log()) // the error says enough when there is no log
		return nil, errors.Join(fmt.Errorf("start PostgreSQL: %w\n%s", err, log), c.Stop())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, programs string, options Options) error {
	account, err := unprivileged()
	if err != nil {
		return err
	}
	if account != nil {
		if err := os.Chown(c.folder, int(account.Uid), int(account.Gid)); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command := func(ctx context.Context, name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = c.folder
		cmd.Env = []string{"HOME=" + c.folder, "LC_ALL=C.UTF-8", "TZ=UTC", "PATH=/usr/bin:/bin"}
		cmd.Stdout, cmd.Stderr = log, log
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account, Setsid: true}
		return cmd
	}

	data := filepath.Join(c.folder, "data")
	initdb := command(ctx, filepath.Join(programs, "initdb"), "--pgdata", data, "--username", superuser,
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	// The server outlives ctx, which is that of whoever wanted it first.
	c.supervisor = command(context.WithoutCancel(ctx), "/bin/sh", append([]string{"-c", supervise, "sh", c.folder,
		filepath.Join(programs, "postgres"), "-D", data}, settings(c.folder, options)...)...)
	c.lifeline, err = c.supervisor.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.supervisor.Start(); err != nil {
		return err
	}
	return c.wait(ctx)
}

func settings(folder string, options Options) []string {
	args := []string{
		"-c", "listen_addresses=", "-c", "unix_socket_directories=" + folder,
		"-c", "max_connections=300", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB",
	}
	if options.Durable {
		return append(args, "-c", "fsync=on", "-c", "synchronous_commit=on")
	}
	return append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "autovacuum=off")
}

// wait returns when the server answers.
func (c *Cluster) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-pause.C:
		}
	}
}

const superuser = "holdfast"

// URL is the address of one database of the server.
func (c *Cluster) URL(database string) string {
	query := url.Values{"host": {c.folder}, "user": {superuser}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + query.Encode()
}

// PID is the process id of the server's first process, the parent of all
// others of it.
func (c *Cluster) PID() (int, error) {
	content, err := os.ReadFile(filepath.Join(c.folder, "data", "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("read the process id of PostgreSQL: %w", err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return 0, fmt.Errorf("read the process id of PostgreSQL: %w", err)
	}
	return pid, nil
}

// Stop ends the server and removes what it stored. It may be called again.
func (c *Cluster) Stop() error {
	if c.lifeline == nil {
		return os.RemoveAll(c.folder)
	}
	err := c.lifeline.Close()
	c.lifeline = nil
	if c.supervisor.Process == nil {
		return errors.Join(err, os.RemoveAll(c.folder))
	}
	return errors.Join(err, c.supervisor.Wait())
}

func (c *Cluster) log() string { return filepath.Join(c.folder, "log") }
