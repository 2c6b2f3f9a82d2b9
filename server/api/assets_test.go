package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"holdfast/server/api"
	"holdfast/server/asset"
	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// record makes an asset through the API.
func (s site) record(t *testing.T, token, wish string) api.Asset {
	t.Helper()
	got := s.call(t, token, http.MethodPost, "/assets", wish)
	if got.status != http.StatusCreated {
		t.Fatalf("POST /assets %s: %d %s", wish, got.status, got.body)
	}
	return read[api.Asset](t, got)
}

func TestEveryForbiddenTransitionIsRefusedAtTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.Administrator, 0)
		unit := inventorytest.Unit(1).String()
		assets := asset.New(db, func(*store.Tx, string, string, any) error { return nil })
		for _, from := range asset.Statuses() {
			for _, to := range asset.Statuses() {
				if from == to {
					continue
				}
				start := from
				if from == asset.Disposed {
					start = asset.Surplus
				}
				made := s.record(t, token, `{"kind": "laptop", "unit_id": "`+unit+`", "status": "`+string(start)+`"}`)
				if from == asset.Disposed {
					var of asset.ID
					if err := of.UnmarshalText([]byte(made.ID)); err != nil {
						t.Fatal(err)
					}
					ctx := identity.WithActor(t.Context(), identity.System("test"))
					if err := db.Tx(ctx, func(tx *store.Tx) error { return assets.SetStatus(ctx, tx, of, asset.Disposed) }); err != nil {
						t.Fatal(err)
					}
				}
				allowed := slices.ContainsFunc(asset.Transitions(), func(t asset.Transition) bool { return t.From == from && t.To == to && !t.ByCase })
				got := s.call(t, token, http.MethodPut, "/assets/"+made.ID+"/status", `{"status": "`+string(to)+`"}`)
				want := http.StatusConflict
				if allowed {
					want = http.StatusOK
				}
				if got.status != want {
					t.Errorf("%s to %s: %d %s", from, to, got.status, got.body)
				}
			}
		}
	})
}

func TestAssetIsRecordedChangedAndLinked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token, unit := s.token(t, identity.HelpDesk, 0), inventorytest.Unit(1).String()
		got := s.call(t, token, http.MethodPost, "/people", `{"name": "R. Okafor", "login": "rokafor", "unit_id": "`+unit+`"}`)
		if got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.body)
		}
		okafor := read[api.Person](t, got)
		got = s.call(t, token, http.MethodPost, "/places", `{"name": "Annex", "unit_id": "`+unit+`"}`)
		annex := read[api.Place](t, got)
		made := s.record(t, token, `{"tag": "HF-1", "kind": "laptop", "unit_id": "`+unit+`", "cost": "1499.50", "currency": "cad", "purchased_on": "2026-03-14"}`)
		if made.Status != "in_stock" || made.Cost != "1499.50" || made.Currency != "CAD" {
			t.Errorf("it is %+v", made)
		}
		got = s.call(t, token, http.MethodPatch, "/assets/"+made.ID, `{"custodian_id": "`+okafor.ID+`", "place_id": "`+annex.ID+`", "cost": ""}`)
		changed := read[api.Asset](t, got)
		if got.status != http.StatusOK || changed.Custodian != "R. Okafor" || changed.Place != "Annex" || changed.Cost != "" || changed.PurchasedOn != "2026-03-14" {
			t.Errorf("%d %s", got.status, got.body)
		}
		got = s.call(t, token, http.MethodPatch, "/assets/"+made.ID, `{"cost": "free", "purchased_on": "soon", "unit_id": "x"}`)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(string(got.body), "body.cost") && !strings.Contains(string(got.body), "uuid") {
			t.Errorf("%d %s", got.status, got.body)
		}
		waiting := get[api.Page[api.UnownedDevice]](t, s, token, "/assets/queue?limit=5")
		if waiting.Total != 120 {
			t.Errorf("%d devices wait", waiting.Total)
		}
		device := waiting.Items[0].DeviceID
		got = s.call(t, token, http.MethodPut, "/assets/"+made.ID+"/device", `{"device_id": "`+device+`"}`)
		if linked := read[api.Asset](t, got); linked.DeviceID != device || linked.LinkedBy != "hand" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got = s.call(t, token, http.MethodPost, "/devices/"+device+"/asset", `{}`); got.status != http.StatusConflict {
			t.Errorf("recording it twice: %d %s", got.status, got.body)
		}
		if got = s.call(t, token, http.MethodPost, "/devices/"+waiting.Items[1].DeviceID+"/asset", `{}`); got.status != http.StatusCreated {
			t.Errorf("recording another: %d %s", got.status, got.body)
		}
		detail := get[api.AssetDetail](t, s, token, "/assets/"+made.ID)
		if len(detail.Facts) == 0 || !slices.Contains(detail.Next, "in_use") || slices.Contains(detail.Next, "surplus") {
			t.Errorf("it is %+v", detail)
		}
		if got = s.call(t, token, http.MethodDelete, "/assets/"+made.ID+"/device", ""); read[api.Asset](t, got).DeviceID != "" {
			t.Errorf("%d %s", got.status, got.body)
		}
		history := get[api.Page[api.AssetEvent]](t, s, token, "/assets/"+made.ID+"/history")
		if history.Total != 4 || history.Items[0].Action != "asset.unlinked" {
			t.Errorf("the history is %+v", history)
		}
		if list := get[api.Page[api.Asset]](t, s, token, "/assets?custodian=okafor&sort=-tag"); list.Total != 1 {
			t.Errorf("the list has %d", list.Total)
		}
		if people := get[api.Page[api.Person]](t, s, token, "/people?q=okafor"); people.Total != 1 || people.Items[0].Assets != 1 {
			t.Errorf("people are %+v", people)
		}
		if got = s.call(t, token, http.MethodDelete, "/places/"+annex.ID, ""); got.status != http.StatusConflict {
			t.Errorf("removing a place in use: %d", got.status)
		}
	})
}

