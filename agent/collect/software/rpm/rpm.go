// Package rpm reads the packages of Fedora, Red Hat, SUSE and their kin
// directly from the database of rpm, without the program rpm.
//
// The database is one of three kinds, by the age and taste of the
// distribution: SQLite (Fedora, RHEL 9), "ndb" (SUSE) or a Berkeley DB hash
// (RHEL and CentOS up to 8). Each holds one header, in rpm's own format
// (header.go), for each package.
//
// All three readers are our own, because each needs one walk over one table;
// package sqlite says what a library would cost.
package rpm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"holdfast/agent/collect"
	"holdfast/agent/collect/sqlite"
	"holdfast/agent/collect/window"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// reader walks the headers of one kind of database. The bytes given to visit
// are good until it returns; an error of visit ends the walk.
type reader func(h host.Host, path string, visit func(header []byte) error) error

// maxHeader bounds one package header. Those of the largest packages, with
// tens of thousands of files, take a few MiB.
const maxHeader = 64 << 20

// readSQLite walks the headers in rpm's table Packages (hnum, blob).
func readSQLite(h host.Host, path string, visit func([]byte) error) error {
	return sqlite.Walk(h, path, "Packages", func(row []sqlite.Value) error {
		if len(row) != 2 {
			return fmt.Errorf("%w: %d columns in place of 2", window.ErrDamaged, len(row))
		}
		return visit(row[1].Bytes())
	})
}

func readNDB(h host.Host, path string, visit func([]byte) error) error {
	return readFile(h, path, visit, walkNDB)
}

func readBerkeley(h host.Host, path string, visit func([]byte) error) error {
	return readFile(h, path, visit, walkBerkeley)
}

func readFile(h host.Host, path string, visit func([]byte) error, walk func(*io.SectionReader, func([]byte) error) error) error {
	file, err := window.Open(h, path)
	if err != nil {
		return err
	}
	defer file.Close()
	return walk(file.SectionReader, visit)
}

// databases lists where a database can be, the newer places and kinds first,
// since a migration leaves the old files behind.
func databases() []struct {
	path string
	read reader
} {
	return []struct {
		path string
		read reader
	}{
		{"/usr/lib/sysimage/rpm/rpmdb.sqlite", readSQLite},
		{"/usr/lib/sysimage/rpm/Packages.db", readNDB},
		{"/usr/lib/sysimage/rpm/Packages", readBerkeley},
		{"/var/lib/rpm/rpmdb.sqlite", readSQLite},
		{"/var/lib/rpm/Packages.db", readNDB},
		{"/var/lib/rpm/Packages", readBerkeley},
	}
}

// Files lists where a database and its log can be. What is installed has not
// changed when none of them has.
func Files() []string {
	var files []string
	for _, database := range databases() {
		files = append(files, database.path, database.path+"-wal")
	}
	return files
}

// Installed lists the installed packages. The keys that rpm keeps among them
// as packages named gpg-pubkey are left out. Headers that cannot be read are
// counted in the error.
func Installed(ctx context.Context, h host.Host) ([]report.Package, error) {
	for _, database := range databases() {
		packages, err := list(ctx, h, func(visit func([]byte) error) error {
			return database.read(h, database.path, visit)
		})
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return packages, fmt.Errorf("read %s: %w", database.path, err)
		}
		if len(packages) == 0 {
			// rpm on a Debian machine, to build packages: a database of none.
			return nil, collect.ErrAbsent
		}
		return packages, nil
	}
	return nil, collect.ErrAbsent
}

func list(ctx context.Context, h host.Host, walk func(visit func(header []byte) error) error) ([]report.Package, error) {
	var packages []report.Package
	var broken error
	zone := h.Now().Location()
	err := walk(func(header []byte) error {
		p, err := parseHeader(header, zone)
		switch {
		case err != nil:
			broken = err
		case p.Title != "gpg-pubkey":
			packages = append(packages, p)
		}
		return ctx.Err()
	})
	return packages, errors.Join(err, broken)
}
