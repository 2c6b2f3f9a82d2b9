package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"holdfast/agent/collect"
	"holdfast/agent/deliver"
	"holdfast/agent/durable"
	"holdfast/agent/schedule"
	"holdfast/shared/report"
)

// reporting is what the commands that talk to a server have in common.
type reporting struct {
	privacy          `embed:""`
	folder           `embed:""`
	Server           string         `help:"URL of the server, such as https://holdfast.example.org." required:"" placeholder:"URL"`
	EnrolmentKey     deliver.Secret `help:"Key to enrol with; needed once. \"holdfast enrolment create\" prints one." placeholder:"KEY"`
	EnrolmentKeyFile string         `help:"File that holds the enrolment key." placeholder:"FILE"`
	CAFile           string         `name:"ca-file" help:"PEM file with certificates to trust beside the system's." placeholder:"FILE"`
	InsecureHTTP     bool           `name:"insecure-http" help:"Allow a server URL with plain http, which others on the network can read. This machine's own server needs no such leave."`
}

// folder is where an agent keeps its memory.
type folder struct {
	StateDir string `help:"Folder for the credential, the state and the spool." default:"${state_dir}" placeholder:"DIR"`
}

// open locks the state folder and opens the deliverer in it.
func (r reporting) open(env environment) (*deliver.Deliverer, func() error, error) {
	key, err := r.key(env)
	if err != nil {
		return nil, nil, err
	}
	if err := durable.MakeFolder(r.StateDir); err != nil {
		return nil, nil, fmt.Errorf("make state folder: %w", err)
	}
	unlock, err := durable.Lock(r.StateDir)
	if err != nil {
		return nil, nil, err
	}
	deliverer, err := deliver.Open(r.StateDir, deliver.Connection{
		Server: strings.TrimRight(r.Server, "/"), CAFile: r.CAFile, InsecureHTTP: r.InsecureHTTP,
		Agent: thisAgent(), Log: env.log,
	}, key)
	if err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	return deliverer, unlock, nil
}

// key gives the enrolment key. Its file may be gone once it has served.
func (r reporting) key(env environment) (deliver.Secret, error) {
	if r.EnrolmentKey != "" || r.EnrolmentKeyFile == "" {
		return r.EnrolmentKey, nil
	}
	content, err := os.ReadFile(r.EnrolmentKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		env.log.Warn("the file of the enrolment key is not there", "file", r.EnrolmentKeyFile)
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read enrolment key: %w", err)
	}
	return deliver.Secret(strings.TrimSpace(string(content))), nil
}

// collect runs what may run on this device.
func (r reporting) collect(env environment, skip []string) ([]report.Part, time.Time) {
	parts := collect.Run(env.ctx, env.host, r.collectors(skip), collect.Deadline)
	return parts, env.host.Now()
}

type onceCommand struct {
	reporting `embed:""`
	Timeout   time.Duration `help:"Give up after this long; what is not delivered stays in the spool." default:"2m"`
}

// Run implements the command.
func (c onceCommand) Run(env environment) error {
	deliverer, unlock, err := c.open(env)
	if err != nil {
		return err
	}
	parts, taken := c.collect(env, deliverer.Skip())
	if err := env.ctx.Err(); err != nil { // what was cut short is no fact
		return errors.Join(fmt.Errorf("report: %w", err), unlock())
	}
	ctx, cancel := context.WithTimeout(env.ctx, c.Timeout)
	defer cancel()
	return errors.Join(deliverer.Deliver(ctx, parts, taken), unlock())
}

type runCommand struct {
	reporting `embed:""`
}

// Run implements the command: until it is told to stop.
func (c runCommand) Run(env environment) error {
	deliverer, unlock, err := c.open(env)
	if err != nil {
		return err
	}
	env.log.Info("agent started", "version", version, "server", c.Server, "state_dir", c.StateDir)
	manager := newManager(env.log)
	manager.ready(env.ctx)
	schedule.Loop(env.ctx, deliverer.Interval(), func(ctx context.Context, due time.Time) time.Duration {
		manager.alive(time.Until(due))
		parts, taken := c.collect(env, deliverer.Skip())
		if env.ctx.Err() != nil { // what was cut short is no fact
			return deliverer.Interval()
		}
		planned := deliverer.Interval()
		if err := deliverer.Deliver(ctx, parts, taken); err != nil {
			env.log.WarnContext(ctx, "report not delivered", "error", err)
		}
		if deliverer.Interval() != planned {
			due = time.Now().Add(deliverer.Interval())
		}
		deliverer.Plan(due)
		manager.alive(time.Until(due))
		debug.FreeOSMemory() // the agent now rests for minutes
		return deliverer.Interval()
	})
	manager.stopping()
	env.log.Info("agent stopped")
	return unlock()
}
