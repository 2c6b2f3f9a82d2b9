package storage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"holdfast/agent/collect/container"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// drives lists the drives, physical or virtual, in the order of their names.
// A container has none: those that it sees must be accounted for elsewhere.
func drives(h host.Host) ([]report.Drive, error) {
	if container.Runtime(h) != "" {
		return nil, nil
	}
	folders, err := h.ReadDir("/sys/block")
	if err != nil {
		return nil, fmt.Errorf("list the drives: %w", err)
	}
	var found []report.Drive
	for _, folder := range folders {
		device := block{h, folder.Name()}
		if device.isDrive() {
			found = append(found, drive(device))
		}
	}
	return found, nil
}

// isDrive tells drives from what the kernel makes of them (loop, RAM disk,
// logical volume, RAID), from optical drives, which keep nothing, from empty
// card readers, and from the boot partitions of eMMC, which are no drives of
// their own.
func (b block) isDrive() bool {
	where := b.where()
	if strings.Contains(where, "/devices/virtual/") && !strings.Contains(where, "/nvme-subsystem/") {
		return false
	}
	for _, prefix := range []string{"sr", "fd", "nbd", "rbd", "loop", "ram", "zram", "dm-", "md", "zd"} {
		if strings.HasPrefix(b.name, prefix) {
			return false
		}
	}
	if strings.HasPrefix(b.name, "mmcblk") && (strings.Contains(b.name, "boot") || strings.HasSuffix(b.name, "rpmb")) {
		return false
	}
	if b.text("hidden") == "1" { // one path of several to an NVMe drive
		return false
	}
	return b.text("size") != "0" || b.text("removable") == "0"
}

func drive(device block) report.Drive {
	udev := device.properties()
	ata := ataIdentity(device)
	vendor := device.text("device/vendor")
	facts := report.Drive{
		Device:   device.name,
		Bus:      bus(device, vendor, udev),
		Model:    first(udevText(udev["ID_MODEL_ENC"]), ata.model, device.text("device/model"), device.text("device/name")),
		Serial:   serial(device, ata, udev),
		Firmware: first(udev["ID_REVISION"], ata.firmware, device.text("device/firmware_rev"), device.text("device/rev"), device.text("device/fwrev")),
		WWN:      wwn(device, udev),
	}
	// The SCSI layer calls every ATA drive's maker "ATA", and a PCI device
	// gives a number.
	if vendor != "ATA" && !strings.HasPrefix(vendor, "0x") {
		facts.Maker = vendor
	}
	if sectors, err := strconv.ParseInt(device.text("size"), 10, 64); err == nil {
		facts.SizeBytes = sectors * 512 // the kernel counts so whatever the drive's own sectors are
	}
	facts.Media = media(device, facts, udev)
	facts.Health = health(device)
	removable := device.text("removable") == "1" || facts.Bus == "usb" || device.text("device/type") == "SD"
	facts.Removable = &removable
	return facts
}

// bus tells how the drive is attached by its place in the tree of devices.
func bus(device block, vendor string, udev map[string]string) string {
	where := device.where()
	within := func(part string) bool { return strings.Contains(where, part) }
	switch {
	case strings.HasPrefix(device.name, "nvme"):
		return "nvme"
	case within("/usb"):
		return "usb"
	case strings.HasPrefix(device.name, "vd"):
		return "virtio"
	case within("/mmc_host/"):
		return "mmc"
	case within("/ata"):
		if udev["ID_ATA"] == "1" && udev["ID_ATA_SATA"] == "" {
			return "ide"
		}
		return "sata"
	case within("/end_device-"):
		if vendor == "ATA" { // a SATA drive on a SAS controller
			return "sata"
		}
		return "sas"
	case within("/host"):
		return "scsi"
	}
	return "other"
}

// media trusts the kernel's word where it comes from the drive. For a virtual
// drive it comes from a default, and a USB stick without a word is taken for
// a rotating drive.
func media(device block, drive report.Drive, udev map[string]string) string {
	virtual := []string{"VMware", "QEMU", "Msft", "VBOX", "Google", "Nutanix", "XCP-ng"}
	if drive.Bus == "virtio" || drive.Bus == "other" || slices.Contains(virtual, strings.TrimRight(drive.Maker, ", ")) {
		return ""
	}
	switch rotational := device.text("queue/rotational"); {
	case rotational == "0":
		return "ssd"
	case rotational == "1" && (drive.Bus != "usb" || udev["ID_ATA_ROTATION_RATE_RPM"] != ""):
		return "hdd"
	}
	return ""
}

// serial asks the drive's own driver first, then the SCSI page for it, then
// udev, which asked the drive at its arrival, last the USB adapter around it.
func serial(device block, ata ataDrive, udev map[string]string) string {
	usb := ""
	if where := device.where(); strings.Contains(where, "/usb") {
		// .../usb1/1-4/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sdb
		if before, _, is := strings.Cut(where, "/host"); is {
			usb = device.host.Text("/sys/class/block/" + before[:strings.LastIndex(before, "/")] + "/serial")
		}
	}
	return first(
		device.text("device/serial"), device.text("serial"), ata.serial, unitSerial(device),
		udev["ID_SCSI_SERIAL"], udev["ID_SERIAL_SHORT"], usb,
	)
}

// wwn gives the world wide name as lsblk does: 0x for a number by the naming
// authority, else with the kind before it. Names made up from the model and
// serial number (t10., nvme.) are none.
func wwn(device block, udev map[string]string) string {
	name := first(udev["ID_WWN_WITH_EXTENSION"], udev["ID_WWN"], device.text("wwid"), device.text("device/wwid"))
	if number, is := strings.CutPrefix(name, "naa."); is {
		return "0x" + number
	}
	if strings.HasPrefix(name, "0x") || strings.HasPrefix(name, "eui.") || strings.HasPrefix(name, "uuid.") {
		return name
	}
	return ""
}

// health reads what an eMMC says about its wear (JESD84-B51, EXT_CSD 267 to
// 269), which the kernel shows to everybody. Other drives tell it only to who
// may send them commands.
func health(device block) string {
	const exceeded = "0x0b" // the estimated life time
	life := strings.Fields(strings.ToLower(device.text("device/life_time")))
	switch device.text("device/pre_eol_info") {
	case "0x01":
		if slices.Contains(life, exceeded) {
			return "worn"
		}
		return "ok"
	case "0x02":
		return "worn"
	case "0x03":
		return "failing"
	}
	return ""
}

// first gives the first text that is one.
func first(texts ...string) string {
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			return text
		}
	}
	return ""
}

// udevText undoes udev's \x20 for what is unsafe in a file name.
func udevText(encoded string) string {
	for {
		at := strings.Index(encoded, `\x`)
		if at < 0 || at+4 > len(encoded) {
			return strings.TrimSpace(encoded)
		}
		code, err := strconv.ParseUint(encoded[at+2:at+4], 16, 8)
		if err != nil {
			return strings.TrimSpace(encoded)
		}
		encoded = encoded[:at] + string([]byte{byte(code)}) + encoded[at+4:]
	}
}
