//go:build !linux

package network

import (
	"context"
	"net/netip"
	"slices"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect asks gopsutil. Which interfaces are virtual or removable, gateways
// and name servers need a source of each system's own.
func (Network) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	links, err := h.Links(ctx)
	if err != nil {
		return nil, err
	}
	addresses, err := h.Addresses(ctx)
	facts := &report.Network{}
	for _, link := range links {
		if slices.Contains(link.Flags, "loopback") {
			continue
		}
		one := report.Interface{
			Device: link.Name, MAC: link.HardwareAddr, Up: slices.Contains(link.Flags, "up"), MTU: max(0, link.MTU),
		}
		for _, address := range addresses[link.Name] {
			if lasting(address) {
				one.Addresses = append(one.Addresses, netip.PrefixFrom(address.Addr(), address.Bits()).String())
			}
		}
		facts.Interfaces = append(facts.Interfaces, one)
	}
	return facts, err
}
