package packaging_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// debian is a machine in a folder: dpkg installs into it with its scripts, and
// the programs that would change the real machine only write down that they
// were called.
type debian struct {
	t     *testing.T
	root  string
	stubs string
}

func newDebian(t *testing.T) *debian {
	d := &debian{t: t, root: t.TempDir(), stubs: t.TempDir()}
	for _, folder := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers", "run/systemd/system", "etc"} {
		if err := os.MkdirAll(filepath.Join(d.root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	d.write("var/lib/dpkg/status", "")
	for _, program := range []string{"systemctl", "groupadd", "useradd"} {
		d.stub(program, "exit 0")
	}
	d.stub("getent", "exit 2") // there is no such account yet
	return d
}

func (d *debian) write(path, content string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.root, path), []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *debian) stub(program, ending string) {
	d.t.Helper()
	script := "#!/bin/sh\necho " + program + ` "$@" >>"` + d.calls() + "\"\n" + ending + "\n"
	if err := os.WriteFile(filepath.Join(d.stubs, program), []byte(script), 0o755); err != nil {
		d.t.Fatal(err)
	}
}

func (d *debian) calls() string { return filepath.Join(d.stubs, "calls") }

// dpkg runs it in the folder and gives what its scripts called.
func (d *debian) dpkg(args ...string) string {
	d.t.Helper()
	if err := os.RemoveAll(d.calls()); err != nil {
		d.t.Fatal(err)
	}
	path := "PATH=" + d.stubs + ":/usr/sbin:/usr/bin:/sbin:/bin"
	command(d.t, []string{path, "LC_ALL=C"}, "dpkg", append([]string{"--root=" + d.root, "--log=/dev/null",
		"--force-not-root", "--force-script-chrootless", "--force-depends", "--force-confold"}, args...)...)
	calls, err := os.ReadFile(d.calls())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.t.Fatal(err)
	}
	return string(calls)
}

func (d *debian) has(path string) bool {
	_, err := os.Lstat(filepath.Join(d.root, path))
	return err == nil
}

func dpkgCycle(t *testing.T, files map[string]string) {
	d := newDebian(t)
	calls := d.dpkg("--install", files["agent.deb"], files["server.deb"])
	for _, want := range []string{
		"groupadd --system holdfast", "useradd --system --gid holdfast", "systemctl daemon-reload",
		"systemctl enable holdfast-agent.service", "systemctl restart holdfast.service",
	} {
		if !strings.Contains(calls, want) {
			t.Errorf("installing did not call %s:\n%s", want, calls)
		}
	}
	if strings.Contains(calls, "restart holdfast-agent") {
		t.Error("an agent without a server was started")
	}
	info, err := os.Stat(filepath.Join(d.root, "etc/holdfast/agent.conf"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the settings with the enrolment key: %v, %v", info, err)
	}

	const settings = "HOLDFAST_SERVER=https://holdfast.example.org\n"
	d.write("etc/holdfast/agent.conf", settings)
	calls = d.dpkg("--install", files["agent.deb"])
	if kept, err := os.ReadFile(filepath.Join(d.root, "etc/holdfast/agent.conf")); err != nil || string(kept) != settings {
		t.Errorf("the upgrade changed the settings: %q, %v", kept, err)
	}
	if !strings.Contains(calls, "systemctl restart holdfast-agent.service") || strings.Contains(calls, "disable") {
		t.Errorf("the upgrade called\n%s", calls)
	}

	for _, folder := range []string{"var/lib/holdfast-agent", "var/lib/holdfast"} {
		if err := os.MkdirAll(filepath.Join(d.root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	calls = d.dpkg("--remove", "holdfast-agent", "holdfast")
	if !strings.Contains(calls, "disable --now holdfast-agent.service") || !strings.Contains(calls, "disable --now holdfast.service") {
		t.Errorf("removing called\n%s", calls)
	}
	if d.has("usr/bin/holdfast-agent") || !d.has("etc/holdfast/agent.conf") || !d.has("var/lib/holdfast-agent") {
		t.Error("removing left a program or took settings or data")
	}
	d.dpkg("--purge", "holdfast-agent", "holdfast")
	if d.has("etc/holdfast") || d.has("var/lib/holdfast-agent") {
		t.Error("purging left the settings or the credential of the agent")
	}
	if !d.has("var/lib/holdfast") {
		t.Error("purging took the inventory")
	}
}
