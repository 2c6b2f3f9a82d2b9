package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// installTools runs install-tools on a machine that has only the given
// programs, each of which succeeds and writes down how it was called.
func installTools(t *testing.T, user string, programs ...string) (said, calls string, err error) {
	t.Helper()
	folder := t.TempDir()
	log := filepath.Join(folder, "calls")
	for _, program := range append(programs, "mkdir", "tee", "id") {
		script := "#!/bin/sh\necho " + program + ` "$@" >>"` + log + "\"\n"
		if program == "id" {
			script = "#!/bin/sh\necho " + user + "\n"
		}
		if err := os.WriteFile(filepath.Join(folder, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "install-tools", "test")
	cmd.Env = []string{"PATH=" + folder}
	output, err := cmd.CombinedOutput()
	called, _ := os.ReadFile(log) // not there when nothing was called
	return string(output), string(called), err
}

func TestMissingCompilerIsNamed(t *testing.T) {
	said, _, err := installTools(t, "0", "node", "npm", "apt-get", "env")
	if err == nil || !strings.Contains(said, "please install Go") || strings.Count(said, "\n") != 1 {
		t.Errorf("%v: %s", err, said)
	}
}

func TestMissingPackagesAreNamedToWhoMayNotInstall(t *testing.T) {
	said, calls, err := installTools(t, "1000", "go", "node", "npm", "git")
	if err == nil || !strings.Contains(said, " chromium") || strings.Count(said, "\n") != 1 {
		t.Errorf("%v: %s", err, said)
	}
	if calls != "" {
		t.Errorf("it called %s", calls)
	}
}

func TestMissingPackagesAreInstalledByRoot(t *testing.T) {
	said, calls, err := installTools(t, "0", "go", "node", "npm", "git", "apt-get", "env")
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	install := ""
	for line := range strings.Lines(calls) {
		if strings.Contains(line, "apt-get") && strings.Contains(line, " install ") {
			install = line
		}
	}
	if !strings.Contains(install, "chromium") || !strings.Contains(install, "util-linux") || strings.Contains(install, " git") {
		t.Errorf("it called %s", calls)
	}
}

func TestNothingIsDoneWhenNothingIsMissing(t *testing.T) {
	output := command(t, nil, "./install-tools", "test")
	if output != "" {
		t.Errorf("it said %s", output)
	}
}
