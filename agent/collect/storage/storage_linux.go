package storage

import (
	"context"
	"errors"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect reads the drives from /sys, and the volumes from the mount table.
func (Storage) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	drives, drivesErr := drives(h)
	volumes, volumesErr := volumes(ctx, h)
	return &report.Storage{Drives: drives, Volumes: volumes}, errors.Join(drivesErr, volumesErr)
}
