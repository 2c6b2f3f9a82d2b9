// Package rpm reads the packages of Fedora, Red Hat, SUSE and their kin
// directly from the database of rpm, without the program rpm.
//
// The database is one of three kinds, by the age and taste of the
// distribution: SQLite (Fedora, RHEL 9), "ndb" (SUSE) or a Berkeley DB hash
// (RHEL and CentOS up to 8). Each holds one header, in rpm's own format
// (header.go), for each package.
//
// All three readers are our own, because each needs one walk over one table.
// The pure Go SQLite library would add 4.0 MB to a binary of at most 20 MB
// and 3 MiB to the memory of a collection of at most 30 MiB (measured). Told
// to leave the database's folder alone, it also ignores the write-ahead log,
// and so the latest packages. The price is sqlite.go and wal.go.
package rpm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"holdfast/agent/collect"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// reader walks the headers of one kind of database. The bytes given to visit
// are good until it returns; an error of visit ends the walk.
type reader func(h host.Host, path string, file *io.SectionReader, visit func(header []byte) error) error

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
		file, err := h.Open(database.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		whole, err := section(file)
		if err != nil {
			return nil, err
		}
		packages, err := list(ctx, h, func(visit func([]byte) error) error {
			return database.read(h, database.path, whole, visit)
		})
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

// section is a file with its size, as it is now.
func section(file *os.File) (*io.SectionReader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(file, 0, info.Size()), nil
}
