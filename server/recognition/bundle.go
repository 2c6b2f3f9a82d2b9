package recognition

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"holdfast/server/document"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// The bundle: bundle.yaml has its version, products-*.yaml the products with
// their rules, parts-*.yaml what is sorted out of sight.
//
//go:embed bundle/*.yaml
var bundleFiles embed.FS

// Bundle is the products and rules that Holdfast comes with.
type Bundle struct {
	Version  string
	Date     report.Date
	Products []Product
	Rules    []Rule
	hash     string
}

// TheBundle gives the bundle that this program comes with.
func TheBundle() *Bundle { return readBundle() }

//nolint:gochecknoglobals // a constant in disguise: it derives from the embedded text
var readBundle = sync.OnceValue(func() *Bundle {
	bundle := &Bundle{}
	if err := bundle.read(); err != nil {
		panic(err) // a part of the program; a test reads it
	}
	return bundle
})

// bundleHead is bundle.yaml.
type bundleHead struct {
	Version string      `json:"version" required:"true" doc:"Version, which every recognition names."`
	Date    report.Date `json:"date" required:"true" doc:"Day of its last change."`
}

// bundleFile is one file of the bundle. Products come before what is a part,
// but the order says nothing: see Matcher.
type bundleFile struct {
	Products []bundleProduct `json:"products" doc:"Products, each with the rules that catch it."`
	Parts    []bundleRule    `json:"parts" doc:"Rules that catch what is a part of something."`
}

// bundleProduct is a product, or a family of them: one for each version and
// edition that is listed, where key and name say {version} and {edition}.
type bundleProduct struct {
	Key          string       `json:"key" required:"true" doc:"Key: small letters, digits, hyphens; {version} and {edition} where those are listed."`
	Name         string       `json:"name" required:"true" doc:"Name; {version} and {edition} as in the key."`
	Publisher    string       `json:"publisher,omitempty" doc:"Who publishes it."`
	Category     string       `json:"category" required:"true" doc:"What it is for: a key of categories."`
	Class        Licence      `json:"class" required:"true" oneof:"licensed free" doc:"Whether it needs rights."`
	Versions     []string     `json:"versions,omitempty" doc:"Versions that are products of their own."`
	Editions     []string     `json:"editions,omitempty" doc:"Editions that are products of their own."`
	FreeEditions []string     `json:"free_editions,omitempty" doc:"Editions that need no rights, besides the others."`
	Rules        []bundleRule `json:"rules,omitempty" doc:"What catches it."`
}

// bundleRule is a rule for several names that differ in nothing else.
type bundleRule struct {
	Match        Match    `json:"match" required:"true" oneof:"exact prefix contains regexp" doc:"How names are compared."`
	Names        []string `json:"names" required:"true" doc:"The names; each makes a rule."`
	Publisher    string   `json:"publisher,omitempty" doc:"How the publisher begins, in whole words."`
	Sources      []string `json:"sources,omitempty" doc:"Package sources."`
	VersionFrom  string   `json:"version_from,omitempty" doc:"First version that is meant."`
	VersionUntil string   `json:"version_until,omitempty" doc:"First version that is no longer meant."`
	Edition      string   `json:"edition,omitempty" doc:"How the edition begins, in whole words."`
	Product      string   `json:"product,omitempty" doc:"Key of the product, where that is not the key of the family."`
	Priority     int      `json:"priority,omitempty" doc:"The higher one wins."`
	Note         string   `json:"note,omitempty" doc:"Why, for people."`
}

// read reads the embedded files.
func (b *Bundle) read() error {
	const folder = "bundle"
	entries, err := bundleFiles.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("list the bundle: %w", err)
	}
	sum := sha256.New()
	for _, entry := range entries {
		content, err := bundleFiles.ReadFile(folder + "/" + entry.Name())
		if err != nil {
			return fmt.Errorf("read the bundle: %w", err)
		}
		_, _ = sum.Write(content) // a hash takes everything
		if err := b.add(entry.Name(), content); err != nil {
			return fmt.Errorf("read %s of the bundle: %w", entry.Name(), err)
		}
	}
	b.hash = hex.EncodeToString(sum.Sum(nil))
	for i := range b.Rules {
		b.Rules[i].BundleVersion = b.Version
	}
	return nil
}

func (b *Bundle) add(name string, content []byte) error {
	if name == "bundle.yaml" {
		var head bundleHead
		err := document.Read(content, &head)
		b.Version, b.Date = head.Version, head.Date
		return err
	}
	var file bundleFile
	if err := document.Read(content, &file); err != nil {
		return err
	}
	for _, family := range file.Products {
		b.Products = append(b.Products, family.products()...)
		for _, rule := range family.Rules {
			product := rule.Product
			if product == "" {
				product = family.Key
			}
			b.Rules = append(b.Rules, rule.rules(IsProduct, product)...)
		}
	}
	for _, rule := range file.Parts {
		b.Rules = append(b.Rules, rule.rules(IsPart, "")...)
	}
	return nil
}

// products gives each product of a family.
func (f bundleProduct) products() []Product {
	versions := f.Versions
	if len(versions) == 0 {
		versions = []string{""}
	}
	editions := slices.Concat(f.Editions, f.FreeEditions)
	if len(editions) == 0 {
		editions = []string{""}
	}
	var products []Product
	for _, version := range versions {
		for _, edition := range editions {
			one := Product{
				Publisher: f.Publisher, Category: f.Category, Class: f.Class, Origin: Bundled, Version: version, Edition: edition,
				Key:  strings.NewReplacer("{version}", slug(version), "{edition}", slug(edition)).Replace(f.Key),
				Name: strings.NewReplacer("{version}", version, "{edition}", edition).Replace(f.Name),
			}
			if version != "" || edition != "" {
				one.Family = f.family()
			}
			if slices.Contains(f.FreeEditions, edition) {
				one.Class = Free
			}
			products = append(products, one)
		}
	}
	return products
}

// family is the key without what stands for versions and editions.
func (f bundleProduct) family() string {
	return strings.NewReplacer("-{version}", "", "-{edition}", "").Replace(f.Key)
}

func (r bundleRule) rules(class Class, product string) []Rule {
	rules := make([]Rule, len(r.Names))
	for i, name := range r.Names {
		spec := Spec{
			Match: r.Match, Name: name, Publisher: r.Publisher, Sources: strings.Join(r.Sources, ","),
			VersionFrom: r.VersionFrom, VersionUntil: r.VersionUntil, Edition: r.Edition,
			Class: class, Product: product, Priority: r.Priority, Note: r.Note,
		}
		rules[i] = Rule{ID: bundledID(spec), Origin: Bundled, Spec: spec}
	}
	return rules
}

// bundledID makes the identifier of a bundled rule from what it says, so that
// a rule keeps its identifier from bundle to bundle as long as it says the same.
func bundledID(spec Spec) RuleID {
	spec.Note = ""
	content, err := json.Marshal(spec)
	if err != nil { // cannot be: texts and a number
		panic(fmt.Errorf("identify rule: %w", err))
	}
	made, err := id.Parse[Rule](uuid.NewSHA1(uuid.NameSpaceOID, append([]byte("holdfast recognition rule "), content...)).String())
	if err != nil { // cannot be: it was just made
		panic(fmt.Errorf("identify rule: %w", err))
	}
	return made
}
