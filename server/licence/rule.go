package licence

import (
	_ "embed" // the rules that Holdfast comes with
	"fmt"
	"sync"

	"holdfast/server/document"
)

// Rules is a bundle of rules: how vendors count, as data.
type Rules struct {
	Version string `json:"version" required:"true" doc:"Version of the bundle, which every position names."`
	Rules   []Rule `json:"rules" required:"true" doc:"The rules. One that changed stands here once for each day from which it counts so."`
}

// Rule is how a vendor counts a family of products.
type Rule struct {
	ID           string   `json:"id" required:"true" doc:"Identifier that products name."`
	InForceFrom  Date     `json:"in_force_from" required:"true" doc:"First day on which it counts so."`
	Applies      string   `json:"applies" required:"true" doc:"What it is for, in words."`
	Source       Source   `json:"source" required:"true" doc:"What says so."`
	Metric       Counting `json:"metric" required:"true" doc:"Metric and parameters."`
	Packs        *Packs   `json:"packs,omitempty" doc:"How rights are sold."`
	FreeEditions []string `json:"free_editions,omitempty" doc:"Editions that need no right."`
}

// Source is a document of the vendor.
type Source struct {
	Publisher string `json:"publisher" required:"true" doc:"Who published it."`
	Document  string `json:"document" required:"true" doc:"Its title."`
	Date      string `json:"date" required:"true" doc:"Its date, as exactly as it says: a year, a month or a day."`
}

//go:embed rules.yaml
var bundled []byte

// Bundled gives the rules that Holdfast comes with.
func Bundled() *Rules { return readBundled() }

// BundledText gives the same as the text that people read.
func BundledText() []byte { return bundled }

//nolint:gochecknoglobals // a constant in disguise: it derives from the embedded text
var readBundled = sync.OnceValue(func() *Rules {
	rules := &Rules{}
	if err := document.Read(bundled, rules); err != nil {
		panic(fmt.Errorf("read bundled rules: %w", err)) // a part of the program; a test reads them
	}
	return rules
})

// byID gives one rule of each identifier.
func (r *Rules) byID() map[string]Rule {
	rules := map[string]Rule{}
	for _, rule := range r.Rules {
		rules[rule.ID] = rule
	}
	return rules
}

// at gives a rule as it is on a day: of those in force the last, or else the
// first to come, so that a position before any known rule is still counted by
// something; nil when there is none of this identifier.
func (r *Rules) at(id string, day Date) *Rule {
	var best *Rule
	for i := range r.Rules {
		rule := &r.Rules[i]
		switch {
		case rule.ID != id:
		case best == nil:
			best = rule
		case best.InForceFrom > day: // too late: an earlier one is better
			if rule.InForceFrom < best.InForceFrom {
				best = rule
			}
		case rule.InForceFrom <= day && rule.InForceFrom > best.InForceFrom:
			best = rule
		}
	}
	return best
}

// of gives the rule by which a product is counted on a day: one of the bundle,
// or one made of what the product itself says.
func (r *Rules) of(product *Product, day Date) Rule {
	if found := r.at(product.Rule, day); found != nil {
		rule := *found
		rule.FreeEditions = append(rule.FreeEditions[:len(rule.FreeEditions):len(rule.FreeEditions)], product.FreeEditions...)
		return rule
	}
	return Rule{Metric: product.Metric, Packs: product.Packs, FreeEditions: product.FreeEditions}
}

// Of gives the rule by which a product is counted on a day. One that the
// product makes itself, by its metric, has no ID.
func (r *Rules) Of(product *Product, day Date) Rule {
	rule := r.of(product, day)
	if rule.Metric.Metric == nil {
		rule.Metric.Metric = PerInstallation{} // a free product that says nothing else
	}
	return rule
}
