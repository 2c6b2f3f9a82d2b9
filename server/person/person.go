// Package person keeps the people that the body works for: they hold assets
// and ask for help, and most of them never sign in. It owns the table people.
// A person who does sign in is linked to that user of package account.
//
// Who somebody is, is personal data: a reader needs people.read in the unit
// that the person belongs to.
package person

import (
	"time"

	"holdfast/server/identity"
	"holdfast/shared/id"
)

// Mark marks the identifiers of people.
type Mark struct{}

// ID identifies a person.
type ID = id.Of[Mark]

// Person is one person. Empty texts and zero identifiers are not known.
type Person struct {
	ID        ID
	Name      string
	Email     string // in lower case; unique
	Login     string // on the body's machines, in lower case; unique
	UnitID    identity.UnitID
	Unit      string // name of the unit
	Language  string // "en", "fr" or "" when not known
	UserID    identity.UserID
	Active    bool // false once they have left
	Assets    int  // how many assets they hold
	CreatedAt time.Time
	UpdatedAt time.Time
}
