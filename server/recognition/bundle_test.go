package recognition_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/server/recognition"
)

func bundled(t *testing.T) *recognition.Matcher {
	t.Helper()
	bundle := recognition.TheBundle()
	matcher, err := recognition.NewMatcher(bundle.Products, bundle.Rules)
	if err != nil {
		t.Fatal(err)
	}
	return matcher
}

// example is a line of testdata/cases.txt.
type example struct {
	line, want string
	title      recognition.Title
}

func examples(t *testing.T) []example {
	t.Helper()
	content, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var found []example
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.Split(line, "|")
		for i := range part {
			part[i] = strings.TrimSpace(part[i])
		}
		if len(part) < 5 {
			t.Fatalf("too few parts: %s", line)
		}
		one := example{line, part[0], recognition.Title{Source: part[1], Name: part[2], Publisher: part[3], Version: part[4]}}
		if len(part) > 5 {
			one.title.Edition = part[5]
		}
		found = append(found, one)
	}
	return found
}

func TestTitlesAreWhatTheyAre(t *testing.T) {
	matcher := bundled(t)
	all := examples(t)
	if len(all) < 200 {
		t.Errorf("only %d titles", len(all))
	}
	for _, one := range all {
		verdict := matcher.Match(one.title)
		got, why := "-", ""
		if verdict.Rule != nil {
			got, why = string(verdict.Class), verdict.Rule.Name
			if verdict.Class == recognition.IsProduct {
				got = verdict.Product
			}
		}
		if got != one.want {
			t.Errorf("%s\nis %s by %s", one.line, got, why)
		}
		if verdict.Rival != nil {
			t.Errorf("%s\nis as well %s %s by %s", one.line, verdict.Rival.Class, verdict.Rival.Product, verdict.Rival.Name)
		}
	}
}

func TestBundleSaysNothingTwiceOrInVain(t *testing.T) {
	bundle := recognition.TheBundle()
	if bundle.Version == "" || bundle.Date.Check() != nil {
		t.Errorf("version %q of %q", bundle.Version, bundle.Date)
	}
	keys, ids := map[string]bool{}, map[recognition.RuleID]bool{}
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	licensed := 0
	for _, product := range bundle.Products {
		if keys[product.Key] || !form.MatchString(product.Key) {
			t.Errorf("key %q is taken or wrong", product.Key)
		}
		keys[product.Key] = true
		if product.Name == "" || product.Publisher == "" || strings.ContainsAny(product.Name, "{}") {
			t.Errorf("%s is called %q by %q", product.Key, product.Name, product.Publisher)
		}
		if !slices.Contains(recognition.Categories(), product.Category) {
			t.Errorf("%s is of no category %q", product.Key, product.Category)
		}
		if product.Class == recognition.Licensed {
			licensed++
		}
	}
	if licensed < 60 {
		t.Errorf("only %d products that need rights", licensed)
	}
	for _, rule := range bundle.Rules {
		if ids[rule.ID] {
			t.Errorf("rule %s %q for %s stands there twice", rule.Match, rule.Name, rule.Product)
		}
		ids[rule.ID] = true
		if rule.Class != recognition.IsProduct {
			continue
		}
		pattern := regexp.MustCompile("^" + strings.NewReplacer(`\{version\}`, ".+", `\{edition\}`, ".+").Replace(regexp.QuoteMeta(rule.Product)) + "$")
		if !slices.ContainsFunc(bundle.Products, func(p recognition.Product) bool { return pattern.MatchString(p.Key) }) {
			t.Errorf("rule %q is for product %s, which there is not", rule.Name, rule.Product)
		}
	}
}
