// Package identify tells devices apart by what their firmware and network
// cards say of themselves. It cleans the evidence of placeholder values; which
// known device the evidence means is decided by server/device.
package identify

// Evidence is what a device says of itself.
type Evidence struct {
	Maker  string   `json:"maker,omitempty"`  // system maker, because serial numbers repeat across makers
	Serial string   `json:"serial,omitempty"` // serial number of the machine
	UUID   string   `json:"uuid,omitempty"`   // SMBIOS UUID, lower case
	MACs   []string `json:"macs,omitempty"`   // stable ones only: hardware, not virtual, not removable
}
