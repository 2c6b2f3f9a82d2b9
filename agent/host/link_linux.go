package host

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"syscall"
)

// livePermanent asks the kernel for the address that is burnt into each
// network card (IFLA_PERM_ADDRESS, since Linux 5.6), which no file tells.
func livePermanent() (map[string]string, error) {
	const (
		nameAttribute      = 3  // IFLA_IFNAME
		permanentAttribute = 54 // IFLA_PERM_ADDRESS
		typeMask           = 0x3fff
	)
	table, err := syscall.NetlinkRIB(syscall.RTM_GETLINK, syscall.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("ask for the network cards: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(table)
	if err != nil {
		return nil, fmt.Errorf("read the network cards: %w", err)
	}
	found := map[string]string{}
	for _, message := range messages {
		if message.Header.Type != syscall.RTM_NEWLINK || len(message.Data) < syscall.SizeofIfInfomsg {
			continue
		}
		var name, address string
		for rest := message.Data[syscall.SizeofIfInfomsg:]; len(rest) >= syscall.SizeofRtAttr; {
			size := int(binary.NativeEndian.Uint16(rest))
			if size < syscall.SizeofRtAttr || size > len(rest) {
				break
			}
			value := rest[syscall.SizeofRtAttr:size]
			switch binary.NativeEndian.Uint16(rest[2:]) & typeMask {
			case nameAttribute:
				name = string(bytes.TrimRight(value, "\x00"))
			case permanentAttribute:
				address = net.HardwareAddr(value).String()
			}
			rest = rest[min(len(rest), (size+3)&^3):]
		}
		if address != "" {
			found[name] = address
		}
	}
	return found, nil
}
