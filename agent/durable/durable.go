// Package durable writes the few files that the agent keeps between runs, so
// that pulling the plug at any moment leaves either the old file or the new
// one, whole. It also locks the folder they are in.
package durable

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// temporary marks files that were being written; see Sweep.
const temporary = ".writing"

// WriteFile puts content under path, readable by the agent's own account
// only. When it returns nil the file is on the disk. The folder must exist.
func WriteFile(path string, content []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	file, err := os.CreateTemp(filepath.Dir(path), "*"+temporary) // mode 0600
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	if err := file.Sync(); err != nil {
		return errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	if err := file.Close(); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// WriteJSON puts value under path as WriteFile does.
func WriteJSON(path string, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return WriteFile(path, append(content, '\n'))
}

// ReadJSON reads into value what WriteJSON wrote. A file that is not there is
// fs.ErrNotExist.
func ReadJSON(path string, value any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// Remove takes a file away for good. One that is not there is no error.
func Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// MakeFolder makes a folder that only the agent's own account may enter, and
// those above it. One that is there already is left as it is, but refused when
// anybody may write in it: who can put files there commands the agent.
func MakeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if openToAll(info) {
		return fmt.Errorf("anybody may write in the folder %s; use another", path)
	}
	return nil
}

// Sweep removes what was being written in folder when the agent was killed.
func Sweep(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), temporary) {
			err = errors.Join(err, os.Remove(filepath.Join(folder, entry.Name())))
		}
	}
	return err
}

// ErrLocked means that another agent uses the folder.
var ErrLocked = errors.New("another agent uses this folder")

// Lock keeps other agents out of folder until the returned function is called
// or the process ends, however it ends. It gives ErrLocked when there is one.
func Lock(folder string) (unlock func() error, err error) {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", folder, err)
	}
	if err := lock(file); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", folder, err), file.Close())
	}
	return file.Close, nil
}
