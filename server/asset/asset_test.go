package asset_test

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"holdfast/server/asset"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/store"
	"holdfast/shared/report"
)

func TestTagIsUniqueWhateverTheCase(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.create(t, b.laptop("HF-1"), asset.InUse)
		_, err := b.Create(b.ctx, b.laptop("hf-1"), asset.InUse)
		wants(t, err, fault.Conflict)
		other := b.create(t, b.laptop("HF-2"), asset.InUse)
		wish := other.Wish()
		wish.Tag = "hF-1"
		_, err = b.Change(b.ctx, other.ID, wish)
		wants(t, err, fault.Conflict)
		wish.Tag = "hf-2" // its own, written otherwise
		if changed, err := b.Change(b.ctx, other.ID, wish); err != nil || changed.Tag != "hf-2" {
			t.Errorf("its own tag: %v, %v", changed.Tag, err)
		}
	})
}

func TestTagContinuesTheSeries(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		wish := b.laptop("")
		wish.Serial = ""
		for _, step := range []struct{ given, want string }{
			{"", "A-00001"}, {"", "A-00002"}, {"PC0099", "PC0099"}, {"", "PC0100"}, {"A-7", "A-7"}, {"", "A-8"}, {"van", "van"}, {"", "van-1"},
		} {
			wish.Tag = step.given
			if made := b.create(t, wish, asset.InStock); made.Tag != step.want {
				t.Fatalf("asked for %q it got %q instead of %q", step.given, made.Tag, step.want)
			}
		}
	})
}

func TestWrongValuesAreAllNamed(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		negative := int64(-1)
		_, err := b.Create(b.ctx, asset.Wish{
			Kind: "toaster", Serial: "To Be Filled By O.E.M.", CostCents: &negative, Currency: "dollars",
			PurchasedOn: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), WarrantyEnds: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC),
		}, asset.InUse)
		var names []string
		for _, field := range fault.Of(err).Fields {
			names = append(names, field.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"cost", "currency", "kind", "serial", "unit_id", "warranty_ends_on"}) {
			t.Errorf("named are %v", names)
		}
	})
}

func TestChangesAreKeptAndSaid(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, b.laptop("A-1"), asset.InUse)
		cost := int64(149900)
		wish := made.Wish()
		wish.CustodianID, wish.PlaceID, wish.CostCents, wish.Currency = b.okafor.ID, b.room.ID, &cost, "cad"
		wish.PurchasedOn = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
		changed, err := b.Change(b.as(identity.HelpDesk, b.north), made.ID, wish)
		if err != nil {
			t.Fatal(err)
		}
		if changed.Custodian != "R. Okafor" || changed.Place != "Room 214" || changed.Currency != "CAD" || *changed.CostCents != cost ||
			!changed.PurchasedOn.Equal(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("it became %+v", changed)
		}
		if _, err := b.Change(b.ctx, made.ID, changed.Wish()); err != nil { // nothing new
			t.Fatal(err)
		}
		if len(*b.said) != 2 || (*b.said)[1] != asset.Topic+" "+made.ID.String() {
			t.Errorf("the outbox heard %v", *b.said)
		}
		events, err := b.History(b.ctx, made.ID)
		if err != nil || len(events) != 2 || events[0].Actor != "helpdesk" || events[0].Action != "asset.changed" {
			t.Fatalf("the history is %+v, %v", events, err)
		}
		want := []asset.Change{
			{Field: "custodian", After: "R. Okafor"}, {Field: "place", After: "Room 214"}, {Field: "purchased_on", After: "2026-03-14"},
			{Field: "cost", After: "1499.00"}, {Field: "currency", After: "CAD"},
		}
		if !slices.Equal(events[0].Changes, want) {
			t.Errorf("the changes are %+v", events[0].Changes)
		}
	})
}

func TestTwoWhoChangeDifferentThingsAtOnceBothDo(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, b.laptop("A-1"), asset.InUse)
		var both sync.WaitGroup
		for _, alter := range []func(*asset.Wish){
			func(w *asset.Wish) { w.Note = "Lent" },
			func(w *asset.Wish) { w.PlaceID = b.room.ID },
			func(w *asset.Wish) { w.OrderNumber = "PO-1" },
		} {
			both.Go(func() {
				_, err := b.Alter(b.ctx, made.ID, func(w asset.Wish) (asset.Wish, error) { alter(&w); return w, nil })
				if err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if now := b.get(t, made.ID); now.Note != "Lent" || now.PlaceID != b.room.ID || now.OrderNumber != "PO-1" {
			t.Errorf("it became %+v", now.Wish())
		}
	})
}

func TestAssetsOfOtherUnitsDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, b.laptop("A-1"), asset.InUse)
		south := b.as(identity.HelpDesk, b.south)
		_, err := b.Get(south, made.ID)
		wants(t, err, fault.Missing)
		_, err = b.Change(south, made.ID, made.Wish())
		wants(t, err, fault.Missing)
		_, err = b.Move(south, made.ID, asset.Lost)
		wants(t, err, fault.Missing)
		_, err = b.History(south, made.ID)
		wants(t, err, fault.Missing)
		wish := b.laptop("A-2")
		_, err = b.Create(south, wish, asset.InUse)
		wants(t, err, fault.Denied)
		away := made.Wish()
		away.UnitID = b.south.ID
		_, err = b.Change(b.as(identity.HelpDesk, b.north), made.ID, away)
		wants(t, err, fault.Denied)
		if page, err := b.List(south, list.Query{}); err != nil || page.Total != 0 {
			t.Errorf("south sees %d assets, %v", page.Total, err)
		}
	})
}

func TestPeopleAndPlacesOfOtherUnitsCannotBeNamed(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		stranger := must(person.New(b.db).Create(b.ctx, person.Wish{Name: "A. Stranger", UnitID: b.south.ID, Active: true}))
		vault := must(place.New(b.db).Create(b.ctx, place.Wish{Name: "Vault", UnitID: b.south.ID}))
		made := b.create(t, b.laptop("A-1"), asset.InUse)
		north := b.as(identity.HelpDesk, b.north)
		wish := made.Wish()
		wish.CustodianID, wish.PlaceID = stranger.ID, vault.ID
		_, err := b.Change(north, made.ID, wish)
		wants(t, err, fault.Invalid)
		if fields := fault.Of(err).Fields; len(fields) != 2 || fields[0].Name != "custodian_id" || fields[1].Name != "place_id" {
			t.Errorf("named are %+v", fields)
		}
		fresh := b.laptop("A-2")
		fresh.CustodianID = stranger.ID
		_, err = b.Create(north, fresh, asset.InUse)
		wants(t, err, fault.Invalid)

		// Somebody who may see both units named them; that stays as it is.
		if _, err := b.Change(b.ctx, made.ID, wish); err != nil {
			t.Fatal(err)
		}
		wish.Note = "Lent to the south"
		if changed, err := b.Change(north, made.ID, wish); err != nil || changed.CustodianID != stranger.ID {
			t.Errorf("it became %+v, %v", changed, err)
		}
	})
}

func TestWhoHoldsAnAssetIsHiddenFromWhoMayNotKnow(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		wish := b.laptop("A-1")
		wish.CustodianID = b.okafor.ID
		made := b.create(t, wish, asset.InUse)
		manager := b.as(identity.Manager, b.north)
		found, err := b.Get(manager, made.ID)
		if err != nil || found.Custodian != "" || !found.CustodianID.IsZero() {
			t.Errorf("a manager sees %q, %v", found.Custodian, err)
		}
		for _, fact := range found.Facts {
			if fact.Key == "custodian" {
				t.Errorf("a manager is told %+v", fact)
			}
		}
		events, err := b.History(manager, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range events[0].Changes {
			if change.Field == "custodian" {
				t.Errorf("the history tells %+v", change)
			}
		}
		page, err := b.List(manager, list.Query{})
		if err != nil || len(page.Items) != 1 || page.Items[0].Custodian != "" {
			t.Errorf("the list tells %+v, %v", page, err)
		}
		if _, err := list.Parse(url.Values{"custodian": {"okafor"}}, asset.Columns(manager)); err == nil {
			t.Error("the list can be filtered by who holds an asset")
		}
		if page, err := b.List(manager, list.Query{Text: "okafor"}); err != nil || page.Total != 0 {
			t.Errorf("the search finds %d, %v", page.Total, err)
		}
	})
}

