package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// stack is a server and an agent that reports to it.
type stack struct {
	database, listen, programs, data string

	out           *lines
	server, agent *program
}

// run starts both and returns when ctx ends or one of them does.
func (s *stack) run(ctx context.Context) (err error) {
	first := s.first()
	s.server, err = start("server", s.out, s.environment(), filepath.Join(s.programs, "holdfast"), "serve")
	if err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	select { // whoever answered was another server
	case err := <-s.server.ended:
		return fmt.Errorf("the server ended: %w", result(err))
	default:
	}
	var key string
	if first {
		if key, err = s.enrolmentKey(ctx); err != nil || ctx.Err() != nil {
			return err
		}
	}
	s.agent, err = s.startAgent(key)
	if err != nil {
		return err
	}
	s.out.banner(s.address())
	select {
	case <-ctx.Done():
		s.out.print("", "stopping")
		return nil
	case err := <-s.server.ended:
		return fmt.Errorf("the server ended: %w", result(err))
	case err := <-s.agent.ended:
		return fmt.Errorf("the agent ended: %w", result(err))
	}
}

// startAgent gives the agent its enrolment key, if it needs one, by the
// environment: everyone on the machine can read a command line.
func (s *stack) startAgent(key string) (*program, error) {
	var environment []string
	if key != "" {
		environment = []string{"HOLDFAST_ENROLMENT_KEY=" + key}
	}
	return start("agent", s.out, environment, filepath.Join(s.programs, "holdfast-agent"),
		"run", "--server", s.address(), "--state-dir", s.agentState())
}

// stop ends the agent first, so that it can still reach the server.
func (s *stack) stop() error {
	return errors.Join(s.agent.stop(), s.server.stop())
}

func (s *stack) address() string { return "http://" + s.listen }

func (s *stack) environment() []string {
	return []string{
		"HOLDFAST_DATABASE=" + s.database,
		"HOLDFAST_LISTEN=" + s.listen,
		"HOLDFAST_DATA_DIR=" + s.data,
		"HOLDFAST_PUBLIC_URL=" + s.address(),
	}
}

// ready waits until the server serves.
func (s *stack) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if s.answers(ctx) {
			return nil
		}
		select {
		case err := <-s.server.ended:
			return fmt.Errorf("the server ended: %w", result(err))
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("the server does not answer at %s/readyz", s.address())
			}
			return nil
		case <-again.C:
		}
	}
}

func (s *stack) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address()+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// agentState is a folder for each database, because an agent that one server
// knows is a stranger to another.
func (s *stack) agentState() string {
	if strings.HasPrefix(s.database, "sqlite:"+s.data) {
		return filepath.Join(s.data, "agent")
	}
	sum := sha256.Sum256([]byte(s.database))
	return filepath.Join(s.data, "agent-"+hex.EncodeToString(sum[:4]))
}

// first reports whether the agent has yet to be enrolled: it has no credential,
// or the database that knew it is gone. It must be asked before the start.
func (s *stack) first() bool {
	if path, is := strings.CutPrefix(s.database, "sqlite:"); is {
		if _, err := os.Stat(path); err != nil {
			return true
		}
	}
	_, err := os.Stat(filepath.Join(s.agentState(), "credential.json"))
	return err != nil
}

func (s *stack) enrolmentKey(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(s.programs, "holdfast"), "enrolment", "create", "--name", "make run")
	cmd.Env = append(os.Environ(), s.environment()...)
	cmd.Stderr = os.Stderr
	key, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("make an enrolment key: %w", err)
	}
	return strings.TrimSpace(string(key)), nil
}

// result makes an ending into an error even when the program calls it success.
func result(err error) error {
	if err == nil {
		return errors.New("nobody asked it to")
	}
	return err
}
