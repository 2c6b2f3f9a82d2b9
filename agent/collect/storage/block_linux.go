package storage

import (
	"path"
	"slices"
	"strings"

	"holdfast/agent/host"
)

// block is a block device by its kernel name, such as sda, sda1 or dm-0.
type block struct {
	host host.Host
	name string
}

// text reads an attribute of the device in /sys.
func (b block) text(attribute string) string {
	return b.host.Text("/sys/class/block/" + b.name + "/" + attribute)
}

// where is the device's place in the tree of devices, such as
// "../../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda".
func (b block) where() string {
	target, err := b.host.Readlink("/sys/class/block/" + b.name)
	if err != nil {
		return ""
	}
	return target
}

// property reads what udev found out about the device, where it runs.
func (b block) properties() map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(b.host.Text("/run/udev/data/b" + b.text("dev"))) {
		if property, is := strings.CutPrefix(line, "E:"); is {
			name, value, _ := strings.Cut(strings.TrimSpace(property), "=")
			found[name] = value
		}
	}
	return found
}

// below lists the devices that the device is made of: the drive of a
// partition, the members of a RAID or of a logical volume.
func (b block) below() []block {
	if b.text("partition") != "" {
		return []block{{b.host, path.Base(path.Dir(b.where()))}}
	}
	var parts []block
	folder, err := b.host.ReadDir("/sys/class/block/" + b.name + "/slaves")
	if err != nil {
		return nil
	}
	for _, entry := range folder {
		parts = append(parts, block{b.host, entry.Name()})
	}
	return parts
}

// deepest bounds the walk down a stack of devices: partition, RAID,
// encryption, logical volume and cache together stay far below it.
const deepest = 16

// drives lists the drives at the bottom of the stack, and the encryption met
// on the way down.
func (b block) drives(depth int) (names []string, encryption string) {
	encryption = "none"
	if kind := crypt(b.text("dm/uuid")); kind != "" {
		encryption = kind
	}
	parts := b.below()
	if len(parts) == 0 || depth == deepest {
		return []string{b.name}, encryption
	}
	for _, part := range parts {
		lower, lowerEncryption := part.drives(depth + 1)
		names = append(names, lower...)
		if encryption == "none" {
			encryption = lowerEncryption
		}
	}
	slices.Sort(names)
	return slices.Compact(names), encryption
}

// crypt tells the encryption of a device-mapper device by the prefix that
// cryptsetup gives its UUID.
func crypt(uuid string) string {
	switch {
	case strings.HasPrefix(uuid, "CRYPT-LUKS"):
		return "luks"
	case strings.HasPrefix(uuid, "CRYPT-BITLK"):
		return "bitlocker"
	case strings.HasPrefix(uuid, "CRYPT-FVAULT"):
		return "filevault"
	case strings.HasPrefix(uuid, "CRYPT-VERITY"), strings.HasPrefix(uuid, "CRYPT-INTEGRITY"):
		return "" // they check the data and hide nothing
	case strings.HasPrefix(uuid, "CRYPT-"):
		return "dm-crypt"
	}
	return ""
}
