// Package host is the agent's only door to the machine it runs on: files
// under a root, a few commands, gopsutil, and the clock. Nothing else in the
// agent may import os/exec or gopsutil, so that every collector can be tested
// against the captured files of a machine that is not here (package hosttest).
package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Host is a machine. The zero value is of no use; see New.
type Host struct {
	root    string
	now     func() time.Time
	denied  func(path string) bool
	command func(ctx context.Context, path string, args ...string) ([]byte, error)
	kernel  kernel
}

// New opens the machine that the agent runs on.
func New() Host {
	return Host{
		root:    "/",
		now:     time.Now,
		denied:  func(string) bool { return false },
		command: run,
		kernel:  live(),
	}
}

// Now is the time by the machine's clock.
func (h Host) Now() time.Time { return h.now() }

// Path is where path, which is absolute on the machine, is for the agent. It
// is for libraries that open files themselves.
func (h Host) Path(path string) string { return filepath.Join(h.root, path) }

// maxFile bounds what is read of one file, so that a broken driver cannot
// fill the agent's memory. The largest real one is a package database.
const maxFile = 64 << 20

// ReadFile reads a file whole, up to 64 MiB.
func (h Host) ReadFile(path string) ([]byte, error) {
	file, err := h.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("read %s: larger than %d bytes", path, maxFile)
	}
	return content, nil
}

// Text reads a small file such as those of /sys and gives it without space at
// its ends, or "" when it cannot be read: for facts that may well be missing.
func (h Host) Text(path string) string {
	content, err := h.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(content), "\uFFFD"))
}

// Open opens a file for reading in pieces.
func (h Host) Open(path string) (*os.File, error) {
	if h.denied(path) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	file, err := os.Open(h.Path(path))
	return file, named(path, err)
}

// Stat describes a file, following links.
func (h Host) Stat(path string) (os.FileInfo, error) {
	info, err := os.Stat(h.Path(path))
	return info, named(path, err)
}

// named makes an error tell the path on the machine, which is what a person
// knows it by, wherever its files are for the agent.
func named(path string, err error) error {
	var reason *fs.PathError
	if errors.As(err, &reason) {
		return &fs.PathError{Op: reason.Op, Path: path, Err: reason.Err}
	}
	return err
}

// Exists reports whether there is a file or folder at path.
func (h Host) Exists(path string) bool {
	_, err := h.Stat(path)
	return err == nil
}

// ReadDir lists a folder, in the order of names.
func (h Host) ReadDir(path string) ([]os.DirEntry, error) {
	if h.denied(path) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	entries, err := os.ReadDir(h.Path(path))
	return entries, named(path, err)
}

// Readlink gives what a symbolic link points to.
func (h Host) Readlink(path string) (string, error) {
	target, err := os.Readlink(h.Path(path))
	return target, named(path, err)
}

// Glob lists the paths that match pattern, absolute on the machine and in
// order. No match is no error.
func (h Host) Glob(pattern string) ([]string, error) {
	found, err := filepath.Glob(h.Path(pattern))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", pattern, err)
	}
	for i, path := range found {
		relative, err := filepath.Rel(h.root, path)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", pattern, err)
		}
		found[i] = "/" + relative
	}
	return found, nil
}
