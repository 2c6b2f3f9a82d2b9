package ui

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/web/i18n"
)

var icon = regexp.MustCompile(`(?:Icon|LargeIcon)\("([a-z0-9-]+)"\)`)

func TestEveryIconIsInTheSprite(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "static", "icons.txt"))
	if err != nil {
		t.Fatal(err)
	}
	sprite := map[string]bool{}
	for name := range strings.SplitSeq(string(content), "\n") {
		sprite[name] = true
	}
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".templ") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range icon.FindAllStringSubmatch(string(text), -1) {
			if !sprite[match[1]] {
				t.Errorf("%s draws %s, which static/icons.txt does not name", path, match[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range navigation() {
		for _, place := range group.places {
			if !sprite[place.icon] {
				t.Errorf("the navigation draws %s, which static/icons.txt does not name", place.icon)
			}
		}
	}
}

func TestFilterFormBecomesAFilter(t *testing.T) {
	fields := inventory.AllDeviceColumns().Fields()
	for query, want := range map[string]list.Filter{
		"add=kind&relation=matches&value=laptop&value=server":    {Key: "kind", Values: []string{"laptop", "server"}},
		"add=model&relation=is&value=Latitude+5440":              {Key: "model", Relation: list.Is, Values: []string{"Latitude 5440"}},
		"add=last_seen&relation=to&value=-14d&date=":             {Key: "last_seen", Relation: list.To, Values: []string{"-14d"}},
		"add=last_seen&relation=from&value=date&date=2026-11-01": {Key: "last_seen", Relation: list.From, Values: []string{"2026-11-01"}},
		"add=serial&relation=unknown&value=":                     {Key: "serial", Relation: list.Known, Values: []string{"no"}},
		"add=model&relation=matches&value=++":                    {Key: "model"},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		got, sent := FilterFrom(values, fields)
		if len(got.Values) == 0 {
			got.Values = nil
		}
		if diff := cmp.Diff(want, got); !sent || diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	for _, query := range []string{"", "add=kind", "add=nothing&relation=matches&value=x"} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, sent := FilterFrom(values, fields); sent {
			t.Errorf("%q is taken for a filter", query)
		}
	}
}

func TestFilterReadsAsASentence(t *testing.T) {
	definition := inventory.AllDeviceColumns()
	values, err := url.ParseQuery("kind=laptop,server&last_seen.to=-14d&memory.from=8GB&model.not=Latitude&serial.known=no")
	if err != nil {
		t.Fatal(err)
	}
	q, err := list.Parse(values, definition)
	if err != nil {
		t.Fatal(err)
	}
	shown := ListOf(definition, q, list.Page[inventory.Device]{}, func(inventory.Device) string { return "" }, nil)
	for language, want := range map[i18n.Language]string{
		i18n.English: "Kind is Laptop, Server, Last seen no later than 14 days ago, Memory at least 8GB, Model does not contain Latitude, Serial number is not known",
		i18n.French:  "Type est Portable, Serveur, Vu pas après il y a 14 jours, Mémoire au moins 8GB, Modèle ne contient pas Latitude, Numéro de série n’est pas connu",
	} {
		ctx := i18n.WithLocale(t.Context(), i18n.Locale{Language: language})
		if got := shown.sentence(ctx); got != want {
			t.Errorf("the filters read %q, want %q", got, want)
		}
	}
}

func TestInitialsAreOfFirstAndLastName(t *testing.T) {
	for name, want := range map[string]string{"Rosalind Okafor": "RO", "Wei-Ling van der Chen": "WC", "Émile": "É", "": ""} {
		if got := Initials(name); got != want {
			t.Errorf("%q has the initials %q, want %q", name, got, want)
		}
	}
}

func TestBrowserIsNamedFromWhatItSays(t *testing.T) {
	ctx := i18n.WithLocale(t.Context(), i18n.Locale{Language: i18n.English})
	for client, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36":                "Chrome on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Edg/140.0":          "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18 Safari/605.1.15": "Safari on macOS",
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                           "Firefox on Linux",
		"curl/8.5.0": "curl", "something else": "something else", "": "Unknown browser",
	} {
		if got := Browser(ctx, &client); got != want {
			t.Errorf("%q is named %q, want %q", client, got, want)
		}
	}
}
