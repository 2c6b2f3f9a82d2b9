package simulate

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress shows how far a step is: a bar that stays in place on a terminal,
// a line now and then elsewhere.
type progress struct {
	out      io.Writer
	terminal bool
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if file, isFile := out.(*os.File); isFile {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// during shows how many requests of a kind were done while step runs. of is
// how many there will be, 0 for not known.
func (p *progress) during(ctx context.Context, what string, watch *Watch, kind Kind, of int, step func(context.Context) error) error {
	began := time.Now()
	every := 5 * time.Second
	if p.terminal {
		every = 250 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	result := make(chan error, 1)
	go func() { result <- step(ctx) }()
	for {
		select {
		case err := <-result:
			p.show(what, watch.Count(kind), of, time.Since(began))
			if p.terminal {
				fmt.Fprintln(p.out)
			}
			return err
		case <-tick.C:
			p.show(what, watch.Count(kind), of, time.Since(began))
		}
	}
}

func (p *progress) show(what string, count Count, of int, took time.Duration) {
	line := fmt.Sprintf("%-12s %8d", what, count.Done)
	if of > 0 {
		const width = 30
		filled := min(width, int(count.Done)*width/of)
		line = fmt.Sprintf("%-12s [%s%s] %d of %d", what, strings.Repeat("#", filled), strings.Repeat(".", width-filled), count.Done, of)
	}
	line += fmt.Sprintf("  %.0f a second", float64(count.Done)/took.Seconds())
	if count.Failed > 0 {
		line += fmt.Sprintf("  %d failed", count.Failed)
	}
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s\x1b[K", line)
	} else {
		fmt.Fprintln(p.out, line)
	}
}
