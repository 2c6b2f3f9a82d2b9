package licence_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/licence"
)

const worlds = 120

// world makes up a small estate that has every quirk somewhere.
func world(seed uint64) *licence.Estate {
	r := rand.New(rand.NewPCG(seed, 7))
	maybe := func(least, most int64) *int64 {
		if r.IntN(6) == 0 {
			return nil
		}
		number := least + r.Int64N(most-least+1)
		return &number
	}
	day := func() licence.Date {
		if r.IntN(3) > 0 {
			return ""
		}
		return licence.Date(fmt.Sprintf("2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)))
	}
	span := func() (licence.Date, licence.Date) {
		from, to := day(), day()
		if to != "" && to < from {
			from, to = to, from
		}
		return from, to
	}
	pick := func(ids []string, empty bool) string {
		if empty && r.IntN(4) == 0 {
			return ""
		}
		return ids[r.IntN(len(ids))]
	}
	processors := func() []licence.Processor {
		var all []licence.Processor
		for range r.IntN(3) {
			all = append(all, licence.Processor{Count: maybe(1, 4), Cores: maybe(1, 20), Threads: maybe(1, 40)})
		}
		return all
	}
	e := &licence.Estate{At: "2026-06-15"}
	units := []string{"u0", "u1", "u2", "u3"}
	e.Units = []licence.Unit{{ID: "u0", Kind: "site"}, {ID: "u1", Parent: "u0"}, {ID: "u2", Kind: "site"}, {ID: "u3"}}
	users := []string{"ann", "bob", "cyd"}
	for _, id := range users {
		e.Users = append(e.Users, licence.User{ID: id, Unit: pick(units, true)})
	}
	hosts := []string{"h0", "h1", "h2"}
	for _, id := range hosts {
		e.Hosts = append(e.Hosts, licence.Host{ID: id, Unit: pick(units, true), Cluster: pick([]string{"c0", "c1"}, true), Processors: processors()})
	}
	machines := slices.Clone(hosts)
	for i := range 6 {
		id := fmt.Sprint("v", i)
		e.VirtualMachines = append(e.VirtualMachines, licence.VirtualMachine{
			ID: id, Host: pick(hosts, true), Cluster: pick([]string{"c0", "c1"}, true), VirtualCores: maybe(1, 9), User: pick(users, true),
		})
		machines = append(machines, id)
	}
	for i := range 4 {
		id := fmt.Sprint("d", i)
		e.Devices = append(e.Devices, licence.Device{ID: id, Unit: pick(units, true), User: pick(users, true), Processors: processors()})
		machines = append(machines, id)
	}
	e.Products = products()
	for _, product := range e.Products {
		for range r.IntN(12) {
			since, until := span()
			e.Installations = append(e.Installations, licence.Installation{
				Product: product.Key, On: pick(machines, false), Version: pick([]string{"1", "2"}, true),
				Edition: pick([]string{"Standard", "Developer"}, true), User: pick(users, true), Since: since, Until: until,
			})
		}
		for range r.IntN(4) {
			since, until := span()
			e.Assignments = append(e.Assignments, licence.Assignment{Product: product.Key, User: pick(users, false), Since: since, Until: until})
		}
		for i := range r.IntN(5) {
			e.Entitlements = append(e.Entitlements, entitlement(r, product, fmt.Sprint(product.Key, "-e", i), machines, span))
		}
		for i := range r.IntN(3) {
			from, until := span()
			exemption := licence.Exemption{ID: fmt.Sprint(product.Key, "-x", i), Product: product.Key, Reason: "test", From: from, Until: until}
			if r.IntN(2) == 0 {
				exemption.On = pick(machines, false)
			} else {
				exemption.User = pick(users, false)
			}
			e.Exemptions = append(e.Exemptions, exemption)
		}
	}
	return e
}

func entitlement(r *rand.Rand, product licence.Product, id string, machines []string, span func() (licence.Date, licence.Date)) licence.Entitlement {
	from, to := span()
	cost := r.Int64N(100_000)
	e := licence.Entitlement{
		ID: id, Product: product.Key, Quantity: 1 + r.Int64N(20), PackSize: r.Int64N(4), From: from, To: to, CostCents: &cost, Currency: "CAD",
	}
	_, isSite := product.Metric.Metric.(licence.Site)
	switch {
	case r.IntN(3) > 0:
	case isSite:
		e.BoundTo = []string{"u0", "u2"}[r.IntN(2)]
	default:
		e.BoundTo = machines[r.IntN(len(machines))]
	}
	return e
}

// products gives one product for each rule, and for each metric with and
// without packs that cannot be split.
func products() []licence.Product {
	var all []licence.Product
	for _, rule := range licence.Bundled().Rules {
		all = append(all, licence.Product{Key: rule.ID, Rule: rule.ID, FreeEditions: []string{"Developer"}})
	}
	metrics := append(licence.Metrics(), licence.Site{Scope: "organisation"}, licence.PerNamedUser{AssignedOnly: true},
		licence.PerCore{FloorPerProcessor: 3, FloorPerServer: 7, FloorPerVirtualMachine: 5, VirtualMachinesBy: "host", VirtualMachinesPerSet: 3})
	for i, metric := range metrics {
		all = append(all,
			licence.Product{Key: fmt.Sprint("m", i), Metric: licence.Counting{Metric: metric}},
			licence.Product{Key: fmt.Sprint("p", i), Metric: licence.Counting{Metric: metric}, Packs: &licence.Packs{Size: 3, WholePer: "machine"}})
	}
	return append(all, licence.Product{Key: "free", Free: true})
}

func mustEvaluate(t *testing.T, estate *licence.Estate) *licence.Result {
	t.Helper()
	result, err := licence.Evaluate(estate, licence.Bundled(), licence.Options{At: estate.At})
	if err != nil {
		t.Fatal(said(err))
	}
	return result
}

func TestLinesAddUp(t *testing.T) {
	for seed := range uint64(worlds) {
		for _, p := range mustEvaluate(t, world(seed)).Positions {
			if err := p.Check(); err != nil {
				t.Errorf("world %d, %s: %v", seed, p.Product.Key, err)
			}
			var owned, needed, idle, available licence.Amount
			for _, g := range p.Groups {
				owned, needed, idle, available = owned.Plus(g.Owned), needed.Plus(g.Needed), idle.Plus(g.Idle), available.Plus(g.Available)
			}
			if owned.Compare(p.Owned) != 0 || needed.Compare(p.Needed) != 0 || idle.Compare(p.Idle) != 0 || available.Compare(p.Available) != 0 {
				t.Errorf("world %d, %s: the groups do not add up", seed, p.Product.Key)
			}
			if p.Certain != (len(p.Problems) == 0) || p.Idle.Sign() < 0 || p.Needed.Sign() < 0 || p.Short.Sign() > 0 && p.Available.Sign() >= 0 {
				t.Errorf("world %d, %s: %+v", seed, p.Product.Key, p)
			}
		}
	}
}

func TestOrderOfInputNeverMatters(t *testing.T) {
	for seed := range uint64(worlds) {
		estate := world(seed)
		want := pretty(t, mustEvaluate(t, estate))
		r := rand.New(rand.NewPCG(seed, 8))
		shuffle(r, estate.Units)
		shuffle(r, estate.Users)
		shuffle(r, estate.Hosts)
		shuffle(r, estate.VirtualMachines)
		shuffle(r, estate.Devices)
		shuffle(r, estate.Products)
		shuffle(r, estate.Installations)
		shuffle(r, estate.Assignments)
		shuffle(r, estate.Entitlements)
		shuffle(r, estate.Exemptions)
		if diff := cmp.Diff(string(want), string(pretty(t, mustEvaluate(t, estate)))); diff != "" {
			t.Fatalf("world %d:\n%s", seed, diff)
		}
	}
}

func shuffle[T any](r *rand.Rand, items []T) {
	r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
}

func TestAnEntitlementMoreNeverLowersWhatIsAvailable(t *testing.T) {
	for seed := range uint64(worlds) {
		estate := world(seed)
		before := mustEvaluate(t, estate)
		r := rand.New(rand.NewPCG(seed, 9))
		for _, product := range estate.Products {
			estate.Entitlements = append(estate.Entitlements, entitlement(r, product, product.Key+"-more", []string{"h0", "v0", "d0"},
				func() (licence.Date, licence.Date) { return "", "" }))
		}
		for i, after := range mustEvaluate(t, estate).Positions {
			if was := before.Positions[i]; after.Available.Compare(was.Available) < 0 || after.Needed.Compare(was.Needed) != 0 {
				t.Errorf("world %d, %s: available %s, was %s", seed, after.Product.Key, after.Available, was.Available)
			}
		}
	}
}

func TestAnInstallationMoreNeverLowersTheNeed(t *testing.T) {
	for seed := range uint64(worlds) {
		estate := world(seed)
		before := mustEvaluate(t, estate)
		on := []string{"h0", "h1", "v0", "v1", "v5", "d0", "d3"}[seed%7]
		for _, product := range estate.Products {
			estate.Installations = append(estate.Installations, licence.Installation{Product: product.Key, On: on, Edition: "Standard"})
		}
		for i, after := range mustEvaluate(t, estate).Positions {
			if was := before.Positions[i]; after.Needed.Compare(was.Needed) < 0 || after.Available.Compare(was.Available) > 0 && after.Idle.Compare(was.Idle) >= 0 {
				t.Errorf("world %d, %s: needed %s, was %s", seed, after.Product.Key, after.Needed, was.Needed)
			}
		}
	}
}

func TestRestsOfPacksStayBelowAPack(t *testing.T) {
	for seed := range uint64(worlds) {
		for _, p := range mustEvaluate(t, world(seed)).Positions {
			for _, way := range p.WaysOut {
				if way.Kind == "buy" && (way.LeftOver.Sign() < 0 || way.LeftOver.Compare(licence.Whole(way.PackSize)) >= 0) {
					t.Errorf("world %d, %s: %d packs of %d leave %s", seed, p.Product.Key, way.Packs, way.PackSize, way.LeftOver)
				}
			}
			if p.Rule.Packs == nil || p.Rule.Packs.WholePer != "machine" {
				continue
			}
			size := licence.Whole(p.Rule.Packs.Size)
			p.Explanation.Needed.Walk(func(n *licence.Node) {
				switch {
				case n.Label.Key == "licence.part.pack_rest" && (n.Value.Sign() <= 0 || n.Value.Compare(size) >= 0):
					t.Errorf("world %d, %s: the rest of a pack of %s is %s", seed, p.Product.Key, size, n.Value)
				case n.Ref != nil && n.Value.Up(size).Compare(n.Value) != 0:
					t.Errorf("world %d, %s: %s needs %s, which are no whole packs", seed, p.Product.Key, n.Ref.Name, n.Value)
				}
			})
		}
	}
}

func TestNoMoreRightsServeThanThereAre(t *testing.T) {
	for seed := range uint64(worlds) {
		for _, p := range mustEvaluate(t, world(seed)).Positions {
			var used licence.Amount
			for _, right := range p.Explanation.Owned.Children {
				used = used.Plus(*right.Used)
				if right.Used.Sign() < 0 || right.Used.Compare(right.Value) > 0 {
					t.Errorf("world %d, %s: %s of %s used", seed, p.Product.Key, right.Used, right.Value)
				}
			}
			if used.Compare(p.Needed.Minus(p.Short)) != 0 {
				t.Errorf("world %d, %s: %s used, needed %s, short %s", seed, p.Product.Key, used, p.Needed, p.Short)
			}
		}
	}
}

func TestAResultSurvivesBeingKept(t *testing.T) {
	result := mustEvaluate(t, world(1))
	for i := range result.Positions {
		want := result.Positions[i].Explanation
		var got licence.Explanation
		if err := json.Unmarshal(pretty(t, want), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(pretty(t, want)), string(pretty(t, got))); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzReadEstate(f *testing.F) {
	f.Add([]byte("at: 2026-11-19\nhosts: [{id: h, processors: [{cores: 8}]}]\nproducts: [{key: p, rule: vmware-core}]\ninstallations: [{product: p, on: h}]\n"))
	f.Add([]byte(`{"products": [{"key": "p", "metric": {"kind": "site"}}], "entitlements": [{"id": "e", "product": "p", "quantity": 1}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		estate, err := licence.ReadEstate(content, licence.Bundled())
		if err != nil {
			return
		}
		result, err := licence.Evaluate(estate, licence.Bundled(), licence.Options{At: "2026-11-19"})
		if err != nil {
			t.Fatalf("read, but refused: %s", said(err))
		}
		for i := range result.Positions {
			if err := result.Positions[i].Check(); err != nil {
				t.Error(err)
			}
		}
	})
}
