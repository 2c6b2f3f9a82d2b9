package dpkg_test

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/collect/software/dpkg"
	"holdfast/agent/host"
	"holdfast/agent/host/hosttest"
)

// The real peer: this machine's dpkg-query.
func TestInstalledIsWhatDpkgQueryListsAsInstalled(t *testing.T) {
	output, err := exec.Command("dpkg-query", "-W", "-f",
		"${db:Status-Status} ${Package}:${Architecture} ${Version} ${Installed-Size}\n").Output()
	if err != nil {
		t.Fatalf("this test needs dpkg-query: %v", err)
	}
	var want []string
	for line := range strings.Lines(string(output)) {
		if rest, is := strings.CutPrefix(strings.TrimSpace(line), "installed "); is {
			want = append(want, strings.TrimSuffix(rest, " "))
		}
	}
	entries, err := dpkg.Entries(t.Context(), host.New())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name+":"+e.Arch+" "+e.Version+" "+strconv.FormatInt(e.SizeKiB, 10))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages differ (-dpkg-query +ours):\n%s", diff)
	}
	if len(got) < 10 {
		t.Errorf("only %d packages on a Debian machine", len(got))
	}
}

func TestEveryInstalledPackageHasItsDay(t *testing.T) {
	packages, err := dpkg.Installed(t.Context(), host.New())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		if p.InstalledOn == "" || p.Publisher == "" {
			t.Errorf("%s:%s was installed on %q, published by %q", p.Title, p.Arch, p.InstalledOn, p.Publisher)
		}
	}
}

func TestJournalOfDpkgOverridesStatus(t *testing.T) {
	h := hosttest.Machine(t, `
-- /var/lib/dpkg/status --
Package: kept
Status: install ok installed
Architecture: all
Version: 1

Package: upgraded
Status: install ok installed
Architecture: amd64
Version: 1

Package: removed
Status: install ok installed
Architecture: amd64
Version: 1
-- /var/lib/dpkg/updates/0000 --
Package: upgraded
Status: install ok installed
Architecture: amd64
Version: 2
-- /var/lib/dpkg/updates/0001 --
Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1
-- /var/lib/dpkg/updates/0002 --
Package: added
Status: install ok installed
Architecture: amd64
Version: 1
-- /var/lib/dpkg/updates/tmp.i --
Package: half
Status: install ok inst`)
	entries, err := dpkg.Entries(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name+" "+e.Version)
	}
	if diff := cmp.Diff([]string{"kept 1", "upgraded 2", "added 1"}, got); diff != "" {
		t.Errorf("packages differ (-want +got):\n%s", diff)
	}
}
