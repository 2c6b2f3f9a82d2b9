package person_test

import (
	"context"
	"net/url"
	"sync"
	"testing"

	"holdfast/server/account"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

// body is an organisation with two units.
type body struct {
	*person.Service
	db           *store.DB
	ctx          context.Context // may do everything
	north, south unit.Unit
}

func each(t *testing.T, test func(t *testing.T, b body)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := body{Service: person.New(db), db: db, ctx: identity.WithActor(t.Context(), identity.System("root"))}
		units := unit.New(db)
		root, err := units.EnsureRoot(b.ctx, "Organisation")
		if err != nil {
			t.Fatal(err)
		}
		for name, into := range map[string]*unit.Unit{"North": &b.north, "South": &b.south} {
			if *into, err = units.Create(b.ctx, root.ID, name); err != nil {
				t.Fatal(err)
			}
		}
		test(t, b)
	})
}

// as is an actor with one role in one unit.
func (b body) as(role identity.Role, unit unit.Unit) context.Context {
	return identity.WithActor(b.ctx, identity.Actor{Kind: identity.UserKind, ID: id.New[identity.User]().String(), Grants: []identity.Grant{
		{Role: role, UnitID: unit.ID, Reach: identity.Scope{Units: []identity.UnitID{unit.ID}}},
	}})
}

func (b body) add(t *testing.T, wish person.Wish) person.Person {
	t.Helper()
	if wish.UnitID.IsZero() {
		wish.UnitID = b.north.ID
	}
	wish.Active = true
	made, err := b.Create(b.ctx, wish)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

func TestAddressAndLoginAreNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		first := b.add(t, person.Wish{Name: " R.  Okafor ", Email: "R.Okafor@Example.org", Login: "ROkafor"})
		if first.Name != "R. Okafor" || first.Email != "r.okafor@example.org" || first.Login != "rokafor" || first.Unit != "North" {
			t.Errorf("stored is %+v", first)
		}
		second := b.add(t, person.Wish{Name: "R. Okafor"}) // the same name is no conflict
		for _, wish := range []person.Wish{
			{Name: "X", Email: "r.okafor@example.ORG", UnitID: b.north.ID}, {Name: "X", Login: "rOKAFOR", UnitID: b.north.ID},
		} {
			_, err := b.Create(b.ctx, wish)
			wants(t, err, fault.Conflict)
			_, err = b.Change(b.ctx, second.ID, wish)
			wants(t, err, fault.Conflict)
		}
		if _, err := b.Change(b.ctx, first.ID, first.Wish()); err != nil {
			t.Errorf("one's own address: %v", err)
		}
		_, err := b.Create(b.ctx, person.Wish{Email: "nobody", Language: "de"})
		if found := fault.Of(err); found == nil || len(found.Fields) != 4 {
			t.Errorf("four mistakes give %v", err)
		}
	})
}

func TestTwoWhoChangeDifferentThingsAtOnceBothDo(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made, err := b.Create(b.ctx, person.Wish{Name: "A. Twin", UnitID: b.north.ID, Active: true})
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for _, alter := range []func(*person.Wish){
			func(w *person.Wish) { w.Login = "twin" },
			func(w *person.Wish) { w.Email = "twin@example.org" },
			func(w *person.Wish) { w.Language = "fr" },
		} {
			both.Go(func() {
				_, err := b.Alter(b.ctx, made.ID, func(w person.Wish) (person.Wish, error) { alter(&w); return w, nil })
				if err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if now, err := b.Get(b.ctx, made.ID); err != nil || now.Login != "twin" || now.Email != "twin@example.org" || now.Language != "fr" {
			t.Errorf("they became %+v, %v", now, err)
		}
	})
}

func TestPeopleOfOtherUnitsDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		okafor := b.add(t, person.Wish{Name: "R. Okafor", Login: "rokafor"})
		south := b.as(identity.HelpDesk, b.south)
		_, err := b.Get(south, okafor.ID)
		wants(t, err, fault.Missing)
		_, err = b.Change(south, okafor.ID, okafor.Wish())
		wants(t, err, fault.Missing)
		_, err = b.Named(south, "rokafor")
		wants(t, err, fault.Missing)
		_, err = b.Create(south, okafor.Wish())
		wants(t, err, fault.Denied)
		if page, err := b.List(south, list.Query{}); err != nil || page.Total != 0 {
			t.Errorf("south sees %d, %v", page.Total, err)
		}
		_, err = b.List(b.as(identity.Manager, b.north), list.Query{})
		wants(t, err, fault.Denied)
	})
}

func TestPersonIsFoundByWhatNamesOne(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		okafor := b.add(t, person.Wish{Name: "R. Okafor", Login: "rokafor", Email: "r@example.org"})
		b.add(t, person.Wish{Name: "Twin"})
		b.add(t, person.Wish{Name: "Twin"})
		for _, text := range []string{"ROkafor", "R@example.org ", "R.  Okafor"} {
			if found, err := b.Named(b.ctx, text); err != nil || found.ID != okafor.ID {
				t.Errorf("%q finds %s, %v", text, found.Name, err)
			}
		}
		_, err := b.Named(b.ctx, "Twin")
		wants(t, err, fault.Conflict)
		_, err = b.Named(b.ctx, "Okafor")
		wants(t, err, fault.Missing)
		if found, err := b.Suggest(b.ctx, "oka", 5); err != nil || len(found) != 1 {
			t.Errorf("proposed are %+v, %v", found, err)
		}
	})
}

func TestUserIsThePersonWithTheSameLogin(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		accounts := account.New(b.db)
		user, err := accounts.CreateUser(b.ctx, account.Newcomer{Login: "rokafor", Name: "R. Okafor"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.OfUser(b.ctx, user.ID)
		wants(t, err, fault.Missing)
		byLogin := b.add(t, person.Wish{Name: "R. Okafor", Login: "rokafor"})
		if found, err := b.OfUser(b.ctx, user.ID); err != nil || found.ID != byLogin.ID {
			t.Errorf("by login: %s, %v", found.Name, err)
		}
		linked := b.add(t, person.Wish{Name: "Rose Okafor", UserID: user.ID})
		if found, err := b.OfUser(b.ctx, user.ID); err != nil || found.ID != linked.ID {
			t.Errorf("by link: %s, %v", found.Name, err)
		}
	})
}

func TestListOfPeopleFiltersAndExports(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.add(t, person.Wish{Name: "Amara", Login: "amara"})
		left := b.add(t, person.Wish{Name: "Zoé", UnitID: b.south.ID})
		wish := left.Wish()
		wish.Active = false
		if _, err := b.Change(b.ctx, left.ID, wish); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{"": 2, "active=no": 1, "unit=south": 1, "assets.from=1": 0, "q=zoé": 1, "login.known=no": 1, "sort=-updated_at": 2} {
			values, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			q, err := list.Parse(values, person.Columns())
			if err != nil {
				t.Fatal(err)
			}
			page, err := b.List(b.ctx, q)
			if err != nil || page.Total != want {
				t.Errorf("%s finds %d, %v", query, page.Total, err)
			}
			rows, err := b.Export(b.ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range rows {
				if err != nil {
					t.Error(err)
				}
			}
		}
	})
}
