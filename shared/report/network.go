package report

// Network is how the device is connected.
type Network struct {
	Interfaces []Interface `json:"interfaces,omitempty" doc:"Each network interface but loopback."`
	Gateways   []string    `json:"gateways,omitempty" kind:"ip" doc:"Addresses of the default gateways."`
	DNS        []string    `json:"dns,omitempty" kind:"ip" doc:"Addresses of the name servers."`
	Search     []string    `json:"search,omitempty" doc:"Domains that are tried for short names."`
}

// Interface is one network interface.
type Interface struct {
	Device    string   `json:"device,omitempty" doc:"Name that the system gives the interface, such as eth0."`
	MAC       string   `json:"mac,omitempty" kind:"mac" doc:"Hardware address, lower case with colons; the permanent one where the card tells it."`
	Kind      string   `json:"kind,omitempty" oneof:"ethernet wifi bluetooth mobile bridge bond vlan tunnel other" doc:"Kind of interface."`
	Virtual   bool     `json:"virtual,omitempty" doc:"Whether no hardware stands behind it, so that its MAC identifies nothing."`
	Removable bool     `json:"removable,omitempty" doc:"Whether it is a USB adapter or in a dock, so that its MAC may move to another device."`
	Up        bool     `json:"up,omitempty" doc:"Whether it has a link now."`
	SpeedMbps int      `json:"speed_mbps,omitempty" unit:"Mbit/s" doc:"Speed of the link."`
	MTU       int      `json:"mtu,omitempty" unit:"B" doc:"Largest packet."`
	Driver    string   `json:"driver,omitempty" doc:"Driver that serves it."`
	Addresses []string `json:"addresses,omitempty" kind:"prefix" doc:"IP addresses with prefix length; link-local and temporary ones are left out."`
}

// Name implements Section.
func (*Network) Name() string { return "network" }
