package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/account"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
)

const password = "correct horse battery"

var desk = account.Client{Address: "192.0.2.7", Agent: "Test"}

// world is an organisation with a first administrator, and a clock.
type world struct {
	*account.Service
	db    *store.DB
	clock time.Time
	units *unit.Service
	root  unit.Unit
	admin context.Context
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			w := &world{clock: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
			db, err := store.Open(t.Context(), storetest.URL(t, dialect), store.Options{Now: func() time.Time { return w.clock }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			w.db, w.Service, w.units = db, account.NewCheap(db), unit.New(db)
			if w.root, err = w.units.EnsureRoot(system(t.Context()), "Organisation"); err != nil {
				t.Fatal(err)
			}
			test(t, w)
		})
	}
}

func system(ctx context.Context) context.Context {
	return identity.WithActor(ctx, identity.System("root"))
}

func (w *world) pass(d time.Duration) { w.clock = w.clock.Add(d) }

// start makes the first administrator and gives the context they act in.
func (w *world) start(t *testing.T) {
	t.Helper()
	link, err := w.FirstRunLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	session, err := w.UseFirstRun(t.Context(), link, account.Newcomer{Login: "Ada", Name: "Ada Lovelace", Password: password}, desk)
	if err != nil {
		t.Fatal(err)
	}
	w.admin = w.in(t, session.Secret)
}

// in gives the context of a request with this session.
func (w *world) in(t *testing.T, secret identity.Secret) context.Context {
	t.Helper()
	actor, err := w.FromSession(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	return identity.WithActor(t.Context(), actor)
}

// add makes a user with one role and signs them in.
func (w *world) add(t *testing.T, login string, role identity.Role, in unit.Unit) (account.User, context.Context) {
	t.Helper()
	user, err := w.CreateUser(w.admin, account.Newcomer{Login: login, Name: login, Password: password},
		[]account.GrantWish{{Role: role, UnitID: in.ID}})
	if err != nil {
		t.Fatal(err)
	}
	session, err := w.SignIn(t.Context(), login, password, desk)
	if err != nil {
		t.Fatal(err)
	}
	return user, w.in(t, session.Secret)
}

func (w *world) branch(t *testing.T, parent unit.Unit, name string) unit.Unit {
	t.Helper()
	made, err := w.units.Create(system(t.Context()), parent.ID, name)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (w *world) actions(t *testing.T) []string {
	t.Helper()
	var actions []string
	if err := w.db.Read(t.Context()).Raw("SELECT action FROM audit_entries ORDER BY at, id").Scan(&actions).Error; err != nil {
		t.Fatal(err)
	}
	return actions
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFirstAdministratorComesThroughTheLinkOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		replaced, err := w.FirstRunLink(t.Context())
		must(t, err)
		link, err := w.FirstRunLink(t.Context())
		must(t, err)
		_, err = w.LinkOf(t.Context(), replaced)
		wants(t, err, fault.Missing)
		found, err := w.LinkOf(t.Context(), link)
		must(t, err)
		if !found.First {
			t.Error("the link does not know that it is the first")
		}

		who := account.Newcomer{Login: "Ada", Name: "Ada Lovelace", Language: "fr", Password: "short"}
		_, err = w.UseFirstRun(t.Context(), link, who, desk)
		wants(t, err, fault.Invalid)
		who.Password = password
		session, err := w.UseFirstRun(t.Context(), link, who, desk)
		must(t, err)
		actor := identity.ActorOf(w.in(t, session.Secret))
		if !actor.Reach(identity.UsersManage).All || actor.Locale != "fr" || actor.Name != "Ada Lovelace" {
			t.Errorf("the first administrator is %+v", actor)
		}

		_, err = w.UseFirstRun(t.Context(), link, who, desk)
		wants(t, err, fault.Missing)
		_, err = w.FirstRunLink(t.Context())
		wants(t, err, fault.Conflict)
		if diff := cmp.Diff([]string{"unit.created", "user.created", "user.signed_in"}, w.actions(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFirstRunLinkEndsAfterADay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		link, err := w.FirstRunLink(t.Context())
		must(t, err)
		w.pass(24 * time.Hour)
		_, err = w.UseFirstRun(t.Context(), link, account.Newcomer{Login: "ada", Name: "Ada", Password: password}, desk)
		wants(t, err, fault.Missing)
	})
}

func TestSignInAnswersAlikeForUnknownLogins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		_, wrong := w.SignIn(t.Context(), "ada", "not the password", desk)
		_, unknown := w.SignIn(t.Context(), "eve", "not the password", desk)
		wants(t, wrong, fault.SignedOut)
		if wrong.Error() != unknown.Error() {
			t.Errorf("%q and %q tell which logins exist", wrong, unknown)
		}
		_, err := w.SignIn(t.Context(), " ADA ", password, desk)
		must(t, err)
	})
}

func TestSignInIsThrottledByLoginAndByAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		for range 5 {
			_, err := w.SignIn(t.Context(), "ada", "not the password", desk)
			wants(t, err, fault.SignedOut)
		}
		_, err := w.SignIn(t.Context(), "ada", password, desk)
		wants(t, err, fault.TooMany)
		_, err = w.SignIn(t.Context(), "ada", password, account.Client{Address: "198.51.100.1"})
		wants(t, err, fault.TooMany)
		w.pass(2 * time.Second)
		_, err = w.SignIn(t.Context(), "ada", password, desk)
		must(t, err)
		for range 25 { // with those above, 30 from this address
			login := "nobody" + strings.Repeat("x", int(w.clock.Unix()%50))
			w.pass(time.Second)
			_, err = w.SignIn(t.Context(), login, "x", desk)
			wants(t, err, fault.SignedOut)
		}
		_, err = w.SignIn(t.Context(), "ada", password, desk)
		wants(t, err, fault.TooMany)
		_, err = w.SignIn(t.Context(), "ada", password, account.Client{Address: "198.51.100.1"})
		must(t, err)
	})
}

func TestSessionSlidesAndEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		session, err := w.SignIn(t.Context(), "ada", password, desk)
		must(t, err)
		begun := w.clock
		for w.clock.Sub(begun) < 7*24*time.Hour-11*time.Hour {
			w.pass(11 * time.Hour)
			if w.clock.Sub(begun) >= 7*24*time.Hour {
				break
			}
			_, err := w.FromSession(t.Context(), session.Secret)
			must(t, err)
		}
		w.clock = begun.Add(7 * 24 * time.Hour)
		_, err = w.FromSession(t.Context(), session.Secret)
		wants(t, err, fault.SignedOut)

		idle, err := w.SignIn(t.Context(), "ada", password, desk)
		must(t, err)
		w.pass(12 * time.Hour)
		_, err = w.FromSession(t.Context(), idle.Secret)
		wants(t, err, fault.SignedOut)
	})
}

func TestSessionsAreListedAndRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		other, err := w.SignIn(t.Context(), "ada", password, desk)
		must(t, err)
		rows, err := w.Sessions(w.admin)
		must(t, err)
		if len(rows) != 2 || rows[0].Present == rows[1].Present {
			t.Fatalf("sessions are %+v", rows)
		}
		for _, row := range rows {
			if !row.Present {
				must(t, w.RevokeSession(w.admin, row.ID))
			}
		}
		_, err = w.FromSession(t.Context(), other.Secret)
		wants(t, err, fault.SignedOut)
		must(t, w.SignOut(w.admin))
		left, err := w.Sessions(w.admin)
		must(t, err)
		if len(left) != 0 {
			t.Errorf("still open: %+v", left)
		}
	})
}

func TestSessionOfAnotherIsMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		_, help := w.add(t, "help", identity.HelpDesk, w.root)
		rows, err := w.Sessions(w.admin)
		must(t, err)
		wants(t, w.RevokeSession(help, rows[0].ID), fault.Missing)
	})
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		other, err := w.SignIn(t.Context(), "ada", password, desk)
		must(t, err)
		wants(t, w.ChangePassword(w.admin, "not the password", "another good phrase"), fault.Invalid)
		wants(t, w.ChangePassword(w.admin, password, "ada ada ada ada"), fault.Invalid)
		must(t, w.ChangePassword(w.admin, password, "another good phrase"))
		_, err = w.FromSession(t.Context(), other.Secret)
		wants(t, err, fault.SignedOut)
		if rows, err := w.Sessions(w.admin); err != nil || len(rows) != 1 {
			t.Errorf("sessions are %v, %v", rows, err)
		}
		_, err = w.SignIn(t.Context(), "ada", password, desk)
		wants(t, err, fault.SignedOut)
	})
}

func TestLinkSetsAPasswordOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		user, err := w.CreateUser(w.admin, account.Newcomer{Login: "grace", Name: "Grace Hopper"}, nil)
		must(t, err)
		_, err = w.SignIn(t.Context(), "grace", "", desk)
		wants(t, err, fault.SignedOut)
		link, err := w.MakeLink(w.admin, user.ID)
		must(t, err)
		if found, err := w.LinkOf(t.Context(), link); err != nil || found.First || found.User.Login != "grace" {
			t.Errorf("the link is for %+v, %v", found, err)
		}
		session, err := w.UseLink(t.Context(), link, password, desk)
		must(t, err)
		if name := identity.ActorOf(w.in(t, session.Secret)).Name; name != "Grace Hopper" {
			t.Errorf("signed in as %q", name)
		}
		_, err = w.UseLink(t.Context(), link, password, desk)
		wants(t, err, fault.Missing)
		_, err = w.UseFirstRun(t.Context(), link, account.Newcomer{}, desk)
		wants(t, err, fault.Missing)
	})
}

func TestDisabledUserIsOutAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		user, help := w.add(t, "help", identity.HelpDesk, w.root)
		token, secret, err := w.CreateToken(help, account.TokenWish{Name: "script", Grants: []account.GrantWish{{Role: identity.HelpDesk, UnitID: w.root.ID}}})
		must(t, err)
		if _, err := w.FromToken(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		must(t, w.Disable(w.admin, user.ID))
		rows, err := w.Sessions(help)
		must(t, err)
		if len(rows) != 0 {
			t.Errorf("still open: %+v", rows)
		}
		_, err = w.FromToken(t.Context(), secret)
		wants(t, err, fault.SignedOut)
		_, err = w.SignIn(t.Context(), "help", password, desk)
		wants(t, err, fault.SignedOut)
		_, err = w.MakeLink(w.admin, user.ID)
		wants(t, err, fault.Conflict)
		must(t, w.Enable(w.admin, user.ID))
		_, err = w.FromToken(t.Context(), secret)
		must(t, err)
		must(t, w.RevokeToken(w.admin, token.ID))
		_, err = w.FromToken(t.Context(), secret)
		wants(t, err, fault.SignedOut)
	})
}

func TestLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		me, err := w.Me(w.admin)
		must(t, err)
		wants(t, w.Disable(w.admin, me.ID), fault.Conflict)
		wants(t, w.Ungrant(w.admin, me.ID, identity.Administrator, w.root.ID), fault.Conflict)
		second, _ := w.add(t, "second", identity.Administrator, w.root)
		must(t, w.Ungrant(w.admin, second.ID, identity.Administrator, w.root.ID))
		must(t, w.Grant(w.admin, second.ID, identity.Administrator, w.root.ID))
		must(t, w.Disable(w.admin, me.ID))
	})
}

func TestAdministratorOfABranchManagesOnlyIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		north, south := w.branch(t, w.root, "North"), w.branch(t, w.root, "South")
		below := w.branch(t, north, "Oslo")
		_, boss := w.add(t, "boss", identity.Administrator, north)
		theirs, _ := w.add(t, "theirs", identity.HelpDesk, below)
		others, _ := w.add(t, "others", identity.HelpDesk, south)
		me, err := w.Me(w.admin)
		must(t, err)

		must(t, w.Grant(boss, theirs.ID, identity.Manager, north.ID))
		wants(t, w.Grant(boss, theirs.ID, identity.Manager, south.ID), fault.Denied)
		wants(t, w.Grant(boss, theirs.ID, identity.Administrator, w.root.ID), fault.Denied)
		wants(t, w.Disable(boss, others.ID), fault.Missing)
		_, err = w.MakeLink(boss, me.ID)
		wants(t, err, fault.Missing)
		_, err = w.CreateUser(boss, account.Newcomer{Login: "x", Name: "X"}, []account.GrantWish{{Role: identity.HelpDesk, UnitID: south.ID}})
		wants(t, err, fault.Denied)
		users, err := w.Users(boss)
		must(t, err)
		var logins []string
		for _, user := range users {
			logins = append(logins, user.Login)
		}
		if diff := cmp.Diff([]string{"boss", "theirs"}, logins); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTokenNeverReachesFurtherThanItsMaker(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		north, south := w.branch(t, w.root, "North"), w.branch(t, w.root, "South")
		user, help := w.add(t, "help", identity.HelpDesk, north)
		for _, wish := range []account.GrantWish{
			{Role: identity.Administrator, UnitID: north.ID},
			{Role: identity.HelpDesk, UnitID: south.ID},
			{Role: identity.HelpDesk, UnitID: w.root.ID},
		} {
			_, _, err := w.CreateToken(help, account.TokenWish{Name: "too much", Grants: []account.GrantWish{wish}})
			wants(t, err, fault.Denied)
		}
		_, secret, err := w.CreateToken(help, account.TokenWish{Name: "mine", Grants: []account.GrantWish{{Role: identity.HelpDesk, UnitID: north.ID}}})
		must(t, err)
		actor, err := w.FromToken(t.Context(), secret)
		must(t, err)
		if reach := actor.Reach(identity.DevicesRead); !reach.Has(north.ID) || reach.Has(south.ID) || reach.All {
			t.Errorf("the token reaches %+v", reach)
		}
		if _, _, err := w.CreateToken(identity.WithActor(t.Context(), actor), account.TokenWish{Name: "child", Grants: []account.GrantWish{{Role: identity.HelpDesk, UnitID: north.ID}}}); !fault.Is(err, fault.Denied) {
			t.Errorf("a token made a token: %v", err)
		}
		must(t, w.Ungrant(w.admin, user.ID, identity.HelpDesk, north.ID))
		actor, err = w.FromToken(t.Context(), secret)
		must(t, err)
		if !actor.Reach(identity.DevicesRead).Empty() {
			t.Errorf("the token still reaches %+v", actor.Reach(identity.DevicesRead))
		}
	})
}

func TestTokensOfOthersAreMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		_, help := w.add(t, "help", identity.HelpDesk, w.root)
		expires := w.clock.Add(time.Hour)
		token, secret, err := w.CreateToken(w.admin, account.TokenWish{Name: "admin's", ExpiresAt: &expires, Grants: []account.GrantWish{{Role: identity.Manager, UnitID: w.root.ID}}})
		must(t, err)
		if tokens, err := w.Tokens(help); err != nil || len(tokens) != 0 {
			t.Errorf("tokens are %+v, %v", tokens, err)
		}
		wants(t, w.RevokeToken(help, token.ID), fault.Missing)
		w.pass(time.Hour)
		_, err = w.FromToken(t.Context(), secret)
		wants(t, err, fault.SignedOut)
	})
}

func TestChangesAreRecordedWithBeforeAndAfterAndNoSecret(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		must(t, w.UpdateMe(w.admin, account.Profile{Name: "Ada King", Language: "en"}))
		_, _, err := w.CreateToken(w.admin, account.TokenWish{Name: "t", Grants: []account.GrantWish{{Role: identity.Manager, UnitID: w.root.ID}}})
		must(t, err)
		must(t, w.ChangePassword(w.admin, password, "another good phrase"))
		var rows []struct{ Action, ActorName, Before, After string }
		must(t, w.db.Read(t.Context()).Raw(`SELECT action, actor_name, coalesce(CAST(before AS text), '') AS before,
			coalesce(CAST(after AS text), '') AS after FROM audit_entries WHERE actor_kind = 'user' ORDER BY at, id`).Scan(&rows).Error)
		for _, row := range rows {
			all := row.Before + row.After
			if strings.Contains(all, "argon2") || strings.Contains(all, "hft_") || strings.Contains(all, password) || strings.Contains(all, "hash") {
				t.Errorf("%s holds a secret: %s", row.Action, all)
			}
			if row.Action == "user.changed" && (!strings.Contains(row.Before, "Ada Lovelace") || !strings.Contains(row.After, "Ada King")) {
				t.Errorf("before %s, after %s", row.Before, row.After)
			}
			if row.ActorName != "Ada Lovelace" {
				t.Errorf("%s was done by %q", row.Action, row.ActorName)
			}
		}
		if want := []string{"unit.created", "user.created", "user.signed_in", "user.changed", "token.created", "user.password_set"}; cmp.Diff(want, w.actions(t)) != "" {
			t.Error(cmp.Diff(want, w.actions(t)))
		}
	})
}

func TestUnknownUnitIsMissingNotBroken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		me, err := w.Me(w.admin)
		must(t, err)
		gone := w.branch(t, w.root, "Gone")
		must(t, w.units.Remove(w.admin, gone.ID))
		wants(t, w.Grant(w.admin, me.ID, identity.HelpDesk, gone.ID), fault.Missing)
		wants(t, w.Grant(w.admin, me.ID, "king", w.root.ID), fault.Invalid)
	})
}

func TestCleanupKeepsWhatStillWorks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.start(t)
		_, err := w.SignIn(t.Context(), "ada", "wrong", desk)
		wants(t, err, fault.SignedOut)
		must(t, w.Cleanup(t.Context()))
		rows, err := w.Sessions(w.admin)
		must(t, err)
		if len(rows) != 1 {
			t.Fatalf("sessions are %+v", rows)
		}
		w.pass(60 * 24 * time.Hour)
		must(t, w.Cleanup(t.Context()))
		for _, table := range []string{"sessions", "sign_in_links", "sign_in_failures"} {
			var left int
			must(t, w.db.Read(t.Context()).Raw("SELECT count(*) FROM "+table).Scan(&left).Error)
			if left != 0 {
				t.Errorf("%d rows are left in %s", left, table)
			}
		}
	})
}
