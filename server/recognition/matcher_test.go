package recognition_test

import (
	"fmt"
	"testing"
	"time"

	"holdfast/server/recognition"
	"holdfast/shared/id"
)

// rules makes rules of specs; local ones are those with a note.
func rules(specs ...recognition.Spec) []recognition.Rule {
	made := make([]recognition.Rule, len(specs))
	for i, spec := range specs {
		made[i] = recognition.Rule{ID: id.New[recognition.Rule](), Origin: recognition.Bundled, Spec: spec}
		if spec.Note == "local" {
			made[i].Origin = recognition.Local
		}
		if spec.Class == "" {
			made[i].Class = recognition.IsProduct
		}
	}
	return made
}

func products(keys ...string) []recognition.Product {
	made := make([]recognition.Product, len(keys))
	for i, key := range keys {
		made[i] = recognition.Product{ID: id.New[recognition.Product](), Key: key, Name: key}
	}
	return made
}

func TestMoreExactRuleWins(t *testing.T) {
	const exact, prefix, contains, regexp = recognition.Exact, recognition.Prefix, recognition.Contains, recognition.Regexp
	acme := recognition.Title{Name: "Acme  Draw® Pro", Publisher: "Acme Inc.", Source: "msi", Version: "3.2", Edition: "Team Edition", Arch: "x64"}
	for name, both := range map[string]struct{ winner, loser recognition.Spec }{
		"local before bundled":    {recognition.Spec{Match: prefix, Name: "a", Note: "local"}, recognition.Spec{Match: exact, Name: "Acme Draw Pro", Priority: 9}},
		"priority before exact":   {recognition.Spec{Match: contains, Name: "draw", Priority: 1}, recognition.Spec{Match: exact, Name: "acme draw pro"}},
		"exact before all others": {recognition.Spec{Match: exact, Name: "ACME draw pro"}, recognition.Spec{Match: prefix, Name: "acme draw pro", Publisher: "acme", Sources: "msi"}},
		"longer before shorter":   {recognition.Spec{Match: prefix, Name: "acme d"}, recognition.Spec{Match: prefix, Name: "acme", Publisher: "acme"}},
		"letters that must occur": {recognition.Spec{Match: prefix, Name: "acme d"}, recognition.Spec{Match: regexp, Name: "acme(?: draw pro)?.*"}},
		"publisher":               {recognition.Spec{Match: exact, Name: "acme draw pro", Publisher: "Acme"}, recognition.Spec{Match: exact, Name: "acme draw pro"}},
		"source and version":      {recognition.Spec{Match: exact, Name: "acme draw pro", Sources: "msi", VersionFrom: "3"}, recognition.Spec{Match: exact, Name: "acme draw pro", Publisher: "Acme"}},
		"edition":                 {recognition.Spec{Match: exact, Name: "acme draw pro", Edition: "team"}, recognition.Spec{Match: exact, Name: "acme draw pro"}},
		"architecture":            {recognition.Spec{Match: exact, Name: "acme draw pro", Arch: "X64"}, recognition.Spec{Match: exact, Name: "acme draw pro"}},
	} {
		both.winner.Product, both.loser.Product = "winner", "loser"
		for _, order := range [][]recognition.Rule{rules(both.winner, both.loser), rules(both.loser, both.winner)} {
			matcher, err := recognition.NewMatcher(products("winner", "loser"), order)
			if err != nil {
				t.Fatal(err)
			}
			if verdict := matcher.Match(acme); verdict.Product != "winner" || verdict.Rival != nil {
				t.Errorf("%s: %q wins, rival %v", name, verdict.Product, verdict.Rival)
			}
		}
	}
}

