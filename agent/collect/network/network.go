// Package network reports how the device is connected: its interfaces and
// their addresses, gateways and name servers.
package network

import (
	"net/netip"
)

// Network collects the network section.
type Network struct{}

// New returns the collector.
func New() Network { return Network{} }

// Section implements collect.Collector.
func (Network) Section() string { return "network" }

// lasting tells the addresses by which a device can be found from those that
// every device has or that hold only on the wire.
func lasting(address netip.Prefix) bool {
	ip := address.Addr()
	return !ip.IsLoopback() && !ip.IsLinkLocalUnicast() && !ip.IsUnspecified() && !ip.IsMulticast()
}
