package identify

import (
	"bytes"
	"net"
	"slices"
	"strings"

	"github.com/google/uuid"

	"holdfast/shared/report"
)

// FromSections gathers the evidence that the sections of a device hold, and
// cleans it. Either may be nil. Left out is what belongs to something else:
// the numbers that a container sees are its host's, a virtual interface has
// no hardware, and a USB adapter or dock moves from desk to desk. The serial
// number of the board does not stand in for the machine's: boards are changed.
func FromSections(system *report.System, network *report.Network) Evidence {
	var found Evidence
	if system != nil {
		found.Maker = system.Maker
		if system.Machine != "container" {
			found.Serial, found.UUID = system.Serial, system.UUID
		}
	}
	if network != nil {
		for _, card := range network.Interfaces {
			if !card.Virtual && !card.Removable {
				found.MACs = append(found.MACs, card.MAC)
			}
		}
	}
	return Clean(found)
}

// Clean gives evidence in one form, without what identifies nothing: serial
// number in upper case, UUID and MACs in lower case, MACs sorted and once.
func Clean(evidence Evidence) Evidence {
	cleaned := Evidence{
		Maker:  tidy(evidence.Maker),
		Serial: strings.ToUpper(tidy(evidence.Serial)),
		UUID:   cleanUUID(evidence.UUID),
	}
	for _, address := range evidence.MACs {
		if address = cleanMAC(address); address != "" {
			cleaned.MACs = append(cleaned.MACs, address)
		}
	}
	slices.Sort(cleaned.MACs)
	cleaned.MACs = slices.Compact(cleaned.MACs)
	return cleaned
}

// tidy brings spaces into order and empties placeholders.
func tidy(value string) string {
	if Placeholder(value) {
		return ""
	}
	return strings.Join(strings.Fields(value), " ")
}

// SwapUUID gives value with its first three fields in the other byte order,
// or "" when it is no UUID. SMBIOS 2.6 made them little-endian; some
// hypervisors and older firmware still write them the other way round, so
// that one machine may show either.
func SwapUUID(value string) string {
	parsed, err := uuid.Parse(strings.TrimSpace(value))
	if err != nil {
		return ""
	}
	slices.Reverse(parsed[0:4])
	slices.Reverse(parsed[4:6])
	slices.Reverse(parsed[6:8])
	return parsed.String()
}

func cleanUUID(value string) string {
	parsed, err := uuid.Parse(strings.TrimSpace(value))
	if err != nil {
		return ""
	}
	value = parsed.String()
	oneByte := [16]byte(bytes.Repeat(parsed[:1], 16))
	if parsed == oneByte || isSharedUUID(value) || isSharedUUID(SwapUUID(value)) {
		return ""
	}
	return value
}

// isSharedUUID knows UUIDs that whole production runs carry.
func isSharedUUID(value string) bool {
	switch value {
	case "03000200-0400-0500-0006-000700080009",
		"01020304-0506-0708-090a-0b0c0d0e0f10",
		"00010203-0405-0607-0809-0a0b0c0d0e0f",
		"12345678-1234-5678-90ab-cddeefaabbcc",
		"12345678-1234-1234-1234-123456789abc",
		"4c4c4544-0000-2010-8020-80c04f202020",
		"ffffff00-ffff-ffff-ffff-ffffffffffff",
		"10000000-0000-8000-0040-000000000000":
		return true
	}
	return false
}

func cleanMAC(value string) string {
	address, err := net.ParseMAC(strings.TrimSpace(value))
	if err != nil || len(address) != 6 {
		return ""
	}
	const multicast, local = 1, 2 // bits of the first octet (IEEE 802)
	if address[0]&(multicast|local) != 0 || isSharedMAC(address.String()) {
		return ""
	}
	return address.String()
}

// isSharedMAC knows addresses that software gives to an adapter on every
// device it is installed on.
func isSharedMAC(address string) bool {
	switch address {
	case "00:00:00:00:00:00",
		"00:05:9a:3c:78:00", "00:05:9a:3c:7a:00", // Cisco VPN
		"00:09:0f:fe:00:01",                      // Fortinet VPN
		"00:50:56:c0:00:01", "00:50:56:c0:00:02", // VMware host networks
		"00:50:56:c0:00:03", "00:50:56:c0:00:04", "00:50:56:c0:00:08",
		"00:53:45:00:00:00", "20:41:53:59:4e:ff", // Windows remote access
		"44:45:53:54:42:00", "44:45:53:54:4f:53", "50:50:54:50:30:30",
		"00:0b:ca:fe:00:00":
		return true
	}
	return false
}
