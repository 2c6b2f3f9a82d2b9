package licence_test

import (
	"path"
	"slices"
	"testing"

	"holdfast/server/licence"
	"holdfast/server/recognition"
)

func TestEveryDefaultIsForProductsThatAreRecognised(t *testing.T) {
	products, rules := recognition.TheBundle().Products, licence.Bundled().Rules
	for _, each := range licence.BundledDefaults().Products {
		for _, pattern := range each.Keys {
			if !slices.ContainsFunc(products, func(p recognition.Product) bool {
				fits, err := path.Match(pattern, p.Key)
				return fits && err == nil
			}) {
				t.Errorf("%s is the key of no product", pattern)
			}
		}
		if (each.Rule == "") == (each.Metric.Metric == nil) {
			t.Errorf("%v has both a rule and a metric, or neither", each.Keys)
		}
		if each.Rule != "" && !slices.ContainsFunc(rules, func(r licence.Rule) bool { return r.ID == each.Rule }) {
			t.Errorf("%v is counted by %s, which is no rule", each.Keys, each.Rule)
		}
	}
}

func TestProductsCountByTheirVendorsRule(t *testing.T) {
	for key, want := range map[string]string{
		"microsoft-sql-server-standard-2022": "microsoft-sql-server-core", "microsoft-sql-server-enterprise-2019": "microsoft-sql-server-2019-core",
		"microsoft-windows-server-datacenter-2025": "microsoft-windows-server-core", "microsoft-windows-server-standard-2016": "microsoft-windows-server-standard-core",
		"vmware-esxi": "vmware-core",
	} {
		if got := licence.BundledDefaults().For(key); got.Rule != want {
			t.Errorf("%s counts by %+v", key, got)
		}
	}
	for key, want := range map[string]licence.Metric{"autodesk-revit": licence.PerNamedUser{}, "winzip": licence.PerDevice{}} {
		if got := licence.BundledDefaults().For(key); got.Metric.Metric != want {
			t.Errorf("%s counts by %+v", key, got)
		}
	}
}

func TestWhatIsTrimmedStillAddsUp(t *testing.T) {
	estate := &licence.Estate{
		Products:     []licence.Product{{Key: "p", Metric: licence.Counting{Metric: licence.PerCore{FloorPerServer: 16}}}},
		Entitlements: []licence.Entitlement{{ID: "R-1", Product: "p", Quantity: 7}},
	}
	cores := int64(6)
	for i := range 50 {
		one := licence.Host{ID: string(rune('A'+i%26)) + string(rune('a'+i/26))}
		if i != 40 {
			one.Processors = []licence.Processor{{Cores: &cores}}
		}
		estate.Hosts = append(estate.Hosts, one)
		estate.Installations = append(estate.Installations, licence.Installation{Product: "p", On: one.ID})
	}
	result, err := licence.Evaluate(estate, licence.Bundled(), licence.Options{At: "2026-11-19"})
	if err != nil {
		t.Fatal(err)
	}
	trimmed := result.Positions[0].Trimmed(10)
	if err := trimmed.Check(); err != nil {
		t.Error(err)
	}
	machines := trimmed.Explanation.Needed.Children[0].Children
	if len(machines) != 11 || trimmed.Needed.String() != "800" {
		t.Errorf("%d lines come to %s", len(machines), trimmed.Needed)
	}
	if machines[0].Problem == nil && machines[0].Children[0].Problem == nil {
		t.Errorf("the machine that cannot be counted is not first: %+v", machines[0])
	}
	if full := result.Positions[0].Explanation.Needed.Children[0].Children; len(full) != 50 {
		t.Errorf("trimming took lines from the position itself: %d", len(full))
	}
}
