package licence

import (
	_ "embed" // how well-known products are counted
	"fmt"
	"path"
	"sync"

	"holdfast/server/document"
)

// Defaults says how products are counted as long as nobody decided otherwise,
// by their key in the recognition bundle.
type Defaults struct {
	Products []Default `json:"products" required:"true" doc:"The first entry with a key that fits decides."`
}

// Default is how some products are counted.
type Default struct {
	Keys   []string `json:"keys" required:"true" doc:"Keys of products; * stands for any letters."`
	Rule   string   `json:"rule,omitempty" doc:"Rule of the bundle. Either rule or metric."`
	Metric Counting `json:"metric,omitempty" doc:"Metric and parameters. Either rule or metric."`
	Packs  *Packs   `json:"packs,omitempty" doc:"How rights are sold. Only beside metric."`
	Why    string   `json:"why,omitempty" doc:"What says so, in words."`
}

//go:embed default.yaml
var bundledDefaults []byte

//nolint:gochecknoglobals // a constant in disguise: it derives from the embedded text
var readDefaults = sync.OnceValue(func() *Defaults {
	defaults := &Defaults{}
	if err := document.Read(bundledDefaults, defaults); err != nil {
		panic(fmt.Errorf("read how products are counted: %w", err)) // a part of the program; a test reads it
	}
	return defaults
})

// BundledDefaults gives those that Holdfast comes with.
func BundledDefaults() *Defaults { return readDefaults() }

// For gives how the product with this key is counted; what nothing is known of
// counts by device, as most software does.
func (d *Defaults) For(key string) Default {
	for _, each := range d.Products {
		for _, pattern := range each.Keys {
			if fits, err := path.Match(pattern, key); err == nil && fits {
				return each
			}
		}
	}
	return Default{Metric: Counting{PerDevice{}}}
}
