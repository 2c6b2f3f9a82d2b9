package licence_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"holdfast/server/fault"
	"holdfast/server/licence"
)

func TestAmountsAreExact(t *testing.T) {
	half := licence.Ratio(big.NewRat(1, 2))
	huge := licence.Whole(int64(math.MaxInt64))
	for _, c := range []struct {
		name string
		got  licence.Amount
		want string
	}{
		{"a half and a half", half.Plus(half), "1"},
		{"half of five", half.Times(licence.Whole(5)), "5/2"},
		{"half of five, rounded up", half.Times(licence.Whole(5)).Up(licence.Whole(1)), "3"},
		{"five up to twos", licence.Whole(5).Up(licence.Whole(2)), "6"},
		{"six up to twos", licence.Whole(6).Up(licence.Whole(2)), "6"},
		{"nothing up to twos", licence.Whole(0).Up(licence.Whole(2)), "0"},
		{"below zero up to twos", licence.Whole(-5).Up(licence.Whole(2)), "-4"},
		{"beyond 64 bits", huge.Plus(huge), "18446744073709551614"},
		{"and back", huge.Plus(huge).Minus(huge), "9223372036854775807"},
		{"product beyond 64 bits", huge.Times(licence.Whole(4)), "36893488147419103228"},
		{"least", half.Least(licence.Whole(1)), "1/2"},
		{"not below zero", licence.Whole(-1).NotBelowZero(), "0"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, c.want)
		}
		text, err := json.Marshal(c.got)
		if err != nil {
			t.Fatal(err)
		}
		var read licence.Amount
		if err := json.Unmarshal(text, &read); err != nil || read.Compare(c.got) != 0 {
			t.Errorf("%s: %s reads as %s: %v", c.name, text, read, err)
		}
	}
}

func TestCheckFindsALineThatDoesNotAddUp(t *testing.T) {
	good := licence.Sum(licence.Label{Key: "a"}, licence.Leaf(licence.Label{Key: "b"}, licence.Whole(1)), licence.Leaf(licence.Label{Key: "c"}, licence.Whole(2)))
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	bad := good
	bad.Value = licence.Whole(4)
	if bad.Check() == nil {
		t.Error("4 passes for 1 + 2")
	}
	silent := licence.Node{Label: licence.Label{Key: "d"}}
	if silent.Check() == nil {
		t.Error("a line passes that does not count and does not say why")
	}
}

func TestBundledRulesAreWhole(t *testing.T) {
	rules := licence.Bundled()
	seen := map[string]bool{}
	for _, rule := range rules.Rules {
		key := rule.ID + string(rule.InForceFrom)
		if seen[key] || rule.Source.Document == "" || rule.Source.Date == "" || rule.Metric.Metric == nil {
			t.Errorf("%s: stands twice, or has no source or metric", rule.ID)
		}
		seen[key] = true
	}
	if rules.Version == "" || len(rules.Rules) < 6 {
		t.Errorf("version %q with %d rules", rules.Version, len(rules.Rules))
	}
}

func TestTheRuleOfTheDayCounts(t *testing.T) {
	rule := func(from licence.Date, floor int64) licence.Rule {
		return licence.Rule{ID: "r", InForceFrom: from, Metric: licence.Counting{Metric: licence.PerCore{FloorPerProcessor: floor}}}
	}
	rules := &licence.Rules{Version: "test", Rules: []licence.Rule{rule("2024-01-01", 8), rule("2020-01-01", 2), rule("2026-01-01", 16)}}
	estate := &licence.Estate{
		Hosts:         []licence.Host{{ID: "h"}},
		Products:      []licence.Product{{Key: "p", Rule: "r"}},
		Installations: []licence.Installation{{Product: "p", On: "h"}},
	}
	for day, want := range map[licence.Date]string{
		"2019-06-01": "2", "2020-01-01": "2", "2023-12-31": "2", "2024-01-01": "8", "2025-06-01": "8", "2026-01-01": "16", "2030-01-01": "16",
	} {
		result, err := licence.Evaluate(estate, rules, licence.Options{At: day})
		if err != nil {
			t.Fatal(said(err))
		}
		p := result.Positions[0]
		if p.Needed.String() != want || (len(p.Notices) > 0) != (day < "2020-01-01") || result.RulesVersion != "test" {
			t.Errorf("%s: needed %s, want %s; notices %v", day, p.Needed, want, p.Notices)
		}
	}
}

func TestEveryContradictionIsTold(t *testing.T) {
	_, err := licence.ReadEstate([]byte(`
units: [{id: a, parent: b}, {id: b, parent: a}, {id: c, parent: nowhere}, {id: s, kind: site}]
users: [{id: ann, unit: d}]
hosts: [{id: h}, {id: h}]
devices: [{id: h, user: an}]
virtual_machines: [{id: v, host: v}]
products:
  - {key: p, metric: {kind: per_device}}
  - {key: q}
  - {key: r, rule: vmware-cores}
  - {key: s, rule: vmware-core, packs: {size: 2}}
  - {key: t, metric: {kind: site}}
installations: [{product: x, on: y}, {product: p, on: h, since: 2026-02-01, until: 2026-01-01}]
entitlements:
  - {id: e, product: p, quantity: 1, cost_cents: 5, metric: per_devise, bound_to: w}
  - {id: e, product: t, quantity: 1, bound_to: a, from: 2026-02-01, to: 2026-01-01}
exemptions: [{id: x, product: p, reason: none}, {id: y, product: p, reason: both, on: h, user: ann}]
`), licence.Bundled())
	got := map[string]string{}
	for _, field := range fault.Of(err).Fields {
		got[field.Name] = field.Key
	}
	want := map[string]string{
		"units[0].parent": "circle", "units[1].parent": "circle", "units[2].parent": "no_unit", "users[0].unit": "no_unit",
		"hosts[1].id": "twice", "devices[0].id": "twice", "devices[0].user": "no_user", "virtual_machines[0].host": "no_host",
		"products[1]": "no_metric", "products[2].rule": "no_rule", "products[3]": "rule_and_metric",
		"installations[0].product": "no_product", "installations[0].on": "no_machine", "installations[1].until": "ends_before",
		"entitlements[0].currency": "no_currency", "entitlements[0].metric": "no_kind", "entitlements[0].bound_to": "no_machine",
		"entitlements[1].id": "twice", "entitlements[1].bound_to": "no_site", "entitlements[1].to": "ends_before",
		"exemptions[0]": "on_or_user", "exemptions[1]": "on_or_user",
	}
	for name, key := range want {
		if got[name] != "fault.licence."+key {
			t.Errorf("%s: got %q, want %s", name, got[name], key)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d faults, want %d: %v", len(got), len(want), got)
	}
}

func TestFaultsOfFormAndOfSenseComeTogether(t *testing.T) {
	_, err := licence.ReadEstate([]byte(`
devices: [{id: a, kin: laptop}]
products: [{key: p, metric: {kind: per_dvice}}]
installations: [{product: p, on: b}]
`), licence.Bundled())
	var got []string
	for _, field := range fault.Of(err).Fields {
		got = append(got, field.Name)
	}
	want := []string{"devices[0].kin", "products[0].metric.kind", "installations[0].on"}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAProductThatIsNotThereIsRefused(t *testing.T) {
	estate := &licence.Estate{Products: []licence.Product{{Key: "visio", Free: true}}}
	_, err := licence.Evaluate(estate, licence.Bundled(), licence.Options{At: "2026-11-19", Products: []string{"viso"}})
	if found := fault.Of(err); found == nil || found.Fields[0].Args["Nearest"] != "visio" {
		t.Errorf("got %v", err)
	}
}
