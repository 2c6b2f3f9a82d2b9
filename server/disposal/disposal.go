// Package disposal sees things out of the door: cases with their assets, the
// ladder of places where they may go, approvals, and what became of the data on
// every drive. It owns the tables disposal_* and drive_records.
//
// A case cannot lose a drive. Every drive that any device of its assets ever
// reported is noted once and never forgotten, also when it was taken out, or
// when the device is parted from its asset afterwards. Each one blocks the case
// until it has a record after NIST SP 800-88 revision 2 that another person has
// checked, or is recorded as lost with its incident, or is reported by another
// device, which then answers for it. What a device reports late blocks again, up to the
// last step; things in which no drive is known of need a person's word that
// they hold no data.
//
// Which state may follow which is one table (Transitions). Release does
// everything in one transaction: custody ends, agents are revoked, alerts are
// closed, rights leave or return, and the asset is disposed of. What it will
// change is shown beforehand, and kept as the approvers saw it.
//
// Approvals, records and checks are signatures: a person gives them, never a
// program of nobody's, and never the person who must be another.
package disposal

import (
	"time"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/shared/id"
)

// Mark, LineMark, DriveMark and TicketMark mark identifiers.
type (
	Mark       struct{}
	LineMark   struct{}
	DriveMark  struct{}
	TicketMark struct{}
)

// ID, LineID, DriveID and TicketID identify cases, their lines, drives in
// them, and tickets, which are another domain's.
type (
	ID       = id.Of[Mark]
	LineID   = id.Of[LineMark]
	DriveID  = id.Of[DriveMark]
	TicketID = id.Of[TicketMark]
)

// Case is a batch of assets on its way out. Empty texts, zero times and zero
// identifiers are not known.
type Case struct {
	ID           ID
	Number       string // such as DC-2026-014
	Title        string
	State        State
	UnitID       identity.UnitID
	Unit         string
	Sensitivity  string // of the data, in the body's own words
	Reason       string
	Version      int // counts what changed about lines and routes
	CreatedBy    string
	CreatedAt    time.Time
	UpdatedAt    time.Time
	ProposedByID identity.UserID
	ProposedBy   string
	OfferedAt    time.Time
	ApprovedAt   time.Time
	ClearedAt    time.Time
	ReleasedAt   time.Time
	CollectedAt  time.Time
	Collector    string // who took it
	ClosedAt     time.Time
	CancelledAt  time.Time
	Outcome      *Change // what release changed; nil before
	Lines        []Line
	Approvals    []Approval // the oldest first, also those that are void
	Sightings    []Sighting // devices heard of after release
}

// Line is an asset of a case.
type Line struct {
	ID        LineID
	AssetID   asset.ID
	Tag       string
	Kind      asset.Kind
	Maker     string
	Model     string
	Serial    string
	Status    asset.Status
	Route     string // key
	Reason    string // why this route
	SettledAt time.Time
	Taker     string
	NoData    Word // that it holds no data
	Offers    []Offer
	Devices   []Evidence
	Drives    []Drive
}

// Word is what a person answers for.
type Word struct {
	By     string
	At     time.Time // zero when nobody has
	Reason string
}

// Given reports whether somebody has given their word.
func (w Word) Given() bool { return !w.At.IsZero() }

// Evidence is a device of a line's asset.
type Evidence struct {
	Key   device.Key
	ID    device.ID
	Name  string
	Other string // tag of the asset that it belongs to now, when that is another
}

// Offer is a step of a line down the ladder.
type Offer struct {
	Route     string
	Outcome   string // open, taken, passed, skipped, withdrawn
	StartedAt time.Time
	EndsAt    time.Time
	EndedAt   time.Time
	Taker     string
	Reason    string
	By        string
}

// The outcomes of offers.
const (
	OfferOpen      = "open"
	OfferTaken     = "taken"
	OfferPassed    = "passed"
	OfferSkipped   = "skipped"
	OfferWithdrawn = "withdrawn"
)

// Approval is what an approver said, and what they saw.
type Approval struct {
	UserID  identity.UserID
	Name    string
	Decided Decision
	Note    string
	At      time.Time
	Version int
	Saw     *Change
	VoidAt  time.Time
}

// Decision is yes or no.
type Decision string

// The decisions.
const (
	Agreed   Decision = "approved"
	Declined Decision = "declined"
)

