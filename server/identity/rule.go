package identity

import (
	"context"
	"strings"

	"holdfast/server/fault"
)

// Rule says who may use a route. Every route has one; the zero Rule lets
// nobody in.
type Rule string

// The rules without a permission.
const (
	Public    Rule = "public"    // anybody, signed in or not
	SignedIn  Rule = "signed in" // any user or API token
	UserOnly  Rule = "user"      // a person with a session: their own profile, sessions, views
	AgentOnly Rule = "agent"     // the agent of a device
)

const (
	needs         = "needs "
	needsUnlessLo = "on this machine or needs "
)

// Needs is the rule that the actor has the permission in some unit.
func Needs(permission Permission) Rule { return Rule(needs + string(permission)) }

// NeedsUnlessLocal is Needs, except that a caller on this very machine is let
// in without a credential. The server decides who that is.
func NeedsUnlessLocal(permission Permission) Rule { return Rule(needsUnlessLo + string(permission)) }

// Permission gives the permission that the rule asks for, if any.
func (r Rule) Permission() (Permission, bool) {
	for _, prefix := range []string{needsUnlessLo, needs} {
		if permission, found := strings.CutPrefix(string(r), prefix); found {
			return Permission(permission), true
		}
	}
	return "", false
}

// Local reports whether callers on this machine need no credential.
func (r Rule) Local() bool { return strings.HasPrefix(string(r), needsUnlessLo) }

// Valid reports whether the rule is one that Check knows.
func (r Rule) Valid() bool {
	switch r {
	case Public, SignedIn, UserOnly, AgentOnly:
		return true
	}
	permission, found := r.Permission()
	_, known := permitted[permission]
	return found && known
}

// Check is nil when the actor of ctx satisfies the rule. Faults: SignedOut
// when nobody is signed in, Denied when the wrong one is.
func (r Rule) Check(ctx context.Context) error {
	kind := ActorOf(ctx).Kind
	switch {
	case r == Public:
		return nil
	case kind == Nobody:
		return fault.NewSignedOut()
	case r == AgentOnly && kind == AgentKind,
		r == SignedIn && (kind == UserKind || kind == TokenKind),
		r == UserOnly && kind == UserKind:
		return nil
	}
	if permission, found := r.Permission(); found {
		return Allow(ctx, permission)
	}
	key := "fault.people_only"
	if r == AgentOnly {
		key = "fault.agents_only"
	}
	return &fault.Fault{Kind: fault.Denied, Key: key}
}
