package update

import (
	"bytes"
	"strings"
	"testing"

	"holdfast/agent/host/hosttest"
)

func FuzzPreferences(f *testing.F) {
	f.Add([]byte("Package: nodejs\nPin: version 18.*\nPin-Priority: 1001\n\nPackage: *\nPin: release o=Debian, n=book*\nPin-Priority: -1\n"), "nodejs", "18.1")
	f.Add([]byte("Package: /^a/\nPin: origin \"x\"\nPin-Priority: 1\n"), "a", "1")
	f.Fuzz(func(t *testing.T, preferences []byte, name, version string) {
		policy := aptPolicy{pins: parsePins(preferences), releases: []aptRelease{parseRelease(preferences)}}
		list := policy.list(aptLists + "/x_dists_y_main_binary-amd64_Packages")
		list.priority(name, version) // must not panic
		if len(policy.pins) == 0 && policy.ofInstalled(name, version) != 100 {
			t.Error("a priority without a record")
		}
	})
}

func FuzzRepositories(f *testing.F) {
	f.Add("[fedora]\nenabled=0\n[updates]\nskip_if_unavailable=True\n")
	f.Add("enabled=0\n[]\nenabled = no")
	f.Fuzz(func(t *testing.T, settings string) {
		if found, sections := len(parseRepositories(settings)), strings.Count(settings, "["); found > sections {
			t.Errorf("%d repositories in %d sections", found, sections)
		}
	})
}

func FuzzSyncDatabase(f *testing.F) {
	content, err := hosttest.Open(f, "testdata/arch.txtar").ReadFile("/var/lib/pacman/sync/core.db")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = readSync(bytes.NewReader(content), map[string]string{"bash": "5.2.037-1"}) // must not panic or hang
	})
}

func FuzzIndex(f *testing.F) {
	h := hosttest.Open(f, "testdata/alpine.txtar")
	sources, err := apkSources(h)
	if err != nil {
		f.Fatal(err)
	}
	content, err := h.ReadFile(sources[len(sources)-1])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Fuzz(func(_ *testing.T, content []byte) {
		_ = readIndex(bytes.NewReader(content), map[string]string{"nginx": "1.0-r0"}) // must not panic or hang
	})
}

func TestPreferencesAreWeighedAsAptDoes(t *testing.T) {
	policy := aptPolicy{
		target: "bookworm",
		releases: []aptRelease{
			{prefix: "deb.debian.org_debian_dists_bookworm_", suite: "stable", codename: "bookworm", origin: "Debian"},
			{prefix: "deb.debian.org_debian_dists_bookworm-backports_", codename: "bookworm-backports", notAutomatic: true, automaticUpgrades: true},
			{prefix: "deb.debian.org_debian_dists_experimental_", suite: "experimental", notAutomatic: true},
			{prefix: "apt.example.org_.", origin: "Example", label: "In House"},
		},
		pins: parsePins([]byte(`Package: tool-* other
Pin: release o=Example, l=In House
Pin-Priority: 900

Package: fixed
Pin: version 1.2*
Pin-Priority: 1001

Package: *
Pin: origin "apt.example.org"
Pin-Priority: 200
`)),
	}
	for _, c := range []struct {
		list, name, version string
		want                int
	}{
		{"deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages", "x", "1", 990},
		{"deb.debian.org_debian_dists_bookworm-backports_main_binary-amd64_Packages", "x", "1", 100},
		{"deb.debian.org_debian_dists_experimental_main_binary-amd64_Packages", "x", "1", 1},
		{"unknown.example.org_dists_a_main_binary-amd64_Packages", "x", "1", 500},
		{"apt.example.org_._Packages", "x", "1", 200},
		{"apt.example.org_._Packages", "tool-a", "1", 900},
		{"deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages", "tool-a", "1", 990},
		{"deb.debian.org_debian_dists_experimental_main_binary-amd64_Packages", "fixed", "1.2.3", 1001},
		{"deb.debian.org_debian_dists_experimental_main_binary-amd64_Packages", "fixed", "1.3", 1},
	} {
		if got := policy.list(aptLists+"/"+c.list).priority(c.name, c.version); got != c.want {
			t.Errorf("%s %s in %s has priority %d, want %d", c.name, c.version, c.list, got, c.want)
		}
	}
}
