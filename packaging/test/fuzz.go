package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// target is one fuzz function.
type target struct{ pkg, name string }

// fuzzAll gives each fuzz target of the packages its time, one by one.
func fuzzAll(ctx context.Context, packages []string, each time.Duration, total *tally) error {
	targets, err := fuzzTargets(ctx, packages)
	if err != nil {
		return err
	}
	for _, target := range targets {
		start := time.Now()
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+target.name+"$",
			"-fuzztime", each.String(), "-fuzzminimizetime", "10x", "-parallel", "2", target.pkg)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 10 * time.Second
		output, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !timeIsUp(output) {
			fmt.Fprintf(total.out, "%s\n", output)
			total.fail(target.pkg+" "+target.name, "found a failure, see above")
			continue
		}
		total.passed++
		fmt.Fprintf(total.out, "fuzz %-50s %-22s %5.1f s\n", target.pkg, target.name, time.Since(start).Seconds())
	}
	return nil
}

// timeIsUp reports whether the only thing wrong is that the time was over, which
// Go before 1.27 now and then takes for a failure (go.dev/issue/75804). An input
// that fails is written down, and one that hangs is told in other words.
func timeIsUp(output []byte) bool {
	return bytes.Contains(output, []byte("\n    context deadline exceeded\nFAIL\n")) && !bytes.Contains(output, []byte("Failing input written"))
}

// fuzzTargets finds the fuzz functions by the text of the test files, because
// asking go test would link every test binary first.
func fuzzTargets(ctx context.Context, packages []string) ([]target, error) {
	const files = `{{$p := .}}{{range .TestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}{{"\n"}}{{end}}` +
		`{{range .XTestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}{{"\n"}}{{end}}`
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-f", files}, packages...)...)
	list.Stderr = os.Stderr
	listed, err := list.Output()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("list the packages: %w", err), ctx.Err())
	}
	var targets []target
	for line := range strings.Lines(string(listed)) {
		pkg, file, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("look for fuzz targets: %w", err)
		}
		for line := range bytes.Lines(source) {
			rest, isFuzz := strings.CutPrefix(string(line), "func Fuzz")
			name, _, isFunc := strings.Cut(rest, "(")
			if isFuzz && isFunc {
				targets = append(targets, target{pkg: pkg, name: "Fuzz" + name})
			}
		}
	}
	return targets, nil
}
