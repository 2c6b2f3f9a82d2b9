package rpm

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // writes what the reader must read

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// The real peer: packages are built and put into a database by rpm itself,
// and what rpm then lists is what must be read.
func TestInstalledIsWhatRpmLists(t *testing.T) {
	root := t.TempDir()
	fillDatabase(t, root)
	packages, err := Installed(t.Context(), host.Captured(host.Capture{Root: root, Now: time.Now()}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed(t, root), lines(packages)); diff != "" {
		t.Errorf("packages differ (-rpm +ours):\n%s", diff)
	}
}

// A program that has the database open keeps the latest changes in the log
// beside it.
func TestPackagesInTheWriteAheadLogAreRead(t *testing.T) {
	root := t.TempDir()
	fillDatabase(t, root)
	before := listed(t, root)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(root, "/var/lib/rpm/rpmdb.sqlite")+
		"?_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint(0)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, change := range []string{
		"CREATE TABLE Copy AS SELECT * FROM Packages",
		"DELETE FROM Packages",
		"INSERT INTO Packages SELECT hnum + 1000, blob FROM Copy WHERE length(blob) > 10000",
	} {
		if _, err := db.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	packages, err := Installed(t.Context(), host.Captured(host.Capture{Root: root, Now: time.Now()}))
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(before, func(line string) bool { return !strings.HasPrefix(line, "many-files ") })
	if diff := cmp.Diff(want, lines(packages)); diff != "" {
		t.Errorf("packages differ (-want +got):\n%s", diff)
	}
}

// fillDatabase has rpm build packages and list them as installed in a new
// database below root.
func fillDatabase(t *testing.T, root string) {
	t.Helper()
	folder := filepath.Join(root, "/var/lib/rpm")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	build := t.TempDir()
	for _, p := range []struct{ name, version, extra string }{
		{"small", "1.0", "Vendor: Fedora Project"},
		{"with-epoch", "2.0~rc1", "Epoch: 3\nVendor: SUSE LLC <https://www.suse.com/>"},
		{"many-files", "2024", "Packager: Acme <a@acme.example>"},
		{"gpg-pubkey", "a15b79cc", ""},
	} {
		spec := fmt.Sprintf(`Name: %s
Version: %s
Release: 1
Summary: A test
License: MIT
BuildArch: noarch
%s
%%description
A test.
%%install
mkdir -p %%{buildroot}/opt/x
for i in $(seq 1 300); do [ %[1]s = many-files ] || [ $i = 1 ] && echo $i > %%{buildroot}/opt/x/a-file-with-the-number-$i; done; true
%%files
/opt/x
`, p.name, p.version, p.extra)
		path := filepath.Join(build, p.name+".spec")
		if err := os.WriteFile(path, []byte(spec), 0o644); err != nil {
			t.Fatal(err)
		}
		run(t, "rpmbuild", "-bb", "--quiet", "--define", "_topdir "+build, "--target", "noarch", path)
	}
	built, err := filepath.Glob(filepath.Join(build, "RPMS/noarch/*.rpm"))
	if err != nil {
		t.Fatal(err)
	}
	run(t, "rpm", append([]string{"--dbpath", folder, "--nodeps", "--justdb", "--ignoreos", "-i"}, built...)...)
}

// listed asks rpm for its packages.
func listed(t *testing.T, root string) []string {
	t.Helper()
	output := run(t, "rpm", "--dbpath", filepath.Join(root, "/var/lib/rpm"), "-qa", "--qf",
		`%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH} %{LONGSIZE} %{INSTALLTIME}\n`)
	var want []string
	for line := range strings.Lines(output) {
		words := strings.Fields(line)
		if words[0] == "gpg-pubkey" {
			continue
		}
		var seconds int64
		fmt.Sscan(words[4], &seconds)
		words[4] = time.Unix(seconds, 0).Format(time.DateOnly)
		want = append(want, strings.Join(words, " "))
	}
	slices.Sort(want)
	if len(want) != 3 {
		t.Fatalf("rpm lists %q", output)
	}
	return want
}

func lines(packages []report.Package) []string {
	var got []string
	for _, p := range packages {
		got = append(got, fmt.Sprintf("%s %s %s %d %s", p.Title, p.Version, p.Arch, p.SizeBytes, p.InstalledOn))
	}
	slices.Sort(got)
	return got
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	output, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("this test needs %s (Debian: apt-get install rpm): %v", name, err)
	}
	return string(output)
}
