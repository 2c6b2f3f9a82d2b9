package network

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"holdfast/agent/host"
)

// gateways lists the gateways of the default routes, IPv4 before IPv6.
func gateways(h host.Host) []string {
	const gateway = 0x2 // RTF_GATEWAY
	var found []string
	add := func(address netip.Addr, flags string) {
		bits, err := strconv.ParseUint(flags, 16, 32)
		if err == nil && bits&gateway != 0 && !slices.Contains(found, address.String()) {
			found = append(found, address.String())
		}
	}
	for line := range strings.Lines(h.Text("/proc/net/route")) {
		// Iface Destination Gateway Flags RefCnt Use Metric Mask ..., the
		// addresses as numbers of the machine's own byte order.
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[1] != "00000000" || fields[7] != "00000000" {
			continue
		}
		raw, err := hex.DecodeString(fields[2])
		if err != nil || len(raw) != 4 {
			continue
		}
		slices.Reverse(raw)
		address, _ := netip.AddrFromSlice(raw)
		add(address, fields[3])
	}
	for line := range strings.Lines(h.Text("/proc/net/ipv6_route")) {
		// destination, its length, source, its length, next hop, metric,
		// references, use, flags, interface
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[1] != "00" || strings.Trim(fields[0], "0") != "" {
			continue
		}
		if address, ok := hexAddress(fields[4]); ok && !address.IsUnspecified() {
			add(address, fields[8])
		}
	}
	return found
}

// hexAddress reads an IPv6 address of 32 digits.
func hexAddress(digits string) (netip.Addr, bool) {
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != 16 {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(raw)
}

// resolver lists the name servers and the domains to search.
func resolver(h host.Host) (servers, search []string) {
	servers, search = resolvConf(h.Text("/etc/resolv.conf"))
	// systemd-resolved puts itself there as 127.0.0.53 and keeps the real
	// ones beside.
	if slices.Equal(servers, []string{"127.0.0.53"}) {
		if behind, domains := resolvConf(h.Text("/run/systemd/resolve/resolv.conf")); len(behind) > 0 {
			return behind, domains
		}
	}
	return servers, search
}

func resolvConf(text string) (servers, search []string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "nameserver":
			if address, err := netip.ParseAddr(fields[1]); err == nil {
				servers = append(servers, address.WithZone("").String())
			}
		case "search", "domain":
			search = slices.DeleteFunc(fields[1:], func(domain string) bool { return domain == "." })
		}
	}
	return servers, search
}