func TestDevicesOfOtherUnitsAreNotNamed(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		key, _ := b.device(t, machine{name: "south-pc", serial: "SN-A-1", unit: b.south})
		b.section(t, key, report.OK, screens("CN0H3K"))
		b.reported(t, key)
		if err := b.db.Tx(b.ctx, func(tx *store.Tx) error {
			return tx.Exec("UPDATE assets SET unit_id = ? WHERE kind = 'monitor'", b.north.ID).Error
		}); err != nil {
			t.Fatal(err)
		}
		north, seen := b.as(identity.HelpDesk, b.north), 0
		made, err := b.Create(north, b.laptop("A-1"), asset.InUse) // the rule links the two
		if err != nil || made.Device != key || made.DeviceName != "" || !made.DeviceID.IsZero() {
			t.Errorf("recorded is %+v, %v", made, err)
		}
		for who, ctx := range map[string]context.Context{"north": north, "all": b.ctx} {
			told := false
			for _, event := range must(b.History(ctx, made.ID)) {
				told = told || slices.ContainsFunc(event.Changes, func(c asset.Change) bool { return c.After == "south-pc" })
			}
			if told != (who == "all") {
				t.Errorf("%s reads the device in the history: %v", who, told)
			}
			page := must(b.List(ctx, list.Query{}))
			for _, row := range page.Items {
				if row.DeviceName+row.Host != map[string]string{"north": "", "all": "south-pc"}[who] {
					t.Errorf("%s reads of %s: %q, %q", who, row.Tag, row.DeviceName, row.Host)
				}
				seen++
			}
			for _, filter := range []string{"device", "host"} {
				q := must(list.Parse(url.Values{filter: {"south"}}, asset.Columns(ctx)))
				if found := must(b.List(ctx, q)); found.Total != map[string]int{"north": 0, "all": 1}[who] {
					t.Errorf("%s finds %d by %s", who, found.Total, filter)
				}
			}
		}
		if seen != 4 {
			t.Errorf("%d rows were read", seen)
		}
	})
}

func TestListFiltersAndSorts(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		cheap, dear := int64(5000), int64(150000)
		first, second := b.laptop("A-1"), b.laptop("A-2")
		first.CostCents, first.Currency, first.CustodianID, first.PlaceID = &cheap, "CAD", b.okafor.ID, b.room.ID
		second.CostCents, second.Currency, second.UnitID = &dear, "CAD", b.south.ID
		second.WarrantyEnds = time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
		b.create(t, first, asset.InUse)
		b.create(t, second, asset.InStock)
		for query, want := range map[string][]string{
			"":                                   {"A-1", "A-2"},
			"sort=-cost":                         {"A-2", "A-1"},
			"sort=warranty_ends_on":              {"A-2", "A-1"},
			"cost.from=1000":                     {"A-2"},
			"cost.to=50.00":                      {"A-1"},
			"status=in_stock":                    {"A-2"},
			"kind=laptop&model=5440":             {"A-1", "A-2"},
			"custodian=okafor":                   {"A-1"},
			"custodian=" + b.okafor.ID.String():  {"A-1"},
			"custodian.known=no":                 {"A-2"},
			"place=" + b.room.ID.String():        {"A-1"},
			"place=room":                         {"A-1"},
			"unit=" + b.root.ID.String():         {"A-1", "A-2"},
			"unit=south":                         {"A-2"},
			"warranty_ends_on.to=2027-01-31":     {"A-2"},
			"warranty_ends_on.to=2027-01-30":     nil,
			"q=sn-a-2":                           {"A-2"},
			"q=Okafor":                           {"A-1"},
			"q=latitude&columns=tag,cost,device": {"A-1", "A-2"},
		} {
			values, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			q, err := list.Parse(values, asset.Columns(b.ctx))
			if err != nil {
				t.Errorf("%s: %v", query, err)
				continue
			}
			page, err := b.List(b.ctx, q)
			if err != nil {
				t.Errorf("%s: %v", query, err)
				continue
			}
			var tags []string
			for _, row := range page.Items {
				tags = append(tags, row.Tag)
			}
			if !slices.Equal(tags, want) || page.Total != len(want) {
				t.Errorf("%s finds %v of %d instead of %v", query, tags, page.Total, want)
			}
			rows, err := b.Export(b.ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			for _, err := range rows {
				if err != nil {
					t.Fatal(err)
				}
				count++
			}
			if count != len(want) {
				t.Errorf("%s exports %d rows", query, count)
			}
		}
	})
}

func TestEveryOrderOfTheListWorks(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		for i := range 5 {
			wish := b.laptop(string(rune('A' + i)))
			if i%2 == 0 {
				cost := int64(i)
				wish.CostCents, wish.Currency = &cost, "EUR"
			}
			b.create(t, wish, asset.InUse)
		}
		for _, field := range asset.Columns(b.ctx).Fields() {
			if !field.Sortable {
				continue
			}
			for _, descending := range []bool{false, true} {
				q := list.Query{Sort: list.Sort{Key: field.Key, Descending: descending}, Limit: 2}
				seen := map[string]bool{}
				for {
					page, err := b.List(b.ctx, q)
					if err != nil {
						t.Fatalf("%s: %v", q.Sort, err)
					}
					for _, row := range page.Items {
						seen[row.Tag] = true
					}
					if page.Next == "" {
						break
					}
					q = q.After(page.Next)
				}
				if len(seen) != 5 {
					t.Errorf("%s shows %d assets on its pages", q.Sort, len(seen))
				}
			}
		}
	})
}
