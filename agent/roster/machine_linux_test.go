package roster_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"holdfast/agent/collect"
	"holdfast/agent/host"
	"holdfast/agent/roster"
	"holdfast/shared/report"
)

// These tests compare what the agent finds on the machine that runs them with
// what the system's own programs say. The programs are Debian's util-linux,
// procps, iproute2 and dpkg; without one of them a test fails.

// facts collects one section of this machine.
func facts[T any](t *testing.T, section string) T {
	t.Helper()
	var found T
	for _, collector := range roster.All(roster.Options{}) {
		if collector.Section() != section {
			continue
		}
		part := collect.Run(t.Context(), host.New(), []collect.Collector{collector}, collect.Deadline)[0]
		if part.Outcome != report.OK {
			t.Fatalf("section %s is %s: %s", section, part.Outcome, part.Detail)
		}
		if err := json.Unmarshal(part.Facts, &found); err != nil {
			t.Fatal(err)
		}
		return found
	}
	t.Fatalf("nothing collects the section %s", section)
	return found
}

// says runs a program of the Debian package named from and gives what it prints.
func says(t *testing.T, from, program string, args ...string) string {
	t.Helper()
	for _, folder := range []string{"/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"} {
		if _, err := os.Stat(folder + program); err != nil {
			continue
		}
		output, err := host.New().Command(t.Context(), folder+program, args...)
		if err != nil {
			t.Fatal(err)
		}
		return string(output)
	}
	t.Fatalf("%s is not installed; this test needs the Debian package %s", program, from)
	return ""
}

// saysJSON is says for a program that prints JSON.
func saysJSON[T any](t *testing.T, from, program string, args ...string) T {
	t.Helper()
	var answer T
	if err := json.Unmarshal([]byte(says(t, from, program, args...)), &answer); err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return answer
}

func TestProcessorsAgreeWithLscpu(t *testing.T) {
	answer := saysJSON[struct {
		CPUs []struct{ CPU, Core, Socket json.Number }
	}](t, "util-linux", "lscpu", "-J", "-e=CPU,CORE,SOCKET")
	cores, sockets := map[json.Number]bool{}, map[json.Number]bool{}
	for _, cpu := range answer.CPUs {
		cores[cpu.Core], sockets[cpu.Socket] = true, true
	}
	got := facts[report.CPU](t, "cpu")
	if got.Threads != len(answer.CPUs) || got.Cores != len(cores) || got.Sockets != len(sockets) {
		t.Errorf("%d sockets, %d cores, %d threads; lscpu says %d, %d, %d",
			got.Sockets, got.Cores, got.Threads, len(sockets), len(cores), len(answer.CPUs))
	}
	named := saysJSON[struct {
		LsCPU []struct{ Field, Data string }
	}](t, "util-linux", "lscpu", "-J")
	for _, line := range named.LsCPU {
		switch {
		case line.Field == "Architecture:" && got.Arch != line.Data:
			t.Errorf("architecture is %q, lscpu says %q", got.Arch, line.Data)
		case line.Field == "Model name:" && got.Processors[0].Model != line.Data:
			t.Errorf("model is %q, lscpu says %q", got.Processors[0].Model, line.Data)
		}
	}
}

func TestMemoryAgreesWithFree(t *testing.T) {
	got := facts[report.Memory](t, "memory")
	want := map[string]int64{"Mem:": got.TotalBytes, "Swap:": got.SwapBytes}
	for line := range strings.Lines(says(t, "procps", "free", "-b")) {
		fields := strings.Fields(line)
		bytes, known := want[fields[0]]
		if !known {
			continue
		}
		if total := json.Number(fields[1]); total != json.Number(number(bytes)) {
			t.Errorf("%s %d bytes, free says %s", fields[0], bytes, total)
		}
		delete(want, fields[0])
	}
	if len(want) > 0 {
		t.Errorf("free does not tell %v", want)
	}
}

func number(value int64) string {
	text, _ := json.Marshal(value) // of an integer, which cannot fail
	return string(text)
}

// blockDevice is a device as lsblk shows it.
type blockDevice struct {
	Name, Type    string
	Size          int64
	Model, Serial string
	Mountpoints   []string
	Children      []blockDevice
}

