package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is a Holdfast server that is being measured.
type server struct {
	programs, data, address string

	environment []string
	cmd         *exec.Cmd
	printed     printed
}

// printed is what the server prints for its operator.
type printed struct {
	mutex sync.Mutex
	text  []byte
}

// Write implements io.Writer.
func (p *printed) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.text = append(p.text, text...)
	return len(text), nil
}

// firstLink gives the path of the link for the first administrator.
func (p *printed) firstLink() (string, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_, after, found := strings.Cut(string(p.text), "/first-run/")
	if !found {
		return "", fmt.Errorf("the server printed no link: %q", p.text)
	}
	return "/first-run/" + strings.Fields(after)[0], nil
}

// startServer starts one on an empty database and waits until it serves.
func startServer(ctx context.Context, p plan, database string) (*server, error) {
	data, err := os.MkdirTemp("", "hfbench")
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	if database == "" {
		database = "sqlite:" + filepath.Join(data, "holdfast.db")
	}
	s := &server{programs: p.programs, data: data, address: address}
	s.environment = append(os.Environ(), "HOLDFAST_DATABASE="+database, "HOLDFAST_LISTEN="+address, "HOLDFAST_DATA_DIR="+data,
		"HOLDFAST_LOG_LEVEL=warn",
		// One machine plays the whole fleet, and does not wait between check-ins.
		"HOLDFAST_AGENT_RATE=1000000000", "HOLDFAST_ENROL_RATE=1000000000")
	s.cmd = exec.CommandContext(ctx, filepath.Join(p.programs, "holdfast"), "serve")
	s.cmd.Env = s.environment
	s.cmd.Stdout, s.cmd.Stderr = &s.printed, os.Stderr
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the server: %w", err), os.RemoveAll(data))
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

func (s *server) url() string { return "http://" + s.address }

func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url()+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not get ready: %w", errors.Join(ctx.Err(), err))
		case <-again.C:
		}
	}
}

// command runs one of the server's commands and gives what it printed.
func (s *server) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(s.programs, "holdfast"), args...)
	cmd.Env = s.environment
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("holdfast %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(output)), nil
}

// stop ends the server as a service manager does.
func (s *server) stop() error {
	if s.cmd.ProcessState != nil {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return nil
}

// remove stops the server and takes its files away.
func (s *server) remove() error {
	return errors.Join(s.stop(), os.RemoveAll(s.data))
}
