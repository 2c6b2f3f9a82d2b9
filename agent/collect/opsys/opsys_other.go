//go:build !linux

package opsys

import (
	"context"
	"os"
	"strings"
	"time"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect asks gopsutil, which knows how each system tells these.
func (OS) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	info, err := h.Info(ctx)
	if err != nil {
		return nil, err
	}
	facts := &report.OS{
		Family:   info.OS,
		ID:       info.Platform,
		Title:    info.Platform,
		Version:  info.PlatformVersion,
		Kernel:   info.KernelVersion,
		Arch:     info.KernelArch,
		BootedAt: time.Unix(int64(info.BootTime), 0).UTC(),
	}
	if info.OS == "windows" {
		// gopsutil gives "10.0.22631.4460 Build 22631.4460" and the product name.
		facts.ID = "windows"
		facts.Version, facts.Build, _ = strings.Cut(info.PlatformVersion, " Build ")
	}
	facts.Hostname, facts.Domain, _ = strings.Cut(info.Hostname, ".")
	if language, _, _ := strings.Cut(os.Getenv("LANG"), "."); language != "C" {
		facts.Language = language
	}
	return facts, nil
}
