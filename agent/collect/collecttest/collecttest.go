// Package collecttest runs a collector over captured machines and compares
// the whole section that it gives with a golden file.
package collecttest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/collect"
	"holdfast/agent/host/hosttest"
	"holdfast/shared/report"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing") //nolint:gochecknoglobals // the way that go test takes a flag

// Cases runs collector over each testdata/*.txtar of the calling package (see
// hosttest for the form) and compares what it gives with the .golden beside
// it: the section as indented JSON, and the error, if any, as a last line. The
// section must fit its specification, by which the server reads it.
// "go test -update" writes the golden files.
func Cases(t *testing.T, collector collect.Collector) {
	t.Helper()
	machines, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(machines) == 0 {
		t.Fatalf("no captured machines in testdata: %v", err)
	}
	for _, machine := range machines {
		name := strings.TrimSuffix(machine, ".txtar")
		t.Run(filepath.Base(name), func(t *testing.T) {
			section, problem := collector.Collect(t.Context(), hosttest.Open(t, machine))
			if section != nil && section.Name() != collector.Section() {
				t.Errorf("the collector of %q gives the section %q", collector.Section(), section.Name())
			}
			facts, err := json.MarshalIndent(section, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if section != nil {
				if _, _, notes := report.Read(section.Name(), facts); len(notes) > 0 {
					t.Errorf("the server would not store all of the section: %v", notes)
				}
			}
			got := string(facts) + "\n"
			if problem != nil {
				got += fmt.Sprintf("error: %v\n", problem)
			}
			Golden(t, name+".golden", got)
		})
	}
}

// Golden compares got with the golden file at path, or writes it there when
// the tests run with -update.
func Golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}
