package recognition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Title is a release as it was reported.
type Title struct {
	Name      string
	Publisher string
	Source    string
	Version   string
	Edition   string
	Arch      string
}

// Verdict says what a release is, and why. Without a Rule nobody knows.
type Verdict struct {
	Class   Class
	Product string // key
	Rule    *Rule
	Rival   *Rule // has as good a claim and says otherwise: people should decide
}

// Matcher knows what releases are by rules. It is made once and may be used by
// many at a time.
//
// Of all rules that catch a release one decides, by the first of these in
// which they differ:
//
//  1. a local rule before a bundled one,
//  2. the one of higher priority,
//  3. one for the exact name before all others,
//  4. the one that has more letters in common with every name it catches,
//  5. the one with more conditions: publisher, sources, both ends of the range
//     of versions, edition, architecture,
//  6. the one with the smaller identifier, which is no reason. So if the two
//     say different things, the other one is told as the rival.
//
// A rule that names a product by what it reads, such as
// microsoft-visio-{version}, catches nothing when there is no such product.
type Matcher struct {
	products map[string]*Product
	rules    []compiled // best first
	exact    map[string][]int
	begin    map[string][]int // by the first letters
	end      map[string][]int // by the last letters, where the first are not known
	rest     []int
}

type compiled struct {
	rule       *Rule
	pattern    pattern
	publisher  string // folded, as is the edition
	edition    string
	sources    []string
	conditions int
}

// reach is the number of letters by which rules are looked up.
const reach = 4

// NewMatcher makes a matcher of the rules that are in force. A rule that
// cannot be read is an error; Spec.check refuses such a rule beforehand.
func NewMatcher(products []Product, rules []Rule) (*Matcher, error) {
	m := &Matcher{
		products: make(map[string]*Product, len(products)),
		exact:    map[string][]int{}, begin: map[string][]int{}, end: map[string][]int{},
	}
	for i := range products {
		m.products[products[i].Key] = &products[i]
	}
	for i := range rules {
		if rules[i].Retired() {
			continue
		}
		made, err := newCompiled(&rules[i])
		if err != nil {
			return nil, fmt.Errorf("compile rule %s: %w", rules[i].ID, err)
		}
		m.rules = append(m.rules, made)
	}
	slices.SortFunc(m.rules, func(a, b compiled) int {
		return cmp.Or(a.compare(b), cmp.Compare(a.rule.ID.String(), b.rule.ID.String()))
	})
	for i := range m.rules {
		m.index(i)
	}
	return m, nil
}

func newCompiled(rule *Rule) (compiled, error) {
	made := compiled{rule: rule, publisher: fold(rule.Publisher), edition: fold(rule.Edition), sources: rule.sourceList()}
	var err error
	if made.pattern, err = newPattern(rule.Match, rule.Name); err != nil {
		return compiled{}, err
	}
	for _, condition := range []string{rule.Publisher, rule.Sources, rule.VersionFrom, rule.VersionUntil, rule.Edition, rule.Arch} {
		if condition != "" {
			made.conditions++
		}
	}
	return made, nil
}

// compare orders rules as the doc of Matcher says, up to the identifier.
func (c compiled) compare(other compiled) int {
	first := func(yes bool) int {
		if yes {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(first(c.rule.Origin == Local), first(other.rule.Origin == Local)),
		cmp.Compare(other.rule.Priority, c.rule.Priority),
		cmp.Compare(first(c.rule.Match == Exact), first(other.rule.Match == Exact)),
		cmp.Compare(other.pattern.needs, c.pattern.needs),
		cmp.Compare(other.conditions, c.conditions),
	)
}

func (m *Matcher) index(i int) {
	p := &m.rules[i].pattern
	switch {
	case p.match == Exact:
		m.exact[p.text] = append(m.exact[p.text], i)
	case p.begins != "":
		key := p.begins[:min(reach, len(p.begins))]
		m.begin[key] = append(m.begin[key], i)
	case p.ends != "":
		key := p.ends[max(0, len(p.ends)-reach):]
		m.end[key] = append(m.end[key], i)
	default:
		m.rest = append(m.rest, i)
	}
}

// candidates gives the rules that may catch a name, best first.
func (m *Matcher) candidates(name string) []int {
	found := append([]int(nil), m.rest...)
	found = append(found, m.exact[name]...)
	for letters := 1; letters <= min(reach, len(name)); letters++ {
		found = append(found, m.begin[name[:letters]]...)
		found = append(found, m.end[name[len(name)-letters:]]...)
	}
	slices.Sort(found)
	return found
}

// Match says what a release is.
func (m *Matcher) Match(title Title) Verdict {
	var verdict Verdict
	var winner *compiled
	one := newFolded(title)
	for _, i := range m.candidates(one.name) {
		rule := &m.rules[i]
		if winner != nil && winner.compare(*rule) != 0 {
			break
		}
		product, catches := m.catches(rule, &one)
		switch {
		case !catches:
		case winner == nil:
			winner = rule
			verdict = Verdict{Class: rule.rule.Class, Product: product, Rule: rule.rule}
		case rule.rule.Class != verdict.Class || product != verdict.Product:
			verdict.Rival = rule.rule
			return verdict
		}
	}
	return verdict
}

// folded is a release made ready for comparing.
type folded struct {
	Title
	name, publisher, edition string
}

func newFolded(title Title) folded {
	return folded{Title: title, name: fold(title.Name), publisher: fold(title.Publisher), edition: fold(title.Edition)}
}

// catches reports whether a rule catches a release, and which product that is.
func (m *Matcher) catches(c *compiled, one *folded) (product string, catches bool) {
	rule := c.rule
	switch {
	case len(c.sources) > 0 && !slices.Contains(c.sources, one.Source),
		c.publisher != "" && !beginsWithWords(one.publisher, c.publisher),
		c.edition != "" && !beginsWithWords(one.edition, c.edition),
		rule.Arch != "" && !strings.EqualFold(rule.Arch, one.Arch),
		rule.VersionFrom != "" && (one.Version == "" || compareVersions(one.Version, rule.VersionFrom) < 0),
		rule.VersionUntil != "" && (one.Version == "" || compareVersions(one.Version, rule.VersionUntil) >= 0):
		return "", false
	}
	caught, fits := c.pattern.fits(one.name)
	if !fits {
		return "", false
	}
	if rule.Class != IsProduct {
		return "", true
	}
	product = rule.Product
	if strings.Contains(product, "{") {
		edition := caught["edition"]
		if edition == "" {
			edition = one.Edition
		}
		product = strings.NewReplacer("{version}", slug(caught["version"]), "{edition}", slug(edition)).Replace(product)
	}
	_, known := m.products[product]
	return product, known
}

// beginsWithWords reports whether a text begins with some words, whole.
func beginsWithWords(text, words string) bool {
	rest, begins := strings.CutPrefix(text, words)
	if !begins || rest == "" {
		return begins
	}
	next, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(next) && !unicode.IsDigit(next)
}

// slug is a text as it stands in keys: small letters and digits, with hyphens
// between them.
func slug(text string) string {
	var b strings.Builder
	for _, letter := range fold(text) {
		switch {
		case letter >= 'a' && letter <= 'z', letter >= '0' && letter <= '9':
			b.WriteRune(letter)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}
