package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Command runs a program by its absolute path and gives what it printed. It
// is the last resort, for what no file tells: no shell, LC_ALL=C, at most
// 10 s and 8 MiB. A program that is not there gives exec.ErrNotFound.
func (h Host) Command(ctx context.Context, path string, args ...string) ([]byte, error) {
	return h.command(ctx, path, args...)
}

const (
	maxRun    = 10 * time.Second
	maxOutput = 8 << 20
)

func run(ctx context.Context, path string, args ...string) ([]byte, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("run %s: the path is not absolute", path)
	}
	ctx, cancel := context.WithTimeout(ctx, maxRun)
	defer cancel()
	command := exec.CommandContext(ctx, path, args...)
	command.Env = []string{"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	command.Dir = "/"
	output := &capped{}
	command.Stdout = output
	err := command.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("run %s: %w", path, ctx.Err())
	}
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = exec.ErrNotFound
		}
		return nil, fmt.Errorf("run %s: %w", path, err)
	}
	return output.bytes, nil
}

// capped keeps the first maxOutput bytes and refuses the rest.
type capped struct{ bytes []byte }

func (c *capped) Write(piece []byte) (int, error) {
	if len(c.bytes)+len(piece) > maxOutput {
		return 0, errors.New("the program prints too much")
	}
	c.bytes = append(c.bytes, piece...)
	return len(piece), nil
}
