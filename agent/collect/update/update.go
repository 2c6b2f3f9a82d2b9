// Package update reports the updates that wait on the machine, and whether
// it waits for a restart.
//
// What waits is found by comparing what is installed with what the package
// manager last learnt from its sources, in the files where it keeps that; the
// agent runs nothing, and asks no source. Each manager is one file here and
// one line in managers below. What a manager's files do not tell stays
// unknown, and is never taken for "none".
//
// Reading the lists of a Debian machine takes about 40 ms of CPU, the most of
// any section, so the answer is kept until a file that it came from changes.
package update

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"holdfast/agent/collect"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// manager is one package manager.
type manager struct {
	name    string
	present string // a file or folder that is there where the manager is
	// sources lists the files that what waits is read from.
	sources func(host.Host) ([]string, error)
	// waiting reads what waits, from those files.
	waiting func(ctx context.Context, h host.Host, sources []string) (waiting, error)
	// checked is when the manager last asked its sources.
	checked func(host.Host) time.Time
}

// waiting is what waits to be installed.
type waiting struct {
	known         bool // whether the files tell
	knowsSecurity bool // whether they tell which updates mend security
	updates       []report.PendingUpdate
}

func managers() []manager {
	return []manager{
		{"apt", "/etc/apt", aptSources, aptWaiting, aptChecked},
		{"apk", "/etc/apk", apkSources, apkWaiting, apkChecked},
		{"pacman", "/etc/pacman.conf", pacmanSources, pacmanWaiting, pacmanChecked},
		{"zypper", "/etc/zypp", zypper().sources, zypper().waiting, zypper().checked},
		{"dnf", "/etc/dnf", dnf().sources, dnf().waiting, dnf().checked},
	}
}

// Update collects what waits. It keeps the last answer, so one value serves
// for the life of the agent.
type Update struct {
	mutex  sync.Mutex
	state  string // of the files that the answer came from
	answer waiting
}

// New returns the collector.
func New() *Update { return &Update{} }

// Section implements collect.Collector.
func (*Update) Section() string { return "update" }

// Collect asks the first manager that the machine has. An update that waits
// is told even when something else could not be read.
func (u *Update) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	at := slices.IndexFunc(managers(), func(m manager) bool { return h.Exists(m.present) })
	section := &report.Update{}
	section.RestartRequired, section.RestartFor = restart(h)
	if at < 0 {
		if section.RestartRequired == nil {
			return nil, collect.ErrAbsent
		}
		return section, nil
	}
	m := managers()[at]
	section.Manager = m.name
	section.CheckedAt = m.checked(h).UTC().Truncate(time.Second)
	found, err := u.ask(ctx, h, m)
	if err != nil {
		return section, fmt.Errorf("read what %s would update: %w", m.name, err)
	}
	if !found.known {
		return section, nil
	}
	section.Pending = found.updates
	count := len(found.updates)
	section.PendingCount = &count
	if found.knowsSecurity {
		security := 0
		for _, update := range found.updates {
			if update.Security {
				security++
			}
		}
		section.SecurityCount = &security
	}
	return section, nil
}

// ask reads what waits, or gives the last answer when nothing changed since.
func (u *Update) ask(ctx context.Context, h host.Host, m manager) (waiting, error) {
	sources, err := m.sources(h)
	if err != nil {
		return waiting{}, err
	}
	u.mutex.Lock()
	defer u.mutex.Unlock()
	state := stateOf(h, sources)
	if state == u.state {
		return u.answer, nil
	}
	answer, err := m.waiting(ctx, h, sources)
	if err != nil {
		return waiting{}, err
	}
	slices.SortFunc(answer.updates, func(a, b report.PendingUpdate) int { return strings.Compare(a.Title, b.Title) })
	u.state, u.answer = state, answer
	return answer, nil
}

// stateOf sums up the files: it changes when one of them does.
func stateOf(h host.Host, paths []string) string {
	var state strings.Builder
	state.WriteString(h.Path("/"))
	for _, path := range paths {
		if info, err := h.Stat(path); err == nil {
			fmt.Fprintf(&state, "\n%s %d %d", path, info.Size(), info.ModTime().UnixNano())
		}
	}
	return state.String()
}

// changed is when the newest of the files was last written.
func changed(h host.Host, paths ...string) time.Time {
	var newest time.Time
	for _, path := range paths {
		if info, err := h.Stat(path); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest
}
