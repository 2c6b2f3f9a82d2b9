package storage

import (
	"encoding/binary"
	"strings"
	"unicode"
)

// unitSerial reads the serial number from the SCSI page for it (SPC-5, VPD
// page 80h), which the kernel keeps from when the drive appeared.
func unitSerial(device block) string {
	page, err := device.host.ReadFile("/sys/class/block/" + device.name + "/device/vpd_pg80")
	if err != nil || len(page) < 4 {
		return "" // not every drive has the page
	}
	end := min(len(page), 4+int(binary.BigEndian.Uint16(page[2:])))
	return printable(page[4:end])
}

// ataDrive is what a SATA drive says of itself in full. The SCSI layer cuts
// its model to 16 and its firmware to 4 characters.
type ataDrive struct{ model, serial, firmware string }

// ataIdentity reads the answer to IDENTIFY DEVICE (ACS-4 7.13) that the SCSI
// page for it carries (SAT-4, VPD page 89h).
func ataIdentity(device block) ataDrive {
	const at, size = 60, 512
	page, err := device.host.ReadFile("/sys/class/block/" + device.name + "/device/vpd_pg89")
	if err != nil || len(page) < at+size {
		return ataDrive{} // no SATA drive, or a kernel before 5.14
	}
	identity := page[at : at+size]
	return ataDrive{serial: swapped(identity[20:40]), firmware: swapped(identity[46:54]), model: swapped(identity[54:94])}
}

// swapped reads an ATA string, whose every two bytes stand in turned order.
func swapped(raw []byte) string {
	turned := make([]byte, len(raw))
	for i := 0; i+1 < len(raw); i += 2 {
		turned[i], turned[i+1] = raw[i+1], raw[i]
	}
	return printable(turned)
}

func printable(raw []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, string(raw)))
}
