package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// syncFolder has nothing to do: NTFS keeps its names in a journal, and a
// folder cannot be flushed.
func syncFolder(string) error { return nil }

// openToAll has nothing to go by: Go shows no access lists. What lies under
// ProgramData is the installer's to close.
func openToAll(os.FileInfo) bool { return false }

func lock(file *os.File) error {
	const exclusive = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(file.Fd()), exclusive, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrLocked
	}
	return err
}