func TestDrivesAndVolumesAgreeWithLsblk(t *testing.T) {
	answer := saysJSON[struct{ BlockDevices []blockDevice }](t, "util-linux", "lsblk", "-J", "-b", "-o", "NAME,TYPE,SIZE,MODEL,SERIAL,MOUNTPOINTS")
	got := facts[report.Storage](t, "storage")
	inContainer := facts[report.System](t, "system").Machine == "container"
	if inContainer && len(got.Drives) > 0 {
		t.Errorf("a container claims the drives %v, which lsblk sees through it", got.Drives)
	}
	drives := map[string]report.Drive{}
	for _, drive := range got.Drives {
		drives[drive.Device] = drive
	}
	mounted := map[string]bool{}
	for _, device := range answer.BlockDevices {
		// Memory that poses as a drive keeps nothing, and an optical drive
		// keeps nothing of its own.
		if device.Type != "disk" || strings.HasPrefix(device.Name, "zram") {
			continue
		}
		drive, known := drives[device.Name]
		delete(drives, device.Name)
		switch {
		case inContainer:
		case !known:
			t.Errorf("lsblk shows the drive %s, the agent does not", device.Name)
		case drive.SizeBytes != device.Size:
			t.Errorf("drive %s has %d bytes, lsblk says %d", device.Name, drive.SizeBytes, device.Size)
		case device.Serial != "" && drive.Serial != device.Serial:
			t.Errorf("drive %s has serial %q, lsblk says %q", device.Name, drive.Serial, device.Serial)
		case device.Model != "" && drive.Model != strings.TrimSpace(device.Model):
			t.Errorf("drive %s is a %q, lsblk says %q", device.Name, drive.Model, device.Model)
		}
		for _, point := range device.mounts() {
			mounted[point] = true
		}
	}
	for name := range drives {
		t.Errorf("the agent shows the drive %s, lsblk does not", name)
	}
	for _, volume := range got.Volumes {
		if volume.Drive != "" && !mounted[volume.Mount] {
			t.Errorf("the agent shows a volume at %s, lsblk none", volume.Mount)
		}
	}
	if mounted["/"] && !slices.ContainsFunc(got.Volumes, func(v report.Volume) bool { return v.Mount == "/" && v.SizeBytes > 0 }) {
		t.Error("lsblk shows a volume at /, the agent does not")
	}
}

// mounts lists where the device and all that lies on it is mounted.
func (b blockDevice) mounts() []string {
	points := slices.DeleteFunc(b.Mountpoints, func(point string) bool { return point == "" })
	for _, child := range b.Children {
		points = append(points, child.mounts()...)
	}
	return points
}

func TestInterfacesAgreeWithIP(t *testing.T) {
	type address struct {
		Local     netip.Addr
		PrefixLen int
		Scope     string
		Temporary bool
	}
	type link struct {
		IfName, Address, PermAddr, OperState string
		MTU                                  int
		Flags                                []string
		AddrInfo                             []address `json:"addr_info"`
	}
	got := map[string]report.Interface{}
	for _, one := range facts[report.Network](t, "network").Interfaces {
		got[one.Device] = one
	}
	for _, link := range saysJSON[[]link](t, "iproute2", "ip", "-j", "addr") {
		if slices.Contains(link.Flags, "LOOPBACK") || strings.HasPrefix(link.IfName, "veth") {
			continue
		}
		one, known := got[link.IfName]
		delete(got, link.IfName)
		if !known {
			t.Errorf("ip shows the interface %s, the agent does not", link.IfName)
			continue
		}
		if one.MAC != "" && one.MAC != link.Address && one.MAC != link.PermAddr {
			t.Errorf("%s has the address %s, ip says %s", link.IfName, one.MAC, link.Address)
		}
		if one.MTU != link.MTU || one.Up != (link.OperState == "UP" || (link.OperState == "UNKNOWN" && slices.Contains(link.Flags, "LOWER_UP"))) {
			t.Errorf("%s: MTU %d, up %v; ip says %d, %s", link.IfName, one.MTU, one.Up, link.MTU, link.OperState)
		}
		var want []string
		for _, info := range link.AddrInfo {
			if (info.Scope == "global" || info.Scope == "site") && !info.Temporary {
				want = append(want, netip.PrefixFrom(info.Local, info.PrefixLen).String())
			}
		}
		if diff := cmp.Diff(want, one.Addresses, cmpopts.EquateEmpty(), cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("addresses of %s differ (-ip +agent):\n%s", link.IfName, diff)
		}
	}
	for name := range got {
		t.Errorf("the agent shows the interface %s, ip does not", name)
	}
}

func TestPackagesAreThoseOfDpkg(t *testing.T) {
	var want, got []string
	for line := range strings.Lines(says(t, "dpkg", "dpkg-query", "-W", "-f", `${db:Status-Status} ${Package} ${Version} ${Architecture}\n`)) {
		if title, installed := strings.CutPrefix(strings.TrimSpace(line), "installed "); installed {
			want = append(want, title)
		}
	}
	for _, one := range facts[report.Software](t, "software").Packages {
		if one.Source == "deb" {
			got = append(got, strings.Join([]string{one.Title, one.Version, one.Arch}, " "))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages differ (-dpkg +agent):\n%s", diff)
	}
}
