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

func TestVersionsAreOrderedAsDpkgOrdersThem(t *testing.T) {
	for _, c := range versionPairs() {
		if got := sign(dpkg.Compare(c.a, c.b)); got != c.want {
			t.Errorf("Compare(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := sign(dpkg.Compare(c.b, c.a)); got != -c.want {
			t.Errorf("Compare(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
		operator := map[int]string{-1: "lt", 0: "eq", 1: "gt"}[c.want]
		if err := exec.Command("dpkg", "--compare-versions", c.a, operator, c.b).Run(); err != nil {
			t.Errorf("dpkg itself says that %q is not %s %q: %v", c.a, operator, c.b, err)
		}
	}
}

type versionPair struct {
	a, b string
	want int
}

func versionPairs() []versionPair {
	return []versionPair{
		{"1.0", "1.0", 0},
		{"1.0", "1.00", 0},
		{"1.0", "1.0-0", 0},
		{"0:1.0", "1.0", 0},
		{"1:0.1", "9.9", 1},
		{"1.2", "1.10", -1},
		{"1.0~rc1", "1.0", -1},
		{"1.0~~", "1.0~", -1},
		{"1.0~", "1.0", -1},
		{"1.0a", "1.0", 1},
		{"1.0a", "1.0+", -1},
		{"1.0-1", "1.0-1+b1", -1},
		{"1.0-1+deb12u1", "1.0-1+deb12u10", -1},
		{"2.36-9+deb12u9", "2.36-9+deb12u14", -1},
		{"5.15.0-1ubuntu1~22.04.1", "5.15.0-1ubuntu1", -1},
		{"1.0-1-1", "1.0-1", 1},
		{"20240203", "9", 1},
		{"00000000000000000000000001", "1", 0},
		{"99999999999999999999999999", "100000000000000000000000000", -1},
		{"1.0.", "1.0", 1},
		{"1.", "1a", 1},
		{"1.0-a", "1.0-1", 1},
	}
}

func FuzzCompare(f *testing.F) {
	for _, c := range versionPairs() {
		f.Add(c.a, c.b, c.b)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if dpkg.Compare(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if sign(dpkg.Compare(a, b)) != -sign(dpkg.Compare(b, a)) {
			t.Errorf("the order of %q and %q depends on which comes first", a, b)
		}
		if dpkg.Compare(a, b) <= 0 && dpkg.Compare(b, c) <= 0 && dpkg.Compare(a, c) > 0 {
			t.Errorf("%q <= %q <= %q, but the first is newer than the last", a, b, c)
		}
	})
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
