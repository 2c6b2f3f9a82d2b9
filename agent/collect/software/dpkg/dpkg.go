// Package dpkg reads the packages of Debian, Ubuntu and their kin from the
// database that dpkg keeps in text files.
//
// A package counts as installed when dpkg-query gives its status as
// "installed". One that was removed and left its configuration behind is not,
// nor is one whose installation stopped half-way.
package dpkg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Folder is where dpkg keeps its database.
const Folder = "/var/lib/dpkg"

// Entry is one installed package.
type Entry struct {
	Name, Version, Arch string
	Maintainer          string
	SizeKiB             int64
	sameArch            bool // Multi-Arch: same, so that it can be there for several architectures
	installed           bool
}

// Installed lists the installed packages.
func Installed(ctx context.Context, h host.Host) ([]report.Package, error) {
	entries, err := Entries(ctx, h)
	if errors.Is(err, collect.ErrAbsent) {
		return nil, err
	}
	publishers := map[string]string{}
	packages := make([]report.Package, 0, len(entries))
	for _, e := range entries {
		publisher, known := publishers[e.Maintainer]
		if !known {
			publisher = text.Publisher(e.Maintainer)
			publishers[e.Maintainer] = publisher
		}
		packages = append(packages, report.Package{
			Title:       e.Name,
			Version:     e.Version,
			Arch:        e.Arch,
			Publisher:   publisher,
			InstalledOn: installedOn(h, e),
			SizeBytes:   e.SizeKiB << 10,
		})
	}
	return packages, err
}

// installedOn is the day on which dpkg wrote the list of the package's files,
// which it does when it unpacks a version. It records no date of its own.
func installedOn(h host.Host, e Entry) report.Date {
	name := e.Name
	if e.sameArch {
		name += ":" + e.Arch
	}
	info, err := h.Stat(Folder + "/info/" + name + ".list")
	if err != nil {
		return ""
	}
	return text.Day(info.ModTime().Unix(), h.Now().Location())
}

// Entries lists the installed packages in the order of the database. It
// returns collect.ErrAbsent where there is no database.
func Entries(ctx context.Context, h host.Host) ([]Entry, error) {
	files, err := databaseFiles(h)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	names := text.Interned{}
	var problems []error
	for _, file := range files {
		if ctx.Err() != nil {
			return entries, ctx.Err()
		}
		found, err := readFile(h, file, names)
		if err != nil {
			problems = append(problems, err)
		}
		if entries == nil {
			entries = found
			continue
		}
		for _, e := range found {
			entries = replace(entries, e)
		}
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool { return !e.installed })
	return entries, errors.Join(problems...)
}

// databaseFiles lists the files that make up the database: the status file;
// the journal of an unfinished run of dpkg, numbered, each holding newer
// states; and one file a package where there is no status file, which is how
// distroless container images record theirs.
func databaseFiles(h host.Host) ([]string, error) {
	status := Folder + "/status"
	if h.Exists(status) {
		journal, err := h.Glob(Folder + "/updates/[0-9]*")
		return append([]string{status}, journal...), err
	}
	files, err := h.Glob(Folder + "/status.d/*")
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, ".md5sums") })
	if len(files) == 0 {
		return nil, collect.ErrAbsent
	}
	return files, nil
}

func replace(entries []Entry, e Entry) []Entry {
	for i, old := range entries {
		if old.Name == e.Name && old.Arch == e.Arch {
			entries[i] = e
			return entries
		}
	}
	return append(entries, e)
}

func readFile(h host.Host, path string, names text.Interned) ([]Entry, error) {
	file, err := h.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the journal was merged since it was listed
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var entries []Entry
	paragraphs := text.Paragraphs(file)
	for paragraphs.Scan() {
		if e, is := parse(paragraphs.Bytes(), names); is {
			entries = append(entries, e)
		}
	}
	if err := paragraphs.Err(); err != nil {
		return entries, fmt.Errorf("read %s: %w", path, err)
	}
	return entries, nil
}

// parse reads one paragraph, as deb822(5) and dpkg's own lib/dpkg/parse.c
// have it. The status is three words: what is wanted, whether an error is
// flagged, and the state. No status at all is that of status.d: installed.
func parse(paragraph []byte, names text.Interned) (Entry, bool) {
	e := Entry{
		Name:       string(text.Value(paragraph, "Package:")),
		Version:    string(text.Value(paragraph, "Version:")),
		Arch:       names.String(text.Value(paragraph, "Architecture:")),
		Maintainer: names.String(text.Value(paragraph, "Maintainer:")),
		sameArch:   string(text.Value(paragraph, "Multi-Arch:")) == "same",
	}
	status := text.Value(paragraph, "Status:")
	e.installed = len(status) == 0 || strings.HasSuffix(string(status), " installed")
	// A size that is no number is one that is not known.
	if size, err := strconv.ParseInt(string(text.Value(paragraph, "Installed-Size:")), 10, 64); err == nil && size > 0 && size < 1<<50 {
		e.SizeKiB = size
	}
	return e, e.Name != ""
}
