package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is one line of go test -json (see go doc test2json).
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build that failed
	Test       string
	Output     string
	Elapsed    float64
}

// tally counts tests and prints a line for each package, and the whole output
// of what failed. Subtests count with the test that they belong to.
type tally struct {
	out                     io.Writer
	passed, failed, skipped int
	inPackage               map[string]int      // tests that ended, by package
	explained               map[string]bool     // packages with a test that failed or skipped
	output                  map[string][]string // printed so far, by package and test
	failures                []string
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, inPackage: map[string]int{}, explained: map[string]bool{}, output: map[string][]string{}}
}

func (t *tally) good() bool { return t.failed == 0 && t.skipped == 0 }

func (t *tally) summary() string {
	lines := strings.Builder{}
	for _, failure := range t.failures {
		fmt.Fprintln(&lines, failure)
	}
	fmt.Fprintf(&lines, "%d passed, %d failed, %d skipped", t.passed, t.failed, t.skipped)
	return lines.String()
}

// fail records something that failed and is not a test.
func (t *tally) fail(name, why string) {
	t.failed++
	t.failures = append(t.failures, "FAIL "+name+": "+why)
}

// read takes in the output of go test -json.
func (t *tally) read(from io.Reader) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(t.out, lines.Text()) // the go command itself speaks
			continue
		}
		t.take(e)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the output of go test: %w", err)
	}
	return nil
}

func (t *tally) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		t.output[key] = append(t.output[key], e.Output)
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endPackage(e)
		} else {
			t.endTest(e)
		}
		delete(t.output, key)
	}
}

func (t *tally) endTest(e event) {
	top, _, isSub := strings.Cut(e.Test, "/")
	if e.Action == "fail" || e.Action == "skip" {
		for _, line := range t.output[e.Package+" "+e.Test] {
			fmt.Fprint(t.out, line)
		}
	}
	if e.Action == "skip" { // also of a part, whose whole still passes
		t.skipped++
		t.explained[e.Package] = true
		t.failures = append(t.failures, "SKIP "+e.Package+" "+e.Test)
		return
	}
	if isSub {
		return
	}
	t.inPackage[e.Package]++
	if e.Action == "pass" {
		t.passed++
		return
	}
	t.failed++
	t.explained[e.Package] = true
	t.failures = append(t.failures, "FAIL "+e.Package+" "+top)
}

func (t *tally) endPackage(e event) {
	switch e.Action {
	case "skip": // a package without tests
	case "pass":
		fmt.Fprintf(t.out, "ok   %-50s %4d tests %7.1f s\n", e.Package, t.inPackage[e.Package], e.Elapsed)
	default:
		for _, line := range t.output[e.Package+" "] {
			fmt.Fprint(t.out, line)
		}
		for key, lines := range t.output { // tests that never ended: a panic, a time-out
			if name, test, _ := strings.Cut(key, " "); name == e.Package && test != "" {
				fmt.Fprint(t.out, strings.Join(lines, ""))
				delete(t.output, key)
			}
		}
		fmt.Fprintf(t.out, "FAIL %-50s %4d tests %7.1f s\n", e.Package, t.inPackage[e.Package], e.Elapsed)
		if !t.explained[e.Package] { // it does not compile, or it died
			t.fail(e.Package, "the package failed")
		}
	}
}