func TestSearchFindsWhatTheReaderMaySee(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		root, unit := s.token(t, identity.Administrator, 0), inventorytest.Unit(1).String()
		s.record(t, root, `{"tag": "ZEBRA-1", "kind": "laptop", "unit_id": "`+unit+`"}`)
		if got := s.call(t, root, http.MethodPost, "/people", `{"name": "Ana Zebra", "unit_id": "`+unit+`"}`); got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.body)
		}
		s.openTicket(t, root, `{"title": "Zebra does not print", "unit_id": "`+unit+`"}`)
		for name, c := range map[string]struct {
			token string
			want  [3]int // assets, people, tickets
		}{
			"the help desk of the unit":   {s.token(t, identity.HelpDesk, 1), [3]int{1, 1, 1}},
			"the help desk of another":    {s.token(t, identity.HelpDesk, 2), [3]int{0, 0, 0}},
			"a manager":                   {s.token(t, identity.Manager, 0), [3]int{1, 0, 0}},
			"the committee":               {s.token(t, identity.Committee, 0), [3]int{0, 0, 0}},
			"a requester, for themselves": {s.token(t, identity.Requester, 0), [3]int{0, 0, 0}},
		} {
			found := get[api.Found](t, s, c.token, "/search?q=zebra")
			if got := [3]int{len(found.Assets), len(found.People), len(found.Tickets)}; got != c.want {
				t.Errorf("%s finds %v assets, people and tickets, not %v", name, got, c.want)
			}
		}
	})
}

func TestFileIsTriedAndBroughtInByTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.Administrator, 0)
		file := "Name,Login,Colour\nR. Okafor,rokafor,red\n,,\nNobody,,\nA. Twin,rokafor,\n"
		for _, dry := range []string{"true", "false"} {
			got := s.call(t, token, http.MethodPost, "/imports/people?dry_run="+dry, file)
			report := read[api.ImportReport](t, got)
			if got.status != http.StatusOK || report.Created != 2 || report.Failed != 1 || !slices.Equal(report.Unknown, []string{"Colour"}) ||
				report.Rows[2].Line != 5 || report.Rows[2].Problems[0].Message == "" {
				t.Errorf("%d %s", got.status, got.body)
			}
			people := get[api.Page[api.Person]](t, s, token, "/people")
			if want := map[string]int{"true": 0, "false": 2}[dry]; people.Total != want {
				t.Errorf("there are %d people", people.Total)
			}
		}
		if got := s.call(t, s.token(t, identity.HelpDesk, 0), http.MethodPost, "/imports/people", file); got.status != http.StatusForbidden {
			t.Errorf("the help desk: %d", got.status)
		}
		large := "name\n" + strings.Repeat("x", 100<<10)
		if got := s.call(t, token, http.MethodPost, "/imports/people?dry_run=true", large); got.status != http.StatusOK {
			t.Errorf("100 kB: %d %s", got.status, got.body)
		}
	})
}