func TestConditionsMustHold(t *testing.T) {
	title := recognition.Title{Name: "Acme Draw 2024", Publisher: "Acme Inc.", Source: "msi", Version: "5:24.1.2-3", Edition: "Team"}
	for _, one := range []struct {
		spec    recognition.Spec
		catches bool
	}{
		{recognition.Spec{Match: recognition.Regexp, Name: `acme draw 20\d\d`}, true},
		{recognition.Spec{Match: recognition.Regexp, Name: `draw 20\d\d`}, false}, // the whole name
		{recognition.Spec{Match: recognition.Regexp, Name: `ACME DRAW .+`}, true},
		{recognition.Spec{Match: recognition.Prefix, Name: "draw"}, false},
		{recognition.Spec{Match: recognition.Contains, Name: "draw"}, true},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", Publisher: "Acme"}, true},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", Publisher: "Ac"}, false}, // whole words
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", Publisher: "Inc."}, false},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", Sources: "registry,msi"}, true},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", Sources: "deb"}, false},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", VersionFrom: "24.1"}, true},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", VersionFrom: "24.1.2", VersionUntil: "24.1.3"}, true},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", VersionFrom: "24.1.10"}, false},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", VersionUntil: "24.1"}, false},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", Edition: "Enterprise"}, false},
		{recognition.Spec{Match: recognition.Prefix, Name: "acme", Arch: "arm64"}, false},
	} {
		one.spec.Product = "acme"
		matcher, err := recognition.NewMatcher(products("acme"), rules(one.spec))
		if err != nil {
			t.Fatal(err)
		}
		if verdict := matcher.Match(title); (verdict.Rule != nil) != one.catches {
			t.Errorf("%+v catches: %t", one.spec, !one.catches)
		}
	}
}

func TestProductIsNamedByWhatTheRuleReads(t *testing.T) {
	matcher, err := recognition.NewMatcher(products("acme-draw-home-plus-2021", "acme-draw-team-2024"),
		rules(recognition.Spec{Match: recognition.Regexp, Name: `acme draw(?: (?P<edition>home plus|team))? (?P<version>20\d\d)`, Product: "acme-draw-{edition}-{version}"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ name, edition, want string }{
		{"Acme Draw Home Plus 2021", "", "acme-draw-home-plus-2021"},
		{"Acme Draw 2024", "Team", "acme-draw-team-2024"}, // as the report says
		{"Acme Draw Team 2021", "", ""},                   // there is no such product
		{"Acme Draw 2024", "", ""},
	} {
		if got := matcher.Match(recognition.Title{Name: one.name, Edition: one.edition}).Product; got != one.want {
			t.Errorf("%s, %s: %q, want %q", one.name, one.edition, got, one.want)
		}
	}
}

func TestRulesThatDisagreeAreTold(t *testing.T) {
	one := recognition.Spec{Match: recognition.Exact, Name: "acme", Product: "a"}
	other := recognition.Spec{Match: recognition.Exact, Name: "ACME", Product: "b"}
	both := rules(one, other)
	for _, order := range [][]recognition.Rule{both, {both[1], both[0]}} {
		matcher, err := recognition.NewMatcher(products("a", "b"), order)
		if err != nil {
			t.Fatal(err)
		}
		verdict := matcher.Match(recognition.Title{Name: "Acme"})
		if verdict.Product != "a" || verdict.Rival == nil || verdict.Rival.Product != "b" {
			t.Errorf("%q wins, rival %+v", verdict.Product, verdict.Rival)
		}
	}
	matcher, err := recognition.NewMatcher(products("a"), rules(one, one))
	if err != nil {
		t.Fatal(err)
	}
	if verdict := matcher.Match(recognition.Title{Name: "Acme"}); verdict.Rival != nil {
		t.Error("two rules that agree are told as rivals")
	}
}

func TestTwentyThousandTitlesInASecond(t *testing.T) {
	matcher := bundled(t)
	all := examples(t)
	titles := make([]recognition.Title, 20_000)
	for i := range titles {
		titles[i] = all[i%len(all)].title
		if i >= len(all) {
			titles[i].Name += fmt.Sprint(" ", i)
		}
	}
	started := time.Now()
	for _, title := range titles {
		matcher.Match(title)
	}
	took := time.Since(started)
	t.Logf("%d titles in %s", len(titles), took)
	if took > 5*time.Second { // ten times what it takes, since other work may share the machine
		t.Errorf("%d titles took %s", len(titles), took)
	}
}

func BenchmarkMatch(b *testing.B) {
	bundle := recognition.TheBundle()
	matcher, err := recognition.NewMatcher(bundle.Products, bundle.Rules)
	if err != nil {
		b.Fatal(err)
	}
	titles := []recognition.Title{
		{Name: "Microsoft Visual C++ 2015-2022 Redistributable (x64)", Publisher: "Microsoft Corporation", Source: "registry", Version: "14.40.33810.0"},
		{Name: "libgtk-3-0", Publisher: "Debian GNOME Maintainers", Source: "deb", Version: "3.24.38-2~deb12u2"},
		{Name: "Northgate Payroll Client", Publisher: "Northgate Inc.", Source: "registry", Version: "4.2.1"},
	}
	for b.Loop() {
		for _, title := range titles {
			matcher.Match(title)
		}
	}
}
