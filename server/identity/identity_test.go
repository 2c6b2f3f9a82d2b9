package identity_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/shared/id"
)

func with(actor identity.Actor) context.Context {
	return identity.WithActor(context.Background(), actor)
}

func holder(role identity.Role, reach identity.Scope) identity.Actor {
	return identity.Actor{Kind: identity.UserKind, ID: "x", Grants: []identity.Grant{{Role: role, Reach: reach}}}
}

func TestRequesterSeesOwnTicketsAloneAndNobodyAnything(t *testing.T) {
	for _, permission := range identity.Permissions() {
		if identity.Requester.May(permission) != (permission == identity.TicketsOwn) {
			t.Errorf("a requester may %s: %t", permission, identity.Requester.May(permission))
		}
		if err := identity.Allow(context.Background(), permission); !fault.Is(err, fault.SignedOut) {
			t.Errorf("%s without an actor: %v", permission, err)
		}
		if err := identity.Allow(with(identity.Actor{Kind: identity.AgentKind}), permission); !fault.Is(err, fault.Denied) {
			t.Errorf("%s as an agent: %v", permission, err)
		}
	}
}

func TestAdministratorHoldsEveryPermission(t *testing.T) {
	for _, permission := range identity.Permissions() {
		if !identity.Administrator.May(permission) {
			t.Errorf("an administrator may not %s", permission)
		}
	}
}

func TestCommitteeSeesNoPeopleAndNoDevices(t *testing.T) {
	for _, permission := range []identity.Permission{identity.PeopleRead, identity.DevicesRead, identity.DevicesExport, identity.AuditRead} {
		if identity.Committee.May(permission) {
			t.Errorf("the committee may %s", permission)
		}
	}
}

func TestGrantsNameKnownRolesOnly(t *testing.T) {
	for permission, roles := range identity.Grants() {
		for _, role := range roles {
			if _, known := identity.ParseRole(string(role)); !known {
				t.Errorf("%s is granted to %q", permission, role)
			}
		}
	}
	if role, known := identity.ParseRole("admin"); !known || role != identity.Administrator {
		t.Errorf("admin is %q", role)
	}
}

func TestReachIsTheUnionOfGrants(t *testing.T) {
	a, b := id.New[identity.Unit](), id.New[identity.Unit]()
	actor := holder(identity.HelpDesk, identity.Scope{Units: []identity.UnitID{a}})
	actor.Grants = append(actor.Grants, identity.Grant{Role: identity.Committee, Reach: identity.Scope{All: true}})
	devices, err := identity.Reach(with(actor), identity.DevicesRead)
	if err != nil || !devices.Has(a) || devices.Has(b) || devices.All {
		t.Errorf("devices: %+v, %v", devices, err)
	}
	if software, err := identity.Reach(with(actor), identity.SoftwareRead); err != nil || !software.All {
		t.Errorf("software: %+v, %v", software, err)
	}
	if err := identity.AllowIn(with(actor), identity.DevicesRead, b); !fault.Is(err, fault.Denied) {
		t.Errorf("the other unit: %v", err)
	}
}

func TestScopeCoversOnlyWhatLiesInIt(t *testing.T) {
	a, b := id.New[identity.Unit](), id.New[identity.Unit]()
	all, one, both := identity.Scope{All: true}, identity.Scope{Units: []identity.UnitID{a}}, identity.Scope{Units: []identity.UnitID{a, b}}
	for _, c := range []struct {
		outer, inner identity.Scope
		want         bool
	}{{all, all, true}, {all, both, true}, {both, one, true}, {one, both, false}, {one, all, false}, {identity.Scope{}, one, false}, {identity.Scope{}, identity.Scope{}, true}} {
		if got := c.outer.Covers(c.inner); got != c.want {
			t.Errorf("%+v covers %+v: %t", c.outer, c.inner, got)
		}
	}
}

func TestRulesLetInWhomTheyName(t *testing.T) {
	user := holder(identity.Manager, identity.Scope{All: true})
	token := user
	token.Kind = identity.TokenKind
	agent := identity.Actor{Kind: identity.AgentKind}
	actors := []identity.Actor{{}, user, token, agent}
	for rule, want := range map[identity.Rule]string{
		identity.Public:                                     "yes yes yes yes",
		identity.SignedIn:                                   "out yes yes no",
		identity.UserOnly:                                   "out yes no no",
		identity.AgentOnly:                                  "out no no yes",
		identity.Needs(identity.DevicesRead):                "out yes yes no",
		identity.Needs(identity.UsersManage):                "out no no no",
		identity.NeedsUnlessLocal(identity.SoftwareRead):    "out yes yes no",
		identity.Rule(""):                                   "out no no no",
		identity.Rule("needs nothing that the table knows"): "out no no no",
	} {
		var got []string
		for _, actor := range actors {
			err := rule.Check(with(actor))
			switch {
			case err == nil:
				got = append(got, "yes")
			case fault.Is(err, fault.SignedOut):
				got = append(got, "out")
			default:
				got = append(got, "no")
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", rule, got, want)
		}
	}
}

func TestSecretHidesFromLogsAndKnowsItsForm(t *testing.T) {
	secret := identity.NewSecret(identity.TokenPrefix)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", secret)
	if strings.Contains(log.String(), string(secret)) {
		t.Errorf("logged: %s", log.String())
	}
	if !secret.Is(identity.TokenPrefix) || secret.Is(identity.AgentPrefix) || identity.Secret("hft_short").Is(identity.TokenPrefix) {
		t.Error("the form is not recognised")
	}
	if string(secret.Hash()) == string(identity.NewSecret(identity.TokenPrefix).Hash()) || fmt.Sprintf("%x", secret.Hash()) == "" {
		t.Error("two secrets are the same")
	}
}