// Sighting is a device that was heard of after it had been released.
type Sighting struct {
	Device   device.Key
	DeviceID device.ID
	Name     string
	How      string
	FirstAt  time.Time
	LastAt   time.Time
	Count    int
	TicketID TicketID
	Ticket   int
}

// Drive is a drive that was seen in a device of a line, or that a person knows
// of.
type Drive struct {
	ID         DriveID
	LineID     LineID
	Device     device.Key // 0 when a person knows of it
	DeviceID   device.ID
	DeviceName string
	Ident      string
	Maker      string
	Model      string
	Serial     string
	SizeBytes  int64
	Medium     Medium
	FirstSeen  time.Time
	LastSeen   time.Time
	RemovedAt  time.Time
	Note       string // how a person knows of it
	NotedBy    string
	NotedAt    time.Time
	Record     *Record // nil while there is none
	Moved      *Move   // to another device, which answers for it
}

// Move is the evidence that a drive is in another device now.
type Move struct {
	Device    device.Key
	DeviceID  device.ID
	Name      string
	FirstSeen time.Time // when that device first reported it
	LastSeen  time.Time
	Here      bool   // the other device is in the same case
	Tag       string // the asset that the whole device belongs to now, when it was parted from this one
}

// Need is what a drive still needs.
type Need string

// The needs of drives.
const (
	Unrecorded Need = "unrecorded" // blocks
	Unchecked  Need = "unchecked"  // blocks
	Verified   Need = "verified"
	Gone       Need = "lost"
	Elsewhere  Need = "moved"
)

// Blocks reports whether a case waits for it.
func (n Need) Blocks() bool { return n == Unrecorded || n == Unchecked }

// Need tells what the drive still needs.
func (d Drive) Need() Need {
	switch {
	case d.Record != nil && d.Record.Outcome == Lost:
		return Gone
	case d.Record != nil && !d.Record.ValidatedAt.IsZero():
		return Verified
	case d.Moved != nil:
		return Elsewhere
	case d.Record != nil:
		return Unchecked
	}
	return Unrecorded
}

// HoldsData reports whether things of a kind may hold data, so that somebody
// must say what became of it.
func HoldsData(kind asset.Kind) bool { return kind != asset.Monitor && kind != asset.Dock }

// NeedsWord reports whether a person must say that the thing holds no data,
// because no drive is known in it or in one of its devices.
func (l Line) NeedsWord() bool {
	if l.NoData.Given() {
		return false
	}
	seen := map[device.Key]bool{}
	for _, drive := range l.Drives {
		if drive.Device == 0 {
			return false // people know what is in it
		}
		seen[drive.Device] = true
	}
	devices := 0
	for _, one := range l.Devices {
		if one.Other != "" {
			continue
		}
		devices++
		if !seen[one.Key] {
			return true
		}
	}
	return devices == 0 && HoldsData(l.Kind)
}

// Problem is what blocks a case.
type Problem struct {
	Line  *Line
	Drive *Drive // nil when the line needs a person's word
}

// Problems lists what blocks the case.
func (c *Case) Problems() []Problem {
	var found []Problem
	for i := range c.Lines {
		line := &c.Lines[i]
		for j := range line.Drives {
			if line.Drives[j].Need().Blocks() {
				found = append(found, Problem{line, &line.Drives[j]})
			}
		}
		if line.NeedsWord() {
			found = append(found, Problem{Line: line})
		}
	}
	return found
}

// Drives counts the drives of the case and those that need nothing more.
func (c *Case) Drives() (all, done int) {
	for _, line := range c.Lines {
		for _, drive := range line.Drives {
			all++
			if !drive.Need().Blocks() {
				done++
			}
		}
	}
	return all, done
}

// Given lists the approvals that count: those of what the case is now.
func (c *Case) Given() []Approval {
	var given []Approval
	for _, one := range c.Approvals {
		if one.VoidAt.IsZero() && one.Decided == Agreed && one.Version == c.Version {
			given = append(given, one)
		}
	}
	return given
}

func (c *Case) line(of LineID) *Line {
	for i := range c.Lines {
		if c.Lines[i].ID == of {
			return &c.Lines[i]
		}
	}
	return nil
}

func (c *Case) drive(of DriveID) *Drive {
	for i := range c.Lines {
		for j := range c.Lines[i].Drives {
			if c.Lines[i].Drives[j].ID == of {
				return &c.Lines[i].Drives[j]
			}
		}
	}
	return nil
}
