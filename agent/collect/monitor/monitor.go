// Package monitor reports the screens that are attached, by their EDID.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"holdfast/agent/collect"
	"holdfast/agent/collect/container"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Monitor collects the monitor section.
type Monitor struct{}

// New returns the collector.
func New() Monitor { return Monitor{} }

// Section implements collect.Collector.
func (Monitor) Section() string { return "monitor" }

// Collect reads the EDID of each connector of the kernel's graphics drivers.
// A machine without connectors, such as most servers and virtual machines,
// has no monitor; one whose connectors are all empty has none now.
func (Monitor) Collect(_ context.Context, h host.Host) (report.Section, error) {
	if container.Runtime(h) != "" {
		return nil, collect.ErrAbsent // what shows through is another device's
	}
	connectors, err := h.Glob("/sys/class/drm/card*-*")
	if err != nil {
		return nil, fmt.Errorf("list the connectors of screens: %w", err)
	}
	if len(connectors) == 0 {
		return nil, collect.ErrAbsent
	}
	facts := &report.Monitor{}
	var problems []error
	for _, connector := range connectors {
		if h.Text(connector+"/status") == "disconnected" {
			continue
		}
		edid, err := h.ReadFile(connector + "/edid")
		if err != nil || len(edid) == 0 {
			continue // nothing attached, or a screen without EDID: nothing to tell
		}
		screen, err := decode(edid)
		if err != nil {
			problems = append(problems, fmt.Errorf("read the screen at %s: %w", path.Base(connector), err))
			continue
		}
		_, screen.Connector, _ = strings.Cut(path.Base(connector), "-") // card0-DP-1
		screen.Builtin = builtin(screen.Connector)
		facts.Monitors = append(facts.Monitors, screen)
	}
	return facts, errors.Join(problems...)
}

// builtin tells the connectors that only the device's own panel hangs on.
func builtin(connector string) bool {
	kind, _, _ := strings.Cut(connector, "-")
	return kind == "eDP" || kind == "LVDS" || kind == "DSI" || kind == "DPI"
}
