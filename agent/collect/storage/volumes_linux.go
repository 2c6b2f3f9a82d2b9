package storage

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// volumes lists the mounted local file systems, each once however often it is
// mounted.
func volumes(ctx context.Context, h host.Host) ([]report.Volume, error) {
	table, err := h.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("read the mount table: %w", err)
	}
	var found []report.Volume
	var problems []error
	for _, one := range local(h, mounts(string(table))) {
		volume, err := describe(ctx, h, one)
		if err != nil {
			problems = append(problems, err)
		}
		found = append(found, volume)
	}
	return found, errors.Join(problems...)
}

// local picks the mounts that lie on a drive of this machine: those whose
// device is a block device, and those of file systems that span devices and
// therefore hide them. Network, virtual and overlay file systems have neither.
// A loop device is a file of another volume, and snap mounts one for each
// package.
func local(h host.Host, all []mount) []mount {
	chosen := map[string]mount{}
	var order []string
	for _, one := range all {
		device := deviceOf(h, one)
		if device == "" && one.filesystem != "zfs" {
			continue
		}
		if slices.ContainsFunc([]string{"loop", "ram", "zram", "sr", "nbd", "rbd"}, func(prefix string) bool {
			return strings.HasPrefix(device, prefix)
		}) {
			continue
		}
		known, seen := chosen[one.number]
		if !seen {
			order = append(order, one.number)
		}
		if !seen || better(one, known) {
			chosen[one.number] = one
		}
	}
	var picked []mount
	for _, number := range order {
		one := chosen[number]
		// A container sees single files of the host's volumes, such as
		// /etc/hosts. They are not its own.
		if info, err := h.Stat(one.point); err == nil && !info.IsDir() {
			continue
		}
		picked = append(picked, one)
	}
	return picked
}

// better tells the main mount of a file system from a bind mount of a part of
// it: it shows the whole, else it is nearer to the root.
func better(a, b mount) bool {
	if (a.root == "/") != (b.root == "/") && a.filesystem != "btrfs" {
		return a.root == "/"
	}
	return len(a.point) < len(b.point)
}

// deviceOf gives the kernel's name of the block device under a mount, or "".
func deviceOf(h host.Host, one mount) string {
	if target, err := h.Readlink("/sys/dev/block/" + one.number); err == nil {
		return path.Base(target)
	}
	// btrfs and its like have a number of their own and tell the device's path.
	name, is := strings.CutPrefix(one.source, "/dev/")
	if !is {
		return ""
	}
	if target, err := h.Readlink(one.source); err == nil {
		name = path.Base(target) // /dev/mapper/root -> ../dm-0
	}
	if !h.Exists("/sys/class/block/" + name) {
		return ""
	}
	return name
}

func describe(ctx context.Context, h host.Host, one mount) (report.Volume, error) {
	volume := report.Volume{Mount: one.point, Device: one.source, Filesystem: one.filesystem, ReadOnly: one.readOnly}
	if name := deviceOf(h, one); name != "" {
		device := block{h, name}
		if one.source == "/dev/root" {
			volume.Device = "/dev/" + name
		}
		volume.Label = label(h, device)
		drives, encryption := device.drives(0)
		volume.Drive, volume.Encryption = drives[0], encryption
		if encryption == "none" && h.Exists(path.Join(one.point, ".fscrypt")) {
			volume.Encryption = "fscrypt"
		}
	}
	usage, err := h.Usage(ctx, one.point)
	if err != nil {
		return volume, err
	}
	volume.SizeBytes, volume.FreeBytes = usage.Size, &usage.Free
	return volume, nil
}

func label(h host.Host, device block) string {
	if label := device.properties()["ID_FS_LABEL"]; label != "" {
		return label
	}
	links, err := h.ReadDir("/dev/disk/by-label")
	if err != nil {
		return "" // no udev: nobody looked for labels
	}
	for _, link := range links {
		target, err := h.Readlink("/dev/disk/by-label/" + link.Name())
		if err == nil && path.Base(target) == device.name {
			return strings.ReplaceAll(link.Name(), `\x20`, " ")
		}
	}
	return ""
}
