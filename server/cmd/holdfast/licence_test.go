package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func runLicence(t *testing.T, input string, args ...string) (out, errs string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append([]string{"licence"}, args...), streams{strings.NewReader(input), &stdout, &stderr})
	return stdout.String(), stderr.String(), code
}

// TestWorkedExamplesOfTheHelpComeOutSo evaluates the estates in the manual and
// compares the figures that it promises.
func TestWorkedExamplesOfTheHelpComeOutSo(t *testing.T) {
	example := regexp.MustCompile("(?s)```yaml\n(.*?)```.*?```json\n(.*?)```")
	for _, language := range []string{"en", "fr"} {
		page, err := os.ReadFile(filepath.Join("..", "..", "web", "help", language, "licence-evaluate.md"))
		if err != nil {
			t.Fatal(err)
		}
		examples := example.FindAllStringSubmatch(string(page), -1)
		if len(examples) != 2 {
			t.Fatalf("%s: %d examples, want 2", language, len(examples))
		}
		for _, each := range examples {
			out, errs, code := runLicence(t, each[1], "evaluate", "-", "--language", language)
			if code != 0 {
				t.Fatalf("%s: exit status %d: %s", language, code, errs)
			}
			var got struct{ Positions []map[string]any }
			var want map[string]any
			decode(t, out, &got)
			decode(t, each[2], &want)
			if diff := cmp.Diff(want, only(want, got.Positions[0])); diff != "" {
				t.Errorf("%s: %s", language, diff)
			}
		}
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// only gives the members of got that want names.
func only(want, got map[string]any) map[string]any {
	part := map[string]any{}
	for name, wanted := range want {
		part[name] = got[name]
		inner, is := got[name].(map[string]any)
		if deeper, too := wanted.(map[string]any); is && too {
			part[name] = only(deeper, inner)
		}
	}
	return part
}

const small = `
devices: [{id: a}, {id: b}]
products:
  - {key: one, metric: {kind: per_device}}
  - {key: two, metric: {kind: per_device}}
installations:
  - {product: one, on: a, since: 2026-01-01}
  - {product: one, on: b, since: 2026-06-01}
`

func TestLicenceEvaluateTakesDayProductAndLanguage(t *testing.T) {
	out, errs, code := runLicence(t, small, "evaluate", "-", "--at", "2026-03-01", "--product", "one", "--language", "fr")
	if code != 0 || errs != "" {
		t.Fatalf("exit status %d: %s", code, errs)
	}
	var got struct {
		At        string
		Positions []struct {
			Needed      int
			Explanation struct {
				Needed struct{ Label struct{ Text string } }
			}
		}
	}
	decode(t, out, &got)
	if got.At != "2026-03-01" || len(got.Positions) != 1 || got.Positions[0].Needed != 1 || got.Positions[0].Explanation.Needed.Label.Text != "Requis" {
		t.Errorf("got %+v", got)
	}
}

func TestLicenceEvaluateReadsJSONAsYAML(t *testing.T) {
	const same = `{
		"devices": [{"id": "a"}, {"id": "b"}],
		"products": [{"key": "one", "metric": {"kind": "per_device"}}, {"key": "two", "metric": {"kind": "per_device"}}],
		"installations": [
			{"product": "one", "on": "a", "since": "2026-01-01"},
			{"product": "one", "on": "b", "since": "2026-06-01"}
		]
	}`
	fromYAML, _, _ := runLicence(t, small, "evaluate", "-", "--at", "2026-07-01", "--language", "en")
	fromJSON, errs, code := runLicence(t, same, "evaluate", "-", "--at", "2026-07-01", "--language", "en")
	if diff := cmp.Diff(fromYAML, fromJSON); code != 0 || fromJSON == "" || diff != "" {
		t.Errorf("exit status %d: %s%s", code, errs, diff)
	}
}

func TestLicenceEvaluateReadsAFileAndTheLanguageOfTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LC_ALL", "")
	t.Setenv("LC_MESSAGES", "")
	for locale, want := range map[string]string{"fr_CA.UTF-8": `"Requis"`, "C.UTF-8": `"Needed"`, "": `"Needed"`} {
		t.Setenv("LANG", locale)
		if out, errs, code := runLicence(t, "", "evaluate", file); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q: exit status %d: %s%s", locale, code, errs, out)
		}
	}
}

func TestLicenceEvaluateListsEveryMistake(t *testing.T) {
	const wrong = "devices:\n  - {id: a, cores: 4}\nproducts:\n  - {key: one, metric: {kind: per_device}}\ninstallations:\n  - {product: ones, on: a}\n"
	for language, want := range map[string]string{
		"en": "-:2: devices[0].cores: There is no such field here. The fields are: id, name, kind, unit, user, processors.\n" +
			"-: installations[0].product: There is no product ones. Did you mean one?\n",
		"fr": "-:2: devices[0].cores: Ce champ n’existe pas ici. Les champs sont\u00a0: id, name, kind, unit, user, processors.\n" +
			"-: installations[0].product: Il n’y a pas de produit ones. Vouliez-vous dire one?\n",
	} {
		out, errs, code := runLicence(t, wrong, "evaluate", "-", "--language", language)
		if diff := cmp.Diff(want, errs); code != 1 || out != "" || diff != "" {
			t.Errorf("exit status %d, output %q:\n%s", code, out, diff)
		}
	}
	if _, errs, code := runLicence(t, small, "evaluate", "-", "--at", "tomorrow", "--language", "en"); code != 1 || !strings.Contains(errs, "2026-11-19") {
		t.Errorf("exit status %d: %s", code, errs)
	}
	if _, errs, code := runLicence(t, small, "evaluate", "-", "--product", "on", "--language", "en"); code != 1 || !strings.Contains(errs, "Did you mean one?") {
		t.Errorf("exit status %d: %s", code, errs)
	}
	if _, errs, code := runLicence(t, "", "evaluate", "no-such-file.yaml"); code != 1 || errs == "" {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

func TestLicenceTextsAreAllWritten(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join("..", "..", "licence", "testdata", "*", "estate.yaml"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("found %d cases: %v", len(cases), err)
	}
	raw := regexp.MustCompile(`"text": "([^"]*(?:<no value>|\{\{)[^"]*|(?:licence|fault)\.[a-z_.]+|)"`)
	for _, file := range cases {
		for _, language := range []string{"en", "fr"} {
			out, errs, code := runLicence(t, "", "evaluate", file, "--language", language)
			if found := raw.FindString(out); code != 0 || found != "" {
				t.Errorf("%s in %s: exit status %d, %s%s", file, language, code, found, errs)
			}
		}
	}
}

func TestLicenceSchemaAndRulesArePrinted(t *testing.T) {
	if out, _, code := runLicence(t, "", "schema"); code != 0 || !json.Valid([]byte(out)) {
		t.Errorf("exit status %d: %s", code, out)
	}
	if out, _, code := runLicence(t, "", "rules"); code != 0 || !strings.Contains(out, "microsoft-sql-server-core") {
		t.Errorf("exit status %d: %s", code, out)
	}
}
