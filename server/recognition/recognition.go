// Package recognition says what reported releases are: a product that is
// licensed or free, a part of something (a library, a language pack, an
// update), or of no interest. It owns the tables products, recognition_rules,
// recognition_state and product_counts, and of the table releases the columns
// class, product_id, rule_id, rival_id and rules_version. What was reported is
// never changed: titles and releases are package software's.
//
// Rules are data. Most come with the program, as the bundle in bundle/; people
// make local ones from the queue of titles that nobody knows yet. Which of
// several rules decides is written at Matcher.
//
// Releases are recognised in the transaction that makes them (Recognise), so
// that no installation is ever counted before it was looked at. When rules
// change, everything is looked at anew in that transaction, and the outbox
// hears of the products that gained or lost releases (Topic).
//
// # How to add a product
//
// Write it into one of bundle/products-*.yaml with the names that it is
// reported under, and add those names to testdata/cases.txt with what they
// are. What is a part of something goes into bundle/parts-*.yaml. The version
// in bundle/bundle.yaml is what recognitions name; change it with a release.
package recognition

import (
	"time"

	"holdfast/shared/id"
)

// ProductID identifies a product.
type ProductID = id.Of[Product]

// RuleID identifies a rule.
type RuleID = id.Of[Rule]

// Class says what a release is.
type Class string

// The classes of releases; a release without one is not recognised.
const (
	IsProduct Class = "product" // something that people choose, and may have to buy
	IsPart    Class = "part"    // comes with something: a library, a language pack, an update
	IsIgnored Class = "ignored" // decided to be of no interest
)

// Classes lists the classes in the order of forms.
func Classes() []Class { return []Class{IsProduct, IsPart, IsIgnored} }

// Licence says whether a product needs rights.
type Licence string

// The two kinds of products.
const (
	Licensed Licence = "licensed"
	Free     Licence = "free"
)

// Licences lists the kinds of products in the order of forms.
func Licences() []Licence { return []Licence{Licensed, Free} }

// Origin says where a product or a rule comes from.
type Origin string

// The origins. What is local was made by people here.
const (
	Bundled Origin = "bundled"
	Local   Origin = "local"
)

// Product is what is licensed, or known to be free.
type Product struct {
	ID        ProductID
	Key       string
	Name      string
	Publisher string
	Category  string
	Class     Licence
	Family    string // what versions and editions have in common
	Edition   string
	Version   string // where each version is a product of its own
	Origin    Origin
	Devices   int
	CreatedAt time.Time
	UpdatedAt time.Time
	RetiredAt *time.Time // no longer in the bundle
}

// TableName implements GORM's Tabler.
func (Product) TableName() string { return "products" }
