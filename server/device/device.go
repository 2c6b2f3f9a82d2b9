// Package device keeps every device as it was observed: which one it is, its
// current state, its parts, its history. It owns the tables devices and
// device_*, components and installations; what people decide about a device
// is the asset's, not ours.
//
// Three rules hold throughout. What a report does not say is not known, and
// erases nothing: a blank, a bad value and a section that could not be read
// leave what was known. Only a section that was read in full ends what it no
// longer lists. And two devices are never made one on weak evidence: see
// Recognise.
//
// Files: recognise.go and enrol.go tell which device an agent speaks for;
// incoming.go, state.go and save.go take reports, many in one transaction;
// summary.go, kind.go, part.go and history.go are the pure rules between
// them. Lists and pages read in package inventory.
package device

import (
	"holdfast/shared/id"
)

// Mark marks the identifiers of devices.
type Mark struct{}

// ID identifies a device outside the database: in addresses, in the API.
type ID = id.Of[Mark]

// Key identifies a device inside the database, where narrow rows count.
type Key = int32

// Kind is what sort of machine a device is.
type Kind string

// The kinds of devices.
const (
	Desktop   Kind = "desktop"
	Laptop    Kind = "laptop"
	Tablet    Kind = "tablet"
	Handheld  Kind = "handheld"
	Server    Kind = "server"
	Virtual   Kind = "virtual"
	Container Kind = "container"
	Other     Kind = "other" // not known, or none of these
)

// Kinds lists every kind there is.
func Kinds() []Kind {
	return []Kind{Desktop, Laptop, Tablet, Handheld, Server, Virtual, Container, Other}
}

// The kinds of keys that a device is found by (table device_keys). Values are
// in lower case. Serial, UUID and MAC are evidence that a device is
// recognised by; the others only serve the search.
const (
	KeySerial  = "serial"
	KeyUUID    = "uuid"
	KeyMAC     = "mac"
	KeyAdapter = "adapter" // the MAC of a dock, a USB adapter or a virtual interface
	KeyName    = "name"
	KeyUser    = "user"
	KeyAddress = "address"
	KeyModel   = "model"
	KeyTag     = "tag"
)

// Action is what happened, in the history of a device.
type Action string

// The actions of table device_changes. Subject is the thing it happened to,
// such as a title, a drive or an interface, and empty for the device itself;
// field is the path in the specification; before and after are values.
const (
	Enrolled    Action = "enrolled"      // an agent got a credential; after: its version
	Reenrolled  Action = "reenrolled"    // as above, and the old credential is void; before: how it was recognised
	SameAs      Action = "possibly_same" // another device shows the same evidence; subject: its name; after: its identifier
	FirstSeen   Action = "first_seen"    // the first report of the device, or of a section
	Changed     Action = "changed"       // a fact of the device or of one of its things
	Added       Action = "added"         // a part, a peripheral, an interface, a volume
	Removed     Action = "removed"
	Installed   Action = "installed" // subject: title; after: version
	Uninstalled Action = "uninstalled"
	Upgraded    Action = "upgraded"   // the title stays, its version is newer, or only written differently
	Downgraded  Action = "downgraded" // as above, and older
)

// Actions lists every action there is, for filters and catalogues.
func Actions() []Action {
	return []Action{Enrolled, Reenrolled, SameAs, FirstSeen, Changed, Added, Removed, Installed, Uninstalled, Upgraded, Downgraded}
}
