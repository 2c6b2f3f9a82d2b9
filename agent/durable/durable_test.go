package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"holdfast/agent/durable"
)

func TestFilesAreReplacedWholeAndPrivate(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	if err := durable.MakeFolder(folder); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "state.json")
	for _, value := range []string{"first, which is longer", "second"} {
		if err := durable.WriteJSON(path, value); err != nil {
			t.Fatal(err)
		}
		var read string
		if err := durable.ReadJSON(path, &read); err != nil || read != value {
			t.Fatalf("read %q, %v; want %q", read, err, value)
		}
	}
	for path, want := range map[string]fs.FileMode{path: 0o600, folder: 0o700} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v; want the one", len(entries), err)
	}
}

func TestSweepTakesOnlyWhatWasBeingWritten(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"state.json", "123.writing"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := durable.Sweep(folder); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != "state.json" {
		t.Errorf("left are %v, %v", entries, err)
	}
}

func TestMissingFilesAreToldApart(t *testing.T) {
	var value string
	if err := durable.ReadJSON(filepath.Join(t.TempDir(), "none"), &value); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if err := durable.Remove(filepath.Join(t.TempDir(), "none")); err != nil {
		t.Errorf("removing a missing file gives %v", err)
	}
}

func TestTwoAgentsCannotShareAFolder(t *testing.T) {
	folder := t.TempDir()
	unlock, err := durable.Lock(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := durable.Lock(folder); !errors.Is(err, durable.ErrLocked) {
		t.Fatalf("the second lock gives %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	unlock, err = durable.Lock(folder)
	if err != nil {
		t.Fatalf("the folder stays locked: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderOpenToAllIsRefusedAndLeftAlone(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := durable.MakeFolder(folder); err == nil {
		t.Error("the agent would trust what anybody puts there")
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o777 {
		t.Errorf("the folder now has mode %v, %v", info.Mode(), err)
	}
}
