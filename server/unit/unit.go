// Package unit keeps the organisation as a tree of units. Devices and roles
// belong to a unit; a role reaches the unit and everything below it.
//
// Each unit's path lists the identifiers from the root down, "/ROOT/CHILD/",
// so that "this unit and all below" is one prefix. There is one root.
package unit

import (
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/server/fault"
	"holdfast/server/identity"
)

// ID identifies a unit.
type ID = identity.UnitID

// Unit is one unit of the organisation.
type Unit struct {
	ID           ID
	ParentID     ID // none for the root
	Name         string
	Path         string
	UsersPrivate bool // agents here do not say who uses a device
	CreatedAt    time.Time
}

// Depth counts the units above this one.
func (u Unit) Depth() int { return strings.Count(u.Path, "/") - 2 }

// IsRoot reports whether the unit is the whole organisation.
func (u Unit) IsRoot() bool { return u.ParentID.IsZero() }

// Contains reports whether other is this unit or lies below it.
func (u Unit) Contains(other Unit) bool { return strings.HasPrefix(other.Path, u.Path) }

const (
	nameLimit = 100 // characters
	depthMost = 12  // units above one another; deeper trees are a mistake, and paths must stay short
)

// Title checks the name of a unit and gives it without surrounding space.
func title(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", fault.NewInvalid(fault.Field{Name: "name", Key: "fault.field.required"})
	case utf8.RuneCountInString(name) > nameLimit:
		return "", fault.NewInvalid(fault.Field{Name: "name", Key: "fault.field.too_long", Args: fault.Args{"Limit": nameLimit}})
	}
	return name, nil
}
