package solv_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/collect/update/solv"
	"holdfast/agent/host/hosttest"
)

func read(content []byte) (solv.Repository, error) {
	file := io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))
	return solv.Read(file, func(name []byte) bool {
		return string(name) == "openssl-libs" || string(name) == "bash"
	})
}

// captured gives a file of the captured machines of package update.
func captured(t testing.TB, machine, path string) []byte {
	t.Helper()
	content, err := hosttest.Open(t, "../testdata/"+machine+".txtar").ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestOnlyWantedPackagesAreRead(t *testing.T) {
	for _, c := range []struct {
		machine, path string
		want          solv.Repository
	}{
		{"fedora", "/var/cache/dnf/updates.solv", solv.Repository{Packages: []solv.Package{
			{Name: "openssl-libs", EVR: "1:3.2.2-3.fc40", Arch: "x86_64", Vendor: "Fedora Project"},
			{Name: "openssl-libs", EVR: "1:3.2.2-1.fc40", Arch: "x86_64", Vendor: "Fedora Project"},
		}}},
		{"fedora", "/var/cache/dnf/updates-updateinfo.solvx", solv.Repository{Mended: []solv.Package{
			{Name: "openssl-libs", EVR: "1:3.2.2-1.fc40", Arch: "x86_64"},
			{Name: "bash", EVR: "5.0-1", Arch: "x86_64"},
		}}},
		{"suse", "/var/cache/zypp/solv/SLES15-SP6-Updates/solv", solv.Repository{
			Packages: []solv.Package{{Name: "bash", EVR: "4.4-150400.27.9.1", Arch: "x86_64", Vendor: "SUSE LLC <https://www.suse.com/>"}},
			Mended:   []solv.Package{{Name: "bash", EVR: "4.4-150400.27.9.1", Arch: "x86_64"}},
		}},
	} {
		got, err := read(captured(t, c.machine, c.path))
		if err != nil {
			t.Fatalf("%s: %v", c.path, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", c.path, diff)
		}
	}
}

func TestFileThatIsCutShortIsRefused(t *testing.T) {
	content := captured(t, "fedora", "/var/cache/dnf/updates.solv")
	for _, size := range []int{0, 3, 35, 60, 400, len(content) / 2} {
		if _, err := read(content[:size]); err == nil {
			t.Errorf("%d of %d bytes were read without an error", size, len(content))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(captured(f, "fedora", "/var/cache/dnf/updates.solv"))
	f.Add(captured(f, "fedora", "/var/cache/dnf/updates-updateinfo.solvx"))
	f.Add(captured(f, "suse", "/var/cache/zypp/solv/SLES15-SP6-Updates/solv"))
	f.Fuzz(func(t *testing.T, content []byte) {
		repository, err := read(content)
		if err != nil {
			return
		}
		for _, p := range repository.Packages {
			if p.Name != "openssl-libs" && p.Name != "bash" {
				t.Errorf("%+v was not wanted", p)
			}
		}
	})
}
