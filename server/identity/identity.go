// Package identity says who is acting and what they may do. It owns the roles,
// the one table of permissions, the rule that every route carries, and the
// actor in the context; it keeps nothing and reads no database.
//
// A use case asks on its first line:
//
//	if err := identity.Allow(ctx, identity.DevicesRead); err != nil { … }
//
// and narrows what it reads to identity.Reach(ctx, permission). A thing outside
// that reach does not exist for the actor: it is fault.Missing, not
// fault.Denied, so that nobody learns what another unit has.
//
// Who exists (users, sessions, API tokens, grants) is in package account, the
// organisation tree in package unit.
package identity

import "holdfast/shared/id"

// Unit marks the identifiers of units of the organisation.
type Unit struct{}

// User marks the identifiers of people who sign in.
type User struct{}

// Token marks the identifiers of API tokens.
type Token struct{}

// UnitID identifies a unit of the organisation.
type UnitID = id.Of[Unit]

// UserID identifies a person who signs in.
type UserID = id.Of[User]

// TokenID identifies an API token.
type TokenID = id.Of[Token]

// SessionCookie is the name of the cookie that holds the session of a browser.
const SessionCookie = "holdfast_session"
