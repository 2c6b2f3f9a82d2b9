package hosttest_test

import (
	"errors"
	"io/fs"
	"os/exec"
	"testing"
	"time"

	"holdfast/agent/host/hosttest"
)

func TestEveryKindOfHeaderIsOpened(t *testing.T) {
	machine := hosttest.Machine(t, `A machine.
-- /etc/hostname --
pc-1
-- /etc/machine-id @2026-03-01 --
-- /sys/table hex --
01 02 ff # three bytes
-- /etc/secret denied --
-- /srv/empty/ --
-- /etc/name -> hostname --
-- $ /bin/uname -r --
6.1
-- now 2026-01-02T03:04:05Z --
-- arch aarch64 --
-- usage / 100 40 --
-- addresses eth0 --
192.0.2.2/24
2001:db8::2/64
-- permanent eth0 aa:bb:cc:00:11:22 --
`)
	if got := machine.Text("/etc/name"); got != "pc-1" {
		t.Errorf("text behind the link is %q", got)
	}
	if info, err := machine.Stat("/etc/machine-id"); err != nil || !info.ModTime().Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("time of change is %v, %v", info, err)
	}
	if got, err := machine.ReadFile("/sys/table"); err != nil || string(got) != "\x01\x02\xff" {
		t.Errorf("binary file is %x, %v", got, err)
	}
	if _, err := machine.ReadFile("/etc/secret"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("denied file gives %v", err)
	}
	if got, err := machine.ReadDir("/srv/empty"); err != nil || len(got) != 0 {
		t.Errorf("empty folder is %v, %v", got, err)
	}
	if got, err := machine.Command(t.Context(), "/bin/uname", "-r"); err != nil || string(got) != "6.1\n" {
		t.Errorf("command prints %q, %v", got, err)
	}
	if _, err := machine.Command(t.Context(), "/bin/uname", "-a"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("unknown command gives %v", err)
	}
	if got := machine.Now(); !got.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("time is %v", got)
	}
	if got, err := machine.Arch(); err != nil || got != "aarch64" {
		t.Errorf("architecture is %s, %v", got, err)
	}
	if got, err := machine.Usage(t.Context(), "/"); err != nil || got.Size != 100 || got.Free != 40 {
		t.Errorf("usage is %+v, %v", got, err)
	}
	if got, err := machine.Addresses(t.Context()); err != nil || len(got["eth0"]) != 2 {
		t.Errorf("addresses are %v, %v", got, err)
	}
	if got, err := machine.PermanentMACs(); err != nil || got["eth0"] != "aa:bb:cc:00:11:22" {
		t.Errorf("permanent addresses are %v, %v", got, err)
	}
}
