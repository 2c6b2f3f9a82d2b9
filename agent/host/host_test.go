package host_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/agent/host"
	"holdfast/agent/host/hosttest"
)

func TestCommandNeedsAnAbsolutePath(t *testing.T) {
	if _, err := host.New().Command(t.Context(), "true"); err == nil {
		t.Error("a program was searched in PATH")
	}
}

func TestMissingProgramIsNotFound(t *testing.T) {
	_, err := host.New().Command(t.Context(), filepath.Join(t.TempDir(), "none"))
	if !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("error is %v, want exec.ErrNotFound", err)
	}
}

func TestProgramThatPrintsTooMuchIsRefused(t *testing.T) {
	if output, err := host.New().Command(t.Context(), "/bin/cat", "/dev/zero"); err == nil {
		t.Errorf("%d bytes were taken", len(output))
	}
}

func TestCommandsSpeakNoLanguageOfTheirOwn(t *testing.T) {
	output, err := host.New().Command(t.Context(), "/usr/bin/env")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(output); !strings.Contains(got, "LC_ALL=C\n") || strings.Contains(got, "HOME=") {
		t.Errorf("environment is %q", got)
	}
}

func TestErrorsNameThePathOnTheMachine(t *testing.T) {
	machine := hosttest.Machine(t, "-- /etc/hostname --\nx\n")
	_, err := machine.ReadFile("/etc/none")
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "open /etc/none: no such file or directory" {
		t.Errorf("error is %v", err)
	}
}

func TestFileThatIsTooLargeIsRefused(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "huge")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 64<<20+1); err != nil {
		t.Fatal(err)
	}
	if _, err := host.Captured(host.Capture{Root: root, Denied: map[string]bool{}}).ReadFile("/huge"); err == nil {
		t.Error("the file was read")
	}
}

func TestTotalsComeFromTheCapturedMachine(t *testing.T) {
	machine := hosttest.Machine(t, "-- /proc/meminfo --\nMemTotal: 1000 kB\nSwapTotal: 10 kB\n")
	totals, err := machine.Totals(t.Context())
	if err != nil || totals.Memory != 1024000 || totals.Swap != 10240 {
		t.Errorf("totals are %+v, %v", totals, err)
	}
}
