package identity

import (
	"context"
	"log/slog"
	"slices"

	"holdfast/server/fault"
)

// Kind is what sort of actor it is.
type Kind string

// The kinds of actors. Nobody, the zero value, has not signed in.
const (
	Nobody     Kind = ""
	UserKind   Kind = "user"   // a person with a session
	TokenKind  Kind = "token"  // a program with an API token
	AgentKind  Kind = "agent"  // the agent of a device
	SystemKind Kind = "system" // the server itself, or its operator at the command line
)

// Scope is a part of the organisation.
type Scope struct {
	All   bool     // the whole organisation; Units is then empty
	Units []UnitID // each unit by name, those below included
}

// Has reports whether the unit lies in the scope.
func (s Scope) Has(unit UnitID) bool { return s.All || slices.Contains(s.Units, unit) }

// Empty reports whether nothing lies in the scope.
func (s Scope) Empty() bool { return !s.All && len(s.Units) == 0 }

// Covers reports whether all of other lies in s.
func (s Scope) Covers(other Scope) bool {
	if s.All || other.All {
		return s.All
	}
	return !slices.ContainsFunc(other.Units, func(unit UnitID) bool { return !s.Has(unit) })
}

// Grant is a role in a unit and everything below it.
type Grant struct {
	Role   Role
	UnitID UnitID
	Reach  Scope // the unit and all below, as the tree was when the actor came in
}

// Actor is who is acting.
type Actor struct {
	Kind      Kind
	ID        string // of the user, token or device; "" for the system
	Name      string // as people know them
	Grants    []Grant
	Locale    string // such as "en" or "fr"
	Theme     string // "light", "dark" or "" for what the browser prefers
	TimeZone  string // IANA name, or "" for the browser's
	SessionID string // of a user
	DeviceID  int64  // of an agent: the narrow key of its device
}

// System is the actor for what the server does by itself, and for its
// operator at the command line, whose login on the machine is name.
func System(name string) Actor { return Actor{Kind: SystemKind, Name: name} }

// LogValue implements slog.LogValuer.
func (a Actor) LogValue() slog.Value {
	if a.Kind == Nobody {
		return slog.StringValue("nobody")
	}
	return slog.StringValue(string(a.Kind) + ":" + a.ID)
}

// May reports whether the actor has the permission in any unit.
func (a Actor) May(permission Permission) bool {
	if a.Kind == SystemKind {
		return true
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role.May(permission) })
}

// Reach gives the units in which the actor has the permission.
func (a Actor) Reach(permission Permission) Scope {
	if a.Kind == SystemKind {
		return Scope{All: true}
	}
	var reach Scope
	for _, grant := range a.Grants {
		if !grant.Role.May(permission) {
			continue
		}
		if grant.Reach.All {
			return Scope{All: true}
		}
		for _, unit := range grant.Reach.Units {
			if !slices.Contains(reach.Units, unit) {
				reach.Units = append(reach.Units, unit)
			}
		}
	}
	return reach
}

type contextKey int

const (
	actorKey contextKey = iota
	requestKey
)

// WithActor gives a context in which actor acts.
func WithActor(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, actorKey, actor)
}

// ActorOf gives the actor of ctx; its kind is Nobody when none was set.
func ActorOf(ctx context.Context) Actor {
	actor, _ := ctx.Value(actorKey).(Actor) // the zero Actor is the answer when there is none
	return actor
}

// WithRequest gives a context that belongs to the request with this id.
func WithRequest(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, requestKey, requestID)
}

// RequestOf gives the id of the request of ctx, or "".
func RequestOf(ctx context.Context) string {
	requestID, _ := ctx.Value(requestKey).(string) // "" is the answer when there is none
	return requestID
}

// Allow is nil when the actor of ctx has the permission in some unit. Faults:
// SignedOut when nobody is signed in, Denied otherwise.
func Allow(ctx context.Context, permission Permission) error {
	actor := ActorOf(ctx)
	if actor.Kind == Nobody {
		return fault.NewSignedOut()
	}
	if !actor.May(permission) {
		return fault.NewDenied(string(permission))
	}
	return nil
}

// AllowIn is Allow for one unit.
func AllowIn(ctx context.Context, permission Permission, unit UnitID) error {
	reach, err := Reach(ctx, permission)
	if err != nil {
		return err
	}
	if !reach.Has(unit) {
		return fault.NewDenied(string(permission))
	}
	return nil
}

// AllowEverywhere is Allow for what holds for the whole organisation, such as
// its rules: the permission in a part of it is not enough.
func AllowEverywhere(ctx context.Context, permission Permission) error {
	reach, err := Reach(ctx, permission)
	if err == nil && !reach.All {
		return fault.NewDenied(string(permission))
	}
	return err
}

// Reach gives the units in which the actor of ctx has the permission. Faults
// as those of Allow.
func Reach(ctx context.Context, permission Permission) (Scope, error) {
	if err := Allow(ctx, permission); err != nil {
		return Scope{}, err
	}
	return ActorOf(ctx).Reach(permission), nil
}
