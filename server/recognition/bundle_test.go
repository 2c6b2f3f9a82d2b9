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

func lines(t *testing.T, path string) (found [][]string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		part := strings.Split(line, "|")
		for i := range part {
			part[i] = strings.TrimSpace(part[i])
		}
		found = append(found, part)
	}
	return found
}

func TestDebianMachineHasNothingUnknown(t *testing.T) {
	matcher := bundled(t)
	counts := map[recognition.Class]int{}
	for _, part := range lines(t, "testdata/debian-12.txt") {
		verdict := matcher.Match(recognition.Title{Name: part[0], Version: part[1], Publisher: part[2], Source: "deb"})
		if verdict.Rule == nil {
			t.Errorf("%s of %s is not recognised", part[0], part[2])
		}
		if verdict.Rival != nil {
			t.Errorf("two rules disagree about %s", part[0])
		}
		counts[verdict.Class]++
	}
	t.Log(counts)
	if known := counts[recognition.IsProduct]; known < 20 || known > 60 {
		t.Errorf("%d products: too few to be true, or too many to be seen", known)
	}
}

// The fleet of made-up devices has well-known titles, made-up ones beside them.
func TestWellKnownTitlesOfTheSimulatedFleetAreRecognised(t *testing.T) {
	matcher := bundled(t)
	for _, part := range lines(t, "../../agent/simulate/titles.txt") {
		for version := range strings.FieldsSeq(part[4]) {
			verdict := matcher.Match(recognition.Title{Source: part[1], Name: part[2], Publisher: part[3], Version: version})
			if verdict.Rule == nil || verdict.Rival != nil {
				t.Errorf("%s %s is %s, rival %v", part[2], version, verdict.Class, verdict.Rival)
			}
		}
	}
}
