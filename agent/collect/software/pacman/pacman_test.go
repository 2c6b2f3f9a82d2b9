package pacman_test

import (
	"testing"

	"holdfast/agent/collect/software/pacman"
)

func TestFolderNameIsSplitIntoNameAndVersion(t *testing.T) {
	for folder, want := range map[string][2]string{
		"bash-5.2.037-1":            {"bash", "5.2.037-1"},
		"gtk-update-icon-cache-1:4": {"gtk-update-icon", "cache-1:4"},
		"xorg-server-1:2.0-3":       {"xorg-server", "1:2.0-3"},
		"ALPM_DB_VERSION":           {"", ""},
		"-1-1":                      {"", ""},
	} {
		if name, version := pacman.Split(folder); name != want[0] || version != want[1] {
			t.Errorf("Split(%q) = %q, %q, want %q", folder, name, version, want)
		}
	}
}
