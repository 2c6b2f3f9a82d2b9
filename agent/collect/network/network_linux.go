package network

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect reads the interfaces from /sys, their addresses from the kernel,
// and the rest from the tables in /proc and /etc.
func (Network) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	entries, err := h.ReadDir("/sys/class/net")
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	addresses, err := h.Addresses(ctx)
	permanent, permanentErr := h.PermanentMACs()
	err = errors.Join(err, permanentErr)
	temporary := temporaryAddresses(h)
	facts := &report.Network{Gateways: gateways(h)}
	facts.DNS, facts.Search = resolver(h)
	for _, entry := range entries {
		nic := nic{h, entry.Name()}
		if nic.name == "lo" || !nic.exists() || nic.fleeting() {
			continue
		}
		one := nic.describe(permanent[nic.name])
		for _, address := range addresses[nic.name] {
			if lasting(address) && !temporary[address.Addr()] {
				one.Addresses = append(one.Addresses, address.String())
			}
		}
		slices.Sort(one.Addresses)
		facts.Interfaces = append(facts.Interfaces, one)
	}
	return facts, err
}

// nic is one network interface by its name.
type nic struct {
	host host.Host
	name string
}

func (n nic) text(attribute string) string {
	return n.host.Text("/sys/class/net/" + n.name + "/" + attribute)
}

func (n nic) has(attribute string) bool {
	return n.host.Exists("/sys/class/net/" + n.name + "/" + attribute)
}

// exists tells an interface from the files that bonding puts beside them.
func (n nic) exists() bool { return n.has("ifindex") || n.has("address") }

// fleeting tells the ends of a container's cable, by the names that the
// managers of containers give them (Docker's veth, Calico's cali, Cilium's
// lxc). They come and go with each container and say nothing of the device.
func (n nic) fleeting() bool {
	return !n.has("device") && slices.ContainsFunc([]string{"veth", "cali", "lxc"}, func(prefix string) bool {
		return strings.HasPrefix(n.name, prefix)
	})
}

func (n nic) describe(permanent string) report.Interface {
	one := report.Interface{
		Device:    n.name,
		MAC:       n.mac(permanent),
		Kind:      n.kind(),
		Virtual:   !n.has("device"),
		Removable: n.removable(),
		Up:        n.text("operstate") == "up" || (n.text("operstate") == "unknown" && n.text("carrier") == "1"),
		MTU:       number(n.text("mtu")),
	}
	// A link that is down, and a virtual one, tell -1 or the same as an
	// unsigned number.
	if speed, err := strconv.ParseUint(n.text("speed"), 10, 32); err == nil && speed < 1<<31 {
		one.SpeedMbps = int(speed)
	}
	if driver, err := n.host.Readlink("/sys/class/net/" + n.name + "/device/driver"); err == nil {
		one.Driver = path.Base(driver)
	}
	return one
}

// mac gives the address that is burnt into the card, where that can be told: a
// member of a bond wears the bond's address, and a wireless card one made up
// for privacy. A random address of a card that tells no other identifies
// nothing tomorrow and is left out.
func (n nic) mac(permanent string) string {
	const random = "1" // NET_ADDR_RANDOM of netdevice.h
	inUse := n.text("address")
	if n.has("device") && n.text("addr_assign_type") == random {
		inUse = ""
	}
	for _, mac := range []string{permanent, n.text("bonding_slave/perm_hwaddr"), inUse} {
		// Tunnels tell an IP address here, and InfiniBand twenty bytes.
		if len(mac) == len("00:00:00:00:00:00") && mac != "00:00:00:00:00:00" && strings.Count(mac, ":") == 5 {
			return strings.ToLower(mac)
		}
	}
	return ""
}

// removable reports whether the card hangs on USB, which is where those of
// docks hang too, or on Thunderbolt.
func (n nic) removable() bool {
	place, err := n.host.Readlink("/sys/class/net/" + n.name)
	if err != nil || !n.has("device") {
		return false
	}
	if strings.Contains(place, "/usb") {
		return true
	}
	// The kernel marks what lies behind a port that opens to the outside.
	device := "/sys/class/net/" + n.name + "/device"
	return n.host.Text(device+"/removable") == "removable"
}

// kind tells interfaces apart by what the kernel calls their type, else by
// the folders that only their kind has, else by the number of their link
// layer (if_arp.h).
func (n nic) kind() string {
	kinds := map[string]string{
		"wlan": "wifi", "bluetooth": "bluetooth", "wwan": "mobile", "bridge": "bridge", "bond": "bond", "team": "bond",
		"vlan": "vlan", "wireguard": "tunnel", "vxlan": "tunnel", "geneve": "tunnel", "gre": "tunnel", "ppp": "tunnel",
	}
	for line := range strings.Lines(n.text("uevent")) {
		if kind := kinds[strings.TrimPrefix(strings.TrimSpace(line), "DEVTYPE=")]; kind != "" {
			return kind
		}
	}
	for _, folder := range []struct{ name, kind string }{
		{"wireless", "wifi"}, {"phy80211", "wifi"}, {"bridge", "bridge"}, {"bonding", "bond"}, {"tun_flags", "tunnel"},
	} {
		if n.has(folder.name) {
			return folder.kind
		}
	}
	const (
		ether  = 1
		tunnel = 768
		none   = 65534
	)
	switch layer := number(n.text("type")); {
	case layer == ether && (n.has("device") || strings.HasPrefix(n.name, "eth")):
		return "ethernet"
	case layer >= tunnel && layer <= tunnel+10, layer == none:
		return "tunnel"
	}
	return "other"
}

// temporaryAddresses lists the IPv6 addresses that are made up for privacy and
// change every day, and those that another device turned out to have.
func temporaryAddresses(h host.Host) map[netip.Addr]bool {
	const temporary, duplicate = 0x01, 0x08 // IFA_F_* of if_addr.h
	found := map[netip.Addr]bool{}
	for line := range strings.Lines(h.Text("/proc/net/if_inet6")) {
		fields := strings.Fields(line) // address, index, prefix length, scope, flags, name
		if len(fields) < 6 {
			continue
		}
		flags, err := strconv.ParseUint(fields[4], 16, 32)
		address, ok := hexAddress(fields[0])
		if err == nil && ok && flags&(temporary|duplicate) != 0 {
			found[address] = true
		}
	}
	return found
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 {
		return 0
	}
	return value
}
