package recognition

import (
	"slices"
	"strings"
	"time"

	"holdfast/server/fault"
)

// Match says how the name of a rule is compared with that of a title. Letters
// are compared whatever their case, and white space, ®, ™ and © do not count.
type Match string

// The ways to compare.
const (
	Exact    Match = "exact"    // the whole name
	Prefix   Match = "prefix"   // how it begins
	Contains Match = "contains" // a part of it
	Regexp   Match = "regexp"   // the whole name fits the regular expression
)

// Matches lists the ways to compare in the order of forms.
func Matches() []Match { return []Match{Exact, Prefix, Contains, Regexp} }

// Rule says what the releases are that it catches.
type Rule struct {
	ID     RuleID
	Origin Origin
	Spec   `gorm:"embedded"`

	BundleVersion string  // of a bundled rule
	Before        *string // what the last change replaced, as JSON
	CreatedAt     time.Time
	UpdatedAt     time.Time
	UpdatedBy     string // name of who did it
	RetiredAt     *time.Time
}

// TableName implements GORM's Tabler.
func (Rule) TableName() string { return "recognition_rules" }

// Retired reports whether the rule is no longer in force.
func (r Rule) Retired() bool { return r.RetiredAt != nil }

// Spec is what a rule says: what it catches, and what that is. An empty
// condition is none.
type Spec struct {
	Match        Match  `json:"match" required:"true" oneof:"exact prefix contains regexp" doc:"How the name is compared."`
	Name         string `json:"name" required:"true" doc:"Name, or a part of it, or a regular expression for the whole of it; its groups named version and edition are read."`
	Publisher    string `json:"publisher,omitempty" doc:"How the publisher begins, in whole words."`
	Sources      string `json:"sources,omitempty" doc:"Package sources, separated by commas."`
	VersionFrom  string `json:"version_from,omitempty" doc:"First version that is meant."`
	VersionUntil string `json:"version_until,omitempty" doc:"First version that is no longer meant."`
	Edition      string `json:"edition,omitempty" doc:"How the edition begins, in whole words."`
	Arch         string `json:"arch,omitempty" doc:"Processor architecture, as reported."`
	Class        Class  `json:"class" required:"true" oneof:"product part ignored" doc:"What it catches."`
	Product      string `json:"product,omitempty" doc:"Key of the product; {version} and {edition} stand for what the rule reads."`
	Priority     int    `json:"priority,omitempty" doc:"The higher one wins, whatever else is more exact. Without it, 0."`
	Note         string `json:"note,omitempty" doc:"Why, for people."`
}

// Bounds on what a rule may hold.
const (
	maxName     = 500
	maxNote     = 500
	maxPriority = 100
)

// sources lists the package sources that a report can name.
func sources() []string {
	return []string{"deb", "rpm", "apk", "pacman", "snap", "flatpak", "msi", "registry", "appx", "app", "pkg", "other"}
}

// trimmed is the rule without white space at the ends of its texts.
func (s Spec) trimmed() Spec {
	for _, text := range []*string{&s.Name, &s.Publisher, &s.Sources, &s.VersionFrom, &s.VersionUntil, &s.Edition, &s.Arch, &s.Product, &s.Note} {
		*text = strings.TrimSpace(*text)
	}
	s.Sources = strings.Join(s.sourceList(), ",")
	if s.Class != IsProduct {
		s.Product = ""
	}
	return s
}

func (s Spec) sourceList() []string {
	var list []string
	for source := range strings.SplitSeq(s.Sources, ",") {
		if source = strings.TrimSpace(source); source != "" && !slices.Contains(list, source) {
			list = append(list, source)
		}
	}
	return list
}

// check says what is wrong with a rule, by the names of its members.
func (s Spec) check() []fault.Field {
	var faults []fault.Field
	wrong := func(name, key string, args fault.Args) {
		faults = append(faults, fault.Field{Name: name, Key: key, Args: args})
	}
	limited := func(name, text string, limit int) {
		if len(text) > limit {
			wrong(name, "fault.field.too_long", fault.Args{"Limit": limit})
		}
	}
	if !slices.Contains(Matches(), s.Match) {
		wrong("match", "fault.field.choice", nil)
	}
	switch {
	case fold(s.Name) == "":
		wrong("name", "fault.field.required", nil)
	case s.Match == Regexp:
		if _, err := compile(s.Name); err != nil {
			wrong("name", "fault.recognition.bad_regexp", nil)
		}
	}
	limited("name", s.Name, maxName)
	limited("publisher", s.Publisher, maxName)
	limited("note", s.Note, maxNote)
	for name, text := range map[string]string{"version_from": s.VersionFrom, "version_until": s.VersionUntil, "edition": s.Edition, "arch": s.Arch, "product": s.Product} {
		limited(name, text, 200)
	}
	for _, source := range s.sourceList() {
		if !slices.Contains(sources(), source) {
			wrong("sources", "fault.recognition.bad_source", fault.Args{"Value": source, "Known": strings.Join(sources(), ", ")})
		}
	}
	if s.VersionFrom != "" && s.VersionUntil != "" && compareVersions(s.VersionFrom, s.VersionUntil) >= 0 {
		wrong("version_until", "fault.recognition.empty_range", fault.Args{"From": s.VersionFrom})
	}
	if !slices.Contains(Classes(), s.Class) {
		wrong("class", "fault.field.choice", nil)
	}
	if s.Class == IsProduct && s.Product == "" {
		wrong("product", "fault.field.required", nil)
	}
	if s.Priority < -maxPriority || s.Priority > maxPriority {
		wrong("priority", "fault.recognition.bad_priority", fault.Args{"Limit": maxPriority})
	}
	slices.SortStableFunc(faults, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return faults
}

// fold is a text as names are compared: in lower case, with single spaces,
// without the signs of trade marks.
func fold(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(marks.Replace(text)), " "))
}

var marks = strings.NewReplacer("®", "", "™", "", "©", "", "(R)", "", "(TM)", "") //nolint:gochecknoglobals // a constant in disguise
