package i18n_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// catalogue reads one file of texts; texts that count become their two forms.
func catalogue(t *testing.T, file string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(content, &raw); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	texts := map[string]string{}
	for key, text := range raw {
		texts[key] = string(text)
	}
	return texts
}

var places = regexp.MustCompile(`\.([A-Z][A-Za-z]*)`)

func placesIn(text string) []string {
	found := places.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCataloguesOfDomainsHaveTheSameTextsInBothLanguages(t *testing.T) {
	files, err := filepath.Glob("en/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d catalogues: %v", len(files), err)
	}
	for _, file := range files {
		english, french := catalogue(t, file), catalogue(t, "fr/"+filepath.Base(file))
		for key, text := range english {
			other, found := french[key]
			if !found {
				t.Errorf("%s: not in French", key)
				continue
			}
			if diff := cmp.Diff(placesIn(text), placesIn(other)); diff != "" {
				t.Errorf("%s: the languages name different values:\n%s", key, diff)
			}
		}
		for key := range french {
			if _, found := english[key]; !found {
				t.Errorf("%s: not in English", key)
			}
		}
	}
}

func TestTextsOfLicencesAndDocumentsAreThoseInUse(t *testing.T) {
	used := map[string]bool{}
	keys := regexp.MustCompile(`"((?:fault\.(?:licence|document)|licence|help\.(?:estate|rules))\.[a-z_.]+)"`)
	for _, pattern := range []string{"../../licence/*.go", "../../document/*.go", "../help/estate.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range keys.FindAllStringSubmatch(string(content), -1) {
				used[found[1]] = true
			}
		}
	}
	for _, name := range []string{"text", "number", "boolean", "date", "group"} {
		used["help.estate.type."+name] = true // made of the name in help/estate.go
	}
	texts := catalogue(t, "en/licence.json")
	for key, text := range catalogue(t, "en/document.json") {
		texts[key] = text
	}
	for key := range used {
		if _, found := texts[key]; !found && key != "help.estate.type." {
			t.Errorf("%s: used, but there is no such text", key)
		}
	}
	for key := range texts {
		if !used[key] {
			t.Errorf("%s: nothing uses it", key)
		}
	}
}
