package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// meter passes connections on to the server and counts the bytes of both ways.
type meter struct {
	listener net.Listener
	to       string
	bytes    atomic.Int64
	serving  sync.WaitGroup
	passing  sync.WaitGroup // one for each open connection
}

func newMeter(ctx context.Context, to string) (*meter, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &meter{listener: listener, to: to}
	m.serving.Go(func() { m.serve(ctx) })
	return m, nil
}

func (m *meter) serve(ctx context.Context) {
	for {
		from, err := m.listener.Accept()
		if err != nil {
			return // closed
		}
		m.passing.Go(func() { m.pass(ctx, from) })
	}
}

func (m *meter) pass(ctx context.Context, from net.Conn) {
	defer from.Close()
	var dialer net.Dialer
	to, err := dialer.DialContext(ctx, "tcp", m.to)
	if err != nil {
		return // the agent says so
	}
	defer to.Close()
	back := make(chan struct{})
	go func() {
		defer close(back)
		m.copy(from, to)
		_ = from.(*net.TCPConn).CloseWrite() //nolint:forcetypeassert // it is TCP, and may be closed
	}()
	m.copy(to, from)
	_ = to.(*net.TCPConn).CloseWrite() //nolint:forcetypeassert // it is TCP, and may be closed
	<-back
}

func (m *meter) copy(to io.Writer, from io.Reader) {
	count, _ := io.Copy(to, from) // a connection that breaks off ends, and that is all
	m.bytes.Add(count)
}

func (m *meter) close() error {
	err := m.listener.Close()
	m.serving.Wait()
	m.passing.Wait()
	return err
}

// measureWire counts the bytes of a check-in of a real agent that has nothing
// new to tell: everything that it and the server write to the connection,
// headers included.
func measureWire(ctx context.Context, p plan, t *table, s *server, key string) (err error) {
	m, err := newMeter(ctx, s.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	state, err := os.MkdirTemp("", "hfwire")
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	least := int64(0)
	for contact := range 6 {
		before := m.bytes.Load()
		cmd := exec.CommandContext(ctx, filepath.Join(p.programs, "holdfast-agent"), "once", "--log-level", "warn",
			"--server", "http://"+m.listener.Addr().String(), "--state-dir", state, "--enrolment-key", key)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("let an agent check in: %w", err)
		}
		m.passing.Wait() // the agent has gone, so its connections end
		// The first contacts enrol and report; later ones may have something
		// to tell as well, since this machine is busy.
		if used := m.bytes.Load() - before; contact > 0 && (least == 0 || used < least) {
			least = used
		}
	}
	t.atMost("unchanged check-in on the wire, both ways", float64(least), 800, "bytes")
	return nil
}
