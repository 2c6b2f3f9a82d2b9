package recognition

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Preview is what a rule would do, before it is made.
type Preview struct {
	Releases  int // that it would decide about
	Titles    int
	Installs  int      // of these releases, as last counted
	Changed   int      // of Releases, those that are held to be something else now
	Caught    []Caught // the most installed first, at most previewed of them
	Overruled []Caught // what it fits, and a better rule decides about
}

// previewed is how many releases a preview names.
const previewed = 200

// Caught is a release that a rule fits.
type Caught struct {
	TitleID software.TitleID
	Title
	Devices int
	Was     Verdict // with the rule that decides now, if any
	Is      Verdict // with the rule that would
}

// Preview says what exactly a rule would catch if it were made, or if it
// replaced another. Faults: Denied, Invalid.
func (s *Service) Preview(ctx context.Context, wish Wish, instead RuleID) (Preview, error) {
	if err := mayManage(ctx); err != nil {
		return Preview{}, err
	}
	spec := wish.trimmed()
	if faults := spec.check(); len(faults) > 0 {
		return Preview{}, fault.NewInvalid(faults...)
	}
	db := s.db.Read(ctx)
	products, rules, err := inForce(db)
	if err != nil {
		return Preview{}, err
	}
	now, err := NewMatcher(products, rules)
	if err != nil {
		return Preview{}, err
	}
	if spec.Class == IsProduct {
		known, err := productKnown(db, spec.Product)
		switch {
		case err != nil:
			return Preview{}, err
		case known:
		case wish.NewProduct == nil:
			return Preview{}, fault.NewInvalid(fault.Field{Name: "product", Key: "fault.recognition.no_product", Args: fault.Args{"Value": spec.Product}})
		default:
			products = append(products, Product{Key: spec.Product, Name: wish.NewProduct.Name})
		}
	}
	candidate := Rule{ID: id.New[Rule](), Origin: Local, Spec: spec}
	rules = slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return r.ID == instead })
	then, err := NewMatcher(products, append(rules, candidate))
	if err != nil {
		return Preview{}, err
	}
	preview, err := compare(db, now, then, candidate)
	if err != nil {
		return Preview{}, fmt.Errorf("preview rule %q: %w", spec.Name, err)
	}
	return preview, nil
}

// compare goes through all releases and finds those that a rule fits.
func compare(db *gorm.DB, now, then *Matcher, candidate Rule) (preview Preview, err error) {
	made, err := newCompiled(&candidate)
	if err != nil {
		return Preview{}, err
	}
	rows, err := db.Raw(`SELECT t.uid, t.name, t.publisher, t.source, r.version, r.edition, r.arch, r.devices
		FROM releases r JOIN titles t ON t.id = r.title_id`).Rows()
	if err != nil {
		return Preview{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	titles := map[software.TitleID]bool{}
	for rows.Next() {
		var one Caught
		if err := rows.Scan(&one.TitleID, &one.Name, &one.Publisher, &one.Source, &one.Version, &one.Edition, &one.Arch, &one.Devices); err != nil {
			return Preview{}, err
		}
		folded := newFolded(one.Title)
		if _, fits := then.catches(&made, &folded); !fits {
			continue
		}
		one.Was, one.Is = now.Match(one.Title), then.Match(one.Title)
		if one.Is.Rule.ID != candidate.ID {
			preview.Overruled = append(preview.Overruled, one)
			continue
		}
		preview.Releases, preview.Installs = preview.Releases+1, preview.Installs+one.Devices
		titles[one.TitleID] = true
		if one.Was.Class != one.Is.Class || one.Was.Product != one.Is.Product {
			preview.Changed++
		}
		preview.Caught = append(preview.Caught, one)
	}
	preview.Titles = len(titles)
	preview.Caught, preview.Overruled = mostInstalled(preview.Caught), mostInstalled(preview.Overruled)
	return preview, rows.Err()
}

func mostInstalled(caught []Caught) []Caught {
	slices.SortFunc(caught, func(a, b Caught) int {
		return cmp.Or(cmp.Compare(b.Devices, a.Devices), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Arch, b.Arch))
	})
	return caught[:min(len(caught), previewed)]
}

// Draft is a rule for a title, as it may be meant.
type Draft struct {
	Wish
	title string
}

// versionInName is where the version begins in a name that has it.
var versionInName = regexp.MustCompile(`(?i)[ -]+(?:v(?:ersion)?[. ]?)?\d+(?:\.\d+)+.*$`) //nolint:gochecknoglobals // a constant in disguise

// Draft proposes a rule for a title: its name, or what comes before the
// version in it, with publisher and source. Faults: Missing, Denied.
func (s *Service) Draft(ctx context.Context, of software.TitleID) (Draft, error) {
	if err := mayManage(ctx); err != nil {
		return Draft{}, err
	}
	var found struct{ Name, Publisher, Source string }
	err := s.db.Read(ctx).Table("titles").Select("name, publisher, source").Where("uid = ?", of).Take(&found).Error
	switch {
	case store.Missing(err):
		return Draft{}, fault.NewMissing("title")
	case err != nil:
		return Draft{}, fmt.Errorf("read title %s: %w", of, err)
	}
	draft := Draft{title: found.Name}
	draft.Spec = Spec{Match: Exact, Name: found.Name, Publisher: found.Publisher, Sources: found.Source, Class: IsProduct}
	name := found.Name
	if stem := versionInName.ReplaceAllString(name, ""); stem != name && len(stem) >= 3 {
		draft.Match, draft.Name, name = Prefix, stem, stem
	}
	draft.Product = keyFor(found.Publisher, name)
	draft.NewProduct = &ProductWish{Name: name, Publisher: found.Publisher, Class: Licensed, Category: "business"}
	return draft, nil
}

// keyFor makes a key of the publisher's first word and the name.
func keyFor(publisher, name string) string {
	first, _, _ := strings.Cut(slug(publisher), "-")
	key := slug(name)
	if first == "" || key == first || strings.HasPrefix(key, first+"-") {
		return key
	}
	return first + "-" + key
}
