// Package place keeps where things are: sites, buildings, floors and rooms,
// as trees. It owns the table places. A place is known by the names from the
// top down, "Main building/2nd floor/214", which is unique whatever the case.
package place

import (
	"strings"
	"time"

	"holdfast/server/identity"
	"holdfast/shared/id"
)

// Mark marks the identifiers of places.
type Mark struct{}

// ID identifies a place.
type ID = id.Of[Mark]

// Place is one place.
type Place struct {
	ID        ID
	ParentID  ID // none for a site
	Name      string
	Path      string // the names from the top down, separated by slashes
	UnitID    identity.UnitID
	Unit      string // name of the unit
	Assets    int    // how many assets are at this very place
	CreatedAt time.Time
}

// Depth counts the places above this one.
func (p Place) Depth() int { return strings.Count(p.Path, "/") }
