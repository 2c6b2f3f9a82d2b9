package asset

import (
	"slices"

	"holdfast/server/device"
)

// Kind is what sort of thing an asset is.
type Kind string

// The kinds of assets.
const (
	Laptop     Kind = "laptop"
	Desktop    Kind = "desktop"
	Tablet     Kind = "tablet"
	Handheld   Kind = "handheld"
	Server     Kind = "server"
	Monitor    Kind = "monitor"
	Printer    Kind = "printer"
	Scanner    Kind = "scanner"
	Dock       Kind = "dock"
	Peripheral Kind = "peripheral" // any other thing that hangs on a device
	Network    Kind = "network"
	Storage    Kind = "storage"
	Phone      Kind = "phone"
	Other      Kind = "other"
)

// Kinds lists every kind there is.
func Kinds() []Kind {
	return []Kind{Laptop, Desktop, Tablet, Handheld, Server, Monitor, Printer, Scanner, Dock, Peripheral, Network, Storage, Phone, Other}
}

// Valid reports whether the kind is one that there is.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Hangs reports whether such a thing hangs on a device rather than being one.
func (k Kind) Hangs() bool {
	switch k {
	case Monitor, Printer, Scanner, Dock, Peripheral:
		return true
	default:
		return false
	}
}

// KindOf is the kind of asset that a device is, as a proposal.
func KindOf(kind device.Kind) Kind {
	switch kind {
	case device.Desktop:
		return Desktop
	case device.Laptop:
		return Laptop
	case device.Tablet:
		return Tablet
	case device.Handheld:
		return Handheld
	case device.Server:
		return Server
	case device.Virtual, device.Container, device.Other:
	}
	return Other
}

// ownable is the condition that a device, as d, can be an asset at all:
// nobody owns a virtual machine as a thing.
const ownable = "d.kind NOT IN ('virtual', 'container')"
