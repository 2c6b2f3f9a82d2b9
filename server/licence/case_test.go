package licence_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/fault"
	"holdfast/server/licence"
)

var update = flag.Bool("update", false, "write what comes out as what is expected")

// TestCases evaluates every estate in testdata. Its figures are those of the
// line "want", which was worked out by hand; expected.json is the whole result.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*/estate.yaml")
	if err != nil || len(files) < 25 {
		t.Fatalf("found %d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			result := evaluate(t, content)
			for _, wanted := range wants(string(content)) {
				compareFigures(t, result, wanted)
			}
			for i := range result.Positions {
				if err := result.Positions[i].Check(); err != nil {
					t.Error(err)
				}
			}
			golden(t, filepath.Join(filepath.Dir(file), "expected.json"), pretty(t, result))
		})
	}
}

func evaluate(t *testing.T, content []byte) *licence.Result {
	t.Helper()
	estate, err := licence.ReadEstate(content, licence.Bundled())
	if err != nil {
		t.Fatal(said(err))
	}
	result, err := licence.Evaluate(estate, licence.Bundled(), licence.Options{At: estate.At})
	if err != nil {
		t.Fatal(said(err))
	}
	return result
}

func said(err error) string {
	text := err.Error()
	if found := fault.Of(err); found != nil {
		text = fmt.Sprintf("%+v", found.Fields)
	}
	return text
}

// wants gives the lines "# want: PRODUCT figure=value ..." of a case.
func wants(content string) [][]string {
	var found [][]string
	for line := range strings.Lines(content) {
		if rest, is := strings.CutPrefix(line, "# want: "); is {
			found = append(found, strings.Fields(rest))
		}
	}
	return found
}

func compareFigures(t *testing.T, result *licence.Result, wanted []string) {
	t.Helper()
	for _, p := range result.Positions {
		if p.Product.Key != wanted[0] {
			continue
		}
		exposure := "none"
		if p.Exposure != nil {
			exposure = strconv.FormatInt(p.Exposure.Cents, 10)
		}
		figures := map[string]string{
			"owned": p.Owned.String(), "needed": p.Needed.String(), "idle": p.Idle.String(), "available": p.Available.String(),
			"over_licensed": p.Over.String(), "pack_remainder": p.Remainder.String(), "maintained": p.Maintained.String(),
			"status": string(p.Status), "certain": strconv.FormatBool(p.Certain), "exposure": exposure,
		}
		for _, pair := range wanted[1:] {
			name, value, _ := strings.Cut(pair, "=")
			if figures[name] != value {
				t.Errorf("%s: %s is %s, want %s", p.Product.Key, name, figures[name], value)
			}
		}
		return
	}
	t.Errorf("there is no position of %s", wanted[0])
}

func pretty(t *testing.T, value any) []byte {
	t.Helper()
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	lines.SetIndent("", "  ")
	if err := lines.Encode(value); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (run with -update to accept):\n%s", file, diff)
	}
}

func TestSchemaIsCurrent(t *testing.T) {
	schema, err := licence.EstateSchema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/estate.schema.json", schema)
}
