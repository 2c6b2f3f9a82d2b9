package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"holdfast/server/api"
	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/position"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/id"
)

// licensed makes a product of the titles 1 and 2 of the inventory, and works
// its position out.
func (s site) licensed(t *testing.T, services api.Services) position.ProductID {
	t.Helper()
	var product position.ProductID
	if err := product.UnmarshalText([]byte(id.New[struct{}]().String())); err != nil {
		t.Fatal(err)
	}
	ctx := identity.WithActor(t.Context(), identity.System("test"))
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		err := tx.Exec("INSERT INTO products (id, key, name, publisher, class, origin, created_at, updated_at) VALUES (?, 'cad', 'The CAD', 'Maker', 'licensed', 'local', ?, ?)",
			product, tx.Now, tx.Now).Error
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE releases SET product_id = ?, class = 'product' WHERE title_id IN (1, 2)", product).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := services.Positions.Recompute(ctx, product); err != nil {
		t.Fatal(err)
	}
	return product
}

func (s site) recompute(t *testing.T, services api.Services, product position.ProductID) {
	t.Helper()
	if err := services.Positions.Recompute(identity.WithActor(t.Context(), identity.System("test")), product); err != nil {
		t.Fatal(err)
	}
}

func TestRightsAreRecordedAndThePositionExplained(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, all := newSite(t, db), services(db)
		product := s.licensed(t, all).String()
		token, root := s.token(t, identity.OfficeSystems, 0), inventorytest.Unit(0).String()

		list := get[api.Page[api.LicencePosition]](t, s, token, "/licences/positions?status=short")
		if list.Total != 1 || list.Items[0].Needed != 120 || list.Items[0].Available != -120 || list.Items[0].Metric != "per_device" {
			t.Fatalf("the positions are %+v", list)
		}
		got := s.call(t, token, http.MethodPost, "/licences/papers", `{"number": "PO-7", "kind": "order", "supplier": "Shop", "dated_on": "2026-03-14"}`)
		paper := read[api.Paper](t, got)
		if got.status != http.StatusCreated || paper.Number != "PO-7" {
			t.Fatalf("%d %s", got.status, got.body)
		}
		got = s.call(t, token, http.MethodPost, "/licences/entitlements",
			`{"product_id": "`+product+`", "quantity": 100, "unit_id": "`+root+`", "paper_id": "`+paper.ID+`", "cost": "1,000.00", "currency": "cad"}`)
		right := read[api.Entitlement](t, got)
		if got.status != http.StatusCreated || right.Reference != "R-0001" || right.State != "in_force" || right.Cost != "1000.00" || right.Paper != "PO-7" {
			t.Fatalf("%d %s", got.status, got.body)
		}
		got = s.call(t, token, http.MethodPost, "/licences/entitlements", `{"product_id": "`+product+`", "quantity": 1, "unit_id": "`+root+`", "cost": "dear", "starts_on": "soon"}`)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(string(got.body), "body.cost") || !strings.Contains(string(got.body), "body.starts_on") {
			t.Errorf("%d %s", got.status, got.body)
		}
		s.recompute(t, all, s.id(t, product))
		found := get[api.LicenceExplanation](t, s, token, "/licences/positions/"+product)
		explained, _ := found.Position.(map[string]any)
		if explained["needed"] != 120.0 || explained["available"] != -20.0 || found.Whole {
			t.Errorf("it is %+v", explained)
		}
		if ways, _ := explained["ways_out"].([]any); len(ways) != 1 || !strings.Contains(written(t, ways[0]), `"cents":20000`) {
			t.Errorf("the ways out are %v", explained["ways_out"])
		}
		if whole := get[api.LicenceExplanation](t, s, token, "/licences/positions/"+product+"?whole=true"); !whole.Whole {
			t.Errorf("it is %+v", whole)
		}
		if past := get[api.LicenceExplanation](t, s, token, "/licences/positions/"+product+"?at=2001-01-01"); !past.Past || past.At != "2001-01-01" {
			t.Errorf("then it was %+v", past)
		}
		if got := s.call(t, token, http.MethodGet, "/licences/positions/"+product+"?at=yesterday", ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", got.status, got.body)
		}
		if history := get[api.Page[api.LicenceChange]](t, s, token, "/licences/positions/"+product+"/history"); history.Total != 2 || history.Items[0].Owned != 100 {
			t.Errorf("the history is %+v", history)
		}
		if sum := get[api.LicenceSummary](t, s, token, "/licences/summary"); sum.Short != 1 || len(sum.Exposure) != 1 || sum.Exposure[0].Amount != "200.00" || sum.Devices != 120 {
			t.Errorf("the sum is %+v", sum)
		}
		for path, body := range map[string]string{"/end": `{"ends_on": "2026-04-01", "reason": "sold"}`, "/undo": "", "/remove": `{"reason": "twice"}`} {
			if got := s.call(t, token, http.MethodPost, "/licences/entitlements/"+right.ID+path, body); got.status != http.StatusOK && got.status != http.StatusConflict {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		s.decided(t, token, product)
	})
}

