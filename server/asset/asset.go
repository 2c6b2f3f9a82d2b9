// Package asset keeps the things that the body owns and decides about: their
// tag, status, custodian, place, cost and warranty. It owns the tables assets,
// asset_attachments and asset_candidates.
//
// What is decided here and what devices report never overwrite one another. A
// device is linked to the asset that it is evidence for, and where both know
// something the page shows both, with their source, and marks where they
// differ.
//
// A device gets its asset by the rule (Match) or by hand, never by a guess:
// where several assets fit, or the evidence disagrees, the device waits in the
// queue (Queue) for a person. Peripherals with a serial number of their own
// become assets by themselves and follow the device that they hang on.
//
// Which status may follow which, and who may say so, is one table
// (Transitions). Nothing is ever disposed of by hand: only a disposal case
// does that.
package asset

import (
	"time"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/shared/id"
)

// Mark marks the identifiers of assets.
type Mark struct{}

// ID identifies an asset.
type ID = id.Of[Mark]

// Topic is where the outbox hears that an asset changed; the subject is its
// identifier.
const Topic = "asset.changed"

// Asset is one thing that the body owns, as decided. Empty texts, zero times,
// zero identifiers and nil are not known.
type Asset struct {
	ID           ID
	Tag          string // what the sticker says; unique whatever the case
	Kind         Kind
	Maker        string
	Model        string
	Serial       string
	Status       Status
	CustodianID  person.ID
	PlaceID      place.ID
	UnitID       identity.UnitID
	PurchasedOn  time.Time // midnight UTC of the day
	CostCents    *int64    // hundredths of Currency
	Currency     string    // ISO 4217
	WarrantyEnds time.Time // midnight UTC of the last day
	OrderNumber  string
	Device       device.Key // the device that is evidence for it; 0 for none
	LinkedBy     LinkedBy   // how the device came to it
	LinkedAt     time.Time
	Note         string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// LinkedBy is how a device came to its asset.
type LinkedBy string

// The ways in which a device comes to its asset.
const (
	ByRule LinkedBy = "rule"
	ByHand LinkedBy = "hand"
)

// none is nobody and nowhere.
var none person.ID //nolint:gochecknoglobals // a constant that Go cannot write as one

// zeroTime is no time at all.
var zeroTime time.Time //nolint:gochecknoglobals // a constant that Go cannot write as one
