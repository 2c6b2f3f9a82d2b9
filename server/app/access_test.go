package app

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// visitor is somebody who tries every route.
type visitor struct {
	name string
	kind identity.Kind
	role identity.Role
	show func() credential // a fresh one for each route, since a route may end it
}

func visitors(t *testing.T, a *App) []visitor {
	all := []visitor{{name: "nobody", show: func() credential { return nothing }}}
	root := inventorytest.Unit(0)
	for _, role := range identity.Roles() {
		user := a.user(t, role, root)
		all = append(all,
			visitor{string(role), identity.UserKind, role, func() credential { return cookie(a.session(t, user)) }},
			visitor{string(role) + "'s token", identity.TokenKind, role, func() credential { return bearer(a.token(t, role, root)) }})
	}
	agent := identity.NewSecret(identity.AgentPrefix)
	a.insert(t, "UPDATE device_contacts SET credential_hash = ? WHERE device_id = 1", agent.Hash())
	return append(all, visitor{name: "agent", kind: identity.AgentKind, show: func() credential { return bearer(agent) }})
}

// expected is what the table of permissions says about a visitor and a rule.
func expected(v visitor, rule identity.Rule) string {
	switch permission, needs := rule.Permission(); {
	case rule == identity.Public:
		return "let in"
	case v.kind == identity.Nobody,
		rule == identity.AgentOnly && v.kind == identity.UserKind: // sessions do not count there
		return "asked to sign in"
	case rule == identity.AgentOnly && v.kind == identity.AgentKind,
		rule == identity.UserOnly && v.kind == identity.UserKind,
		rule == identity.SignedIn && (v.kind == identity.UserKind || v.kind == identity.TokenKind),
		needs && slices.Contains(identity.Grants()[permission], v.role):
		return "let in"
	default:
		return "refused"
	}
}

func outcome(status int, header http.Header) string {
	switch {
	case status == http.StatusUnauthorized,
		status == http.StatusSeeOther && strings.HasPrefix(header.Get("Location"), "/sign-in"):
		return "asked to sign in"
	case status == http.StatusForbidden:
		return "refused"
	case status >= http.StatusInternalServerError:
		return fmt.Sprintf("met with %d", status)
	default:
		return "let in"
	}
}

var parameter = regexp.MustCompile(`[:*][a-z_]+`)

// concrete gives a path that leads to a route: a thing that does not exist
// for each parameter, so that nobody gets at anything.
func concrete(path string) string {
	return parameter.ReplaceAllStringFunc(path, func(name string) string {
		switch strings.TrimLeft(name, ":*") {
		case "role":
			return string(identity.HelpDesk)
		case "code":
			return string(identity.NewSecret(identity.LinkPrefix))
		case "file", "page", "topic":
			return "nothing"
		default:
			return id.New[struct{}]().String()
		}
	})
}

func TestEveryRouteLetsInWhomItsRuleNames(t *testing.T) {
	a := filled(t, store.SQLite)
	rules := map[string]identity.Rule{}
	for _, r := range a.routes {
		rules[r.Method+" "+r.Path] = r.Rule
	}
	everybody := visitors(t, a)
	for _, r := range a.engine.Routes() {
		name := r.Method + " " + r.Path
		rule, found := rules[name]
		if !found || !rule.Valid() {
			t.Errorf("%s has no rule", name)
			continue
		}
		if strings.HasPrefix(r.Path, "/sign-out") {
			continue // leaves the way that a refusal does; the test of sessions has it
		}
		for _, v := range everybody {
			body := ""
			if r.Method != http.MethodGet && r.Method != http.MethodDelete && forPrograms(r.Path) {
				body = "{}"
			}
			w := a.ask(t, r.Method, concrete(r.Path), body, v.show())
			if got, want := outcome(w.Code, w.Header()), expected(v, rule); got != want {
				t.Errorf("%s: %s is %s (%d), want %s by the rule %q\n%s", name, v.name, got, w.Code, want, rule, w.Body)
			}
		}
	}
}