// decided tries what people decide about a product besides its rights.
func (s site) decided(t *testing.T, token, product string) {
	t.Helper()
	installed := get[api.Page[api.LicenceInstallation]](t, s, token, "/licences/positions/"+product+"/installations?limit=5")
	if installed.Total < 120 || installed.Items[0].Version == "" {
		t.Fatalf("installed are %+v", installed)
	}
	device := installed.Items[0].DeviceID
	got := s.call(t, token, http.MethodPost, "/licences/products/"+product+"/exemptions", `{"device_id": "`+device+`", "reason": "spare"}`)
	exemption := read[api.Exemption](t, got)
	if got.status != http.StatusCreated || exemption.Reference != "X-0001" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if on := get[api.Page[api.DeviceLicence]](t, s, token, "/devices/"+device+"/licences"); on.Total != 1 || on.Items[0].Exemption != "X-0001" {
		t.Errorf("on the device are %+v", on)
	}
	if got := s.call(t, token, http.MethodPost, "/licences/exemptions/"+exemption.ID+"/end", `{}`); read[api.Exemption](t, got).RemovedAt == nil {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.call(t, token, http.MethodPost, "/licences/exemptions/"+exemption.ID+"/undo", ""); read[api.Exemption](t, got).RemovedAt != nil {
		t.Errorf("%d %s", got.status, got.body)
	}
	got = s.call(t, token, http.MethodPut, "/licences/products/"+product+"/counting", `{"metric": {"kind": "per_core", "floor_per_server": 16}, "pack_size": 2}`)
	if counted := read[api.Counting](t, got); got.status != http.StatusOK || !counted.ByHand || !strings.Contains(string(got.body), `"floor_per_server":16`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.call(t, token, http.MethodPut, "/licences/products/"+product+"/counting", `{"metric": {"kind": "per_moon"}}`); got.status != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", got.status, got.body)
	}
	if rules := get[api.Page[api.LicenceRule]](t, s, token, "/licences/rules"); rules.Total == 0 {
		t.Error("there are no rules")
	}
	reader := s.token(t, identity.HelpDesk, 0)
	for _, path := range []string{"/licences/products/" + product + "/counting", "/licences/entitlements"} {
		method, body := http.MethodPost, `{"quantity": 1}`
		if strings.HasSuffix(path, "counting") {
			method, body = http.MethodPut, `{"rule": "vmware-core"}`
		}
		if got := s.call(t, reader, method, path, body); got.status != http.StatusForbidden {
			t.Errorf("%s %s by the help desk: %d", method, path, got.status)
		}
	}
}

func (s site) id(t *testing.T, text string) (of position.ProductID) {
	t.Helper()
	if err := of.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return of
}

func written(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
