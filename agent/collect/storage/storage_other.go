//go:build !linux

package storage

import (
	"context"
	"errors"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect asks gopsutil for the file systems. The drives need a source of
// each system's own.
func (Storage) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	partitions, err := h.Partitions(ctx)
	if err != nil {
		return nil, err
	}
	facts := &report.Storage{}
	var problems []error
	for _, one := range partitions {
		usage, err := h.Usage(ctx, one.Mountpoint)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		facts.Volumes = append(facts.Volumes, report.Volume{
			Mount: one.Mountpoint, Device: one.Device, Filesystem: one.Fstype, SizeBytes: usage.Size, FreeBytes: &usage.Free,
		})
	}
	return facts, errors.Join(problems...)
}
