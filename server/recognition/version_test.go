package recognition

import "testing"

func TestVersionsAreOrderedAsPeopleDo(t *testing.T) {
	for _, one := range []struct {
		a, b string
		want int
	}{
		{"1.2", "1.10", -1},
		{"16.0.4266.1001", "16.0.10416.20027", -1},
		{"5:24.0.7-1", "24.0.7-1", 0}, // an epoch does not count
		{"5:24.0.7", "25", -1},
		{"8.0.4210.9", "8.0.2110", 1},
		{"17.0.13", "17.0.9", 1},
		{"1.0", "1.0.1", -1},
		{"1.0rc1", "1.0.1", -1},
		{"1.0", "1.0", 0},
		{"007", "7", 0},
		{"2024a", "2024b", -1},
		{"R2023b", "r2024a", -1},
		{"", "1", -1},
		{"99999999999999999999999", "100000000000000000000000", -1},
	} {
		if got := compareVersions(one.a, one.b); got != one.want {
			t.Errorf("%s and %s: %d", one.a, one.b, got)
		}
		if got := compareVersions(one.b, one.a); got != -one.want {
			t.Errorf("%s and %s: %d", one.b, one.a, got)
		}
	}
}

func FuzzMatchTakesAnyText(f *testing.F) {
	f.Add("Acme Draw 2024 (64-bit)", "Acme", "msi", "5:1.2~rc1", "Team")
	f.Add("\xff\x00İ", "(R)", "", ":", "")
	bundle := TheBundle()
	matcher, err := NewMatcher(bundle.Products, bundle.Rules)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, publisher, source, version, edition string) {
		title := Title{Name: name, Publisher: publisher, Source: source, Version: version, Edition: edition}
		first, second := matcher.Match(title), matcher.Match(title)
		if first != second {
			t.Errorf("%+v is %+v and %+v", title, first, second)
		}
		if compareVersions(version, version) != 0 {
			t.Errorf("%q is not itself", version)
		}
	})
}
