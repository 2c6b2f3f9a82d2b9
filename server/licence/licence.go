// Package licence works out licence positions: what rights are owned, what
// rights are needed, and why, at a day.
//
// The engine is pure. Evaluate takes an Estate (what there is and what was
// bought), the Rules (how vendors count, as data) and a day, and gives a
// Result: one Position for each product, each figure with the tree of lines
// that it is the sum of. Arithmetic is exact, money is in whole cents, and the
// order of what goes in never changes what comes out.
//
// # How a position comes about
//
//  1. Installations and assignments in force on the day are sorted out: those
//     of a free product, of a free edition or under an exemption are listed
//     with 0, the reason, and what they would have been.
//  2. The product's Metric turns the others into lines, one for each machine,
//     user or site. Where rights come in packs that cannot be split between
//     machines, each line is rounded up to whole packs.
//  3. Entitlements in force on the day are the rights owned. Those ended, not
//     begun or bought by another metric are listed with 0 and the reason.
//  4. Rights serve the lines in this order: first those bound to a machine or
//     a site, which serve that alone, then the others, those that end first
//     before those that end later, and perpetual ones last. What is bound and
//     not needed where it is bound is idle: owned, and no use elsewhere.
//
// So owned = needed + idle + available, always; available below zero is short.
//
// What cannot be counted is never a silent 0. A machine whose cores nobody
// knows counts at the floors of its rule, and the position says that it is not
// certain, how, and because of which machine.
//
// # How to add a metric
//
// Write one file like device.go: a struct whose fields are the parameters, with
// the tags that package document explains, and the three methods of Metric. Add
// it to Metrics below. The file form, its JSON Schema and reference, the rules
// and the command line know it from then on. Then:
//
//   - the texts of its unit and lines in server/web/i18n/en/licence.json and
//     fr/licence.json, and the French of its parameters in
//     fr/derived.licence.json;
//   - its name (value.metric.KIND) in en/licences.json and fr/licences.json;
//   - one sentence about it in server/web/help/en/licence-evaluate.md and fr/;
//   - a folder in testdata for each quirk: estate.yaml with the figures worked
//     out by hand in "# want:", and expected.json, which "go test -update" writes
//     and you read, as it does estate.schema.json;
//   - "go test ./server/api -update" for the API document.
//
// That is 13 files, of which one is the metric, and the tests say what of it is
// missing. They do not see the page on which people say how a product is
// counted: a metric that has parameters needs their fields in count.templ and
// countedWish of server/web/page/licence, their words in parameters there, and
// both of these in en/licences.json and fr/licences.json.
//
// Package position gives every metric the same estate; only one that needs
// facts which it does not read yet needs a step in its loader.
//
// A rule for a metric that exists is an entry in rules.yaml and its French in
// fr/derived.licence.json; which products count by it from the start stands in
// default.yaml.
package licence

import "slices"

// Metric is one way of counting rights. A value of it holds the parameters.
type Metric interface {
	// Kind names the metric in files and in the database.
	Kind() string
	// Unit is the message key of what is counted, such as a core.
	Unit() string
	// Count gives one line for each thing that needs rights. More use never
	// needs fewer rights. It may be asked about a part of the use alone.
	Count(use Use) []Line
}

// Metrics lists the metrics, each without parameters, in the order of the
// manual.
func Metrics() []Metric {
	return []Metric{PerInstallation{}, PerDevice{}, PerNamedUser{}, PerCore{}, Site{}}
}

// Use is what of one product is in use on a day.
type Use struct {
	Estate        *Index
	Product       *Product
	At            Date
	Installations []*Installation
	Assignments   []*Assignment
}

// Machines gives the machines that have the product, each once, by name.
func (u Use) Machines() []*Machine {
	seen := map[*Machine]bool{}
	var machines []*Machine
	for _, each := range u.Installations {
		if machine := u.Estate.Machine(each.On); !seen[machine] {
			seen[machine] = true
			machines = append(machines, machine)
		}
	}
	slices.SortFunc(machines, compareMachines)
	return machines
}

// Line is what one machine, user or site needs.
type Line struct {
	Group      Label // heading that it stands under; may be empty
	Node       Node  // with a Ref to what it is about
	Maintained bool  // whether only rights under maintenance serve it

	remainder Amount // part of the node: the rest of a pack
}
