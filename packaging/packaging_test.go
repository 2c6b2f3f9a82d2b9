// Package packaging is how Holdfast gets onto machines: deb and rpm packages,
// services, and the programs behind make. Its tests look at the packages as
// the tools of a distribution do.
package packaging_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// packages makes the packages anew and gives the files in dist/ by their
// endings and names, such as "agent.deb".
func packages(t *testing.T) map[string]string {
	t.Helper()
	command(t, nil, "make", "-C", "..", "packages")
	found := map[string]string{}
	for name, pattern := range map[string]string{
		"agent.deb": "holdfast-agent_*.deb", "server.deb": "holdfast_*.deb",
		"agent.rpm": "holdfast-agent-*.rpm", "server.rpm": "holdfast-[0-9]*.rpm",
	} {
		files, err := filepath.Glob(filepath.Join("..", "dist", pattern))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		if found[name], err = filepath.Abs(files[0]); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// command runs a program and gives what it printed.
func command(t *testing.T, environment []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), environment...)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, output)
	}
	return string(output)
}

func TestPackages(t *testing.T) {
	files := packages(t)
	for _, kind := range []string{"deb", "rpm"} {
		t.Run(kind, func(t *testing.T) { lists(t, kind, files) })
	}
	t.Run("services are sound", func(t *testing.T) { services(t, files) })
	t.Run("debian installs, upgrades and removes", func(t *testing.T) { dpkgCycle(t, files) })
}

// lists checks what the packages hold and which files are the operator's.
func lists(t *testing.T, kind string, files map[string]string) {
	for program, name := range map[string]string{"agent": "holdfast-agent", "server": "holdfast"} {
		var list, own, scripts string
		if kind == "deb" {
			list = command(t, nil, "dpkg-deb", "--contents", files[program+".deb"])
			own = command(t, nil, "dpkg-deb", "--info", files[program+".deb"], "conffiles")
			scripts = command(t, nil, "dpkg-deb", "--info", files[program+".deb"])
		} else {
			list = command(t, nil, "rpm", "-qpl", files[program+".rpm"])
			own = command(t, nil, "rpm", "-qpc", files[program+".rpm"])
			scripts = command(t, nil, "rpm", "-qp", "--scripts", files[program+".rpm"])
		}
		for _, want := range []string{"/usr/bin/" + name, "/usr/lib/systemd/system/" + name + ".service", "/usr/share/doc/" + name + "/README.md"} {
			if !strings.Contains(list, want+"\n") {
				t.Errorf("%s is missing in\n%s", want, list)
			}
		}
		want := map[string]string{"agent": "/etc/holdfast/agent.conf", "server": "/etc/holdfast/holdfast.conf"}[program]
		if strings.TrimSpace(own) != want {
			t.Errorf("the operator's files are %q, want %s", own, want)
		}
		for _, want := range map[string][]string{"deb": {"postinst", "prerm", "postrm"}, "rpm": {"postinstall", "preuninstall", "postuninstall"}}[kind] {
			if !strings.Contains(scripts, want) {
				t.Errorf("the script %s is missing in\n%s", want, scripts)
			}
		}
	}
}

// services checks the units as systemd reads them. It names bad settings but
// calls them a success, so that any word from it counts.
func services(t *testing.T, files map[string]string) {
	root := t.TempDir()
	for program, name := range map[string]string{"agent": "holdfast-agent", "server": "holdfast"} {
		command(t, nil, "dpkg-deb", "--extract", files[program+".deb"], root)
		unit, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system", name+".service"))
		if err != nil {
			t.Fatal(err)
		}
		// Its program is not installed here, and must be for the check.
		unit = bytes.ReplaceAll(unit, []byte("ExecStart="), []byte("ExecStart="+root))
		path := filepath.Join(t.TempDir(), name+".service")
		if err := os.WriteFile(path, unit, 0o600); err != nil {
			t.Fatal(err)
		}
		if said := command(t, []string{"LC_ALL=C"}, "systemd-analyze", "verify", path); said != "" {
			t.Errorf("%s: %s", name, said)
		}
	}
}
