package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"holdfast/agent/deliver"
	"holdfast/shared/report"
)

type statusCommand struct {
	folder `embed:""`
	JSON   bool `name:"json" help:"Print as JSON, for programs."`
}

// errUnhealthy makes the exit code 1 beside what was printed.
var errUnhealthy = errors.New("the server was not reached for two intervals")

// Run implements the command.
func (c statusCommand) Run(env environment) error {
	status, err := deliver.ReadStatus(c.StateDir)
	if err != nil {
		return unreadable(c.StateDir, err)
	}
	now := env.host.Now()
	if c.JSON {
		encoder := json.NewEncoder(env.stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(struct {
			deliver.Status
			Healthy bool `json:"healthy"`
		}{status, status.Healthy(now)})
	} else {
		err = inWords(env.stdout, status, now)
	}
	if err == nil && !status.Healthy(now) {
		err = errUnhealthy
	}
	return err
}

// unreadable says why there is no status, and how to get at one.
func unreadable(folder string, err error) error {
	service := serviceStateDir()
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the state folder %s belongs to another user; ask as that user or as root", folder)
	case errors.Is(err, fs.ErrNotExist) && folder != service && isFolder(service):
		return fmt.Errorf("no agent has run yet with the state folder %s; the one that this machine runs as a service has %s, so ask as root", folder, service)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no agent has run yet with the state folder %s", folder)
	}
	return err
}

// inWords writes the status for a person.
func inWords(w io.Writer, status deliver.Status, now time.Time) error {
	var page strings.Builder
	line := func(name, format string, values ...any) {
		fmt.Fprintf(&page, "%-10s %s\n", name, fmt.Sprintf(format, values...))
	}
	line("version", "%s", status.Version)
	line("server", "%s", status.Server)
	if status.Device == "" {
		line("device", "not enrolled")
	} else {
		line("device", "%s", status.Device)
	}
	line("reached", "%s", ago(status.ReachedAt, now))
	if status.Failure != "" {
		line("trouble", "%s, %s", status.Failure, ago(status.TriedAt, now))
	}
	switch {
	case status.NextAt.IsZero(): // only "once" ran here
	case status.NextAt.After(now):
		line("next", "in %s", about(status.NextAt.Sub(now)))
	default:
		line("next", "was due %s ago; does the agent run?", about(now.Sub(status.NextAt)))
	}
	line("spool", "%s", spoolInWords(status.Spool))
	line("collected", "%s", ago(status.TakenAt, now))
	if len(status.Skip) > 0 {
		line("left out", "%s, as the server wants", strings.Join(status.Skip, ", "))
	}
	for _, section := range status.Sections {
		if section.Outcome != report.OK && section.Outcome != report.Absent {
			line("failed", "%s: %s, %s", section.Name, strings.ReplaceAll(string(section.Outcome), "_", " "), section.Detail)
		}
	}
	for _, note := range status.Notes {
		line("not stored", "%s %s: %s", note.Section, note.Path, note.Reason)
	}
	_, err := io.WriteString(w, page.String())
	return err
}

func spoolInWords(spool deliver.SpoolStatus) string {
	pieces := []string{"empty"}
	if spool.Reports > 0 {
		pieces[0] = fmt.Sprintf("%s waiting, %d kB", reports(spool.Reports), (spool.Bytes+999)/1000)
	}
	if spool.Dropped > 0 {
		pieces = append(pieces, reports(spool.Dropped)+" dropped because too many waited")
	}
	if spool.Torn > 0 {
		pieces = append(pieces, reports(spool.Torn)+" found broken on the disk")
	}
	if spool.Refused > 0 {
		pieces = append(pieces, reports(spool.Refused)+" refused by the server")
	}
	if spool.Trouble != "" {
		pieces = append(pieces, spool.Trouble)
	}
	return strings.Join(pieces, "; ")
}

func reports(count int) string {
	if count == 1 {
		return "1 report"
	}
	return fmt.Sprintf("%d reports", count)
}

func ago(when, now time.Time) string {
	if when.IsZero() {
		return "never"
	}
	return fmt.Sprintf("%s ago (%s)", about(now.Sub(when)), when.Local().Format("2006-01-02 15:04:05"))
}

// about says a span in its largest whole unit.
func about(span time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if count := int(span / unit.length); count == 1 {
			return "1 " + unit.name
		} else if count > 1 {
			return fmt.Sprintf("%d %ss", count, unit.name)
		}
	}
	return fmt.Sprintf("%d s", max(0, int(span/time.Second)))
}
