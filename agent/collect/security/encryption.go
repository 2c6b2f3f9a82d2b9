package security

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/agent/collect/storage"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// diskEncryption sums up the encryption of the volumes that hold data: on
// when all are encrypted, partial when some are, and empty when it is not
// known of any.
func diskEncryption(ctx context.Context, h host.Host) (string, error) {
	section, err := storage.New().Collect(ctx, h)
	if err != nil {
		err = fmt.Errorf("read what the volumes lie on: %w", err)
	}
	read, is := section.(*report.Storage)
	if !is {
		return "", err
	}
	var encrypted, partly, open bool
	for _, volume := range read.Volumes {
		if !holdsData(volume, read.Drives) {
			continue
		}
		switch volume.Encryption {
		case "none":
			open = true
		case "fscrypt":
			partly = true // it encrypts some folders
		case "":
		default:
			encrypted = true
		}
	}
	switch {
	case partly, encrypted && open:
		return "partial", err
	case encrypted:
		return "on", err
	case open:
		return "off", err
	}
	return "", err
}

// holdsData reports whether data would be lost with the volume. What the
// machine starts from must be readable before there is a key, a read-only
// file system was made elsewhere, and a stick is not part of the machine.
func holdsData(volume report.Volume, drives []report.Drive) bool {
	if volume.Mount == "/boot" || strings.HasPrefix(volume.Mount, "/boot/") || volume.Mount == "/efi" {
		return false
	}
	if slices.Contains([]string{"squashfs", "iso9660", "erofs", "udf"}, volume.Filesystem) {
		return false
	}
	return !slices.ContainsFunc(drives, func(drive report.Drive) bool {
		return drive.Device == volume.Drive && drive.Removable != nil && *drive.Removable
	})
}
