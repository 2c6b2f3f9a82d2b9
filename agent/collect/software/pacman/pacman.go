// Package pacman reads the packages of Arch Linux and its kin from the folder
// in which pacman keeps one description a package.
package pacman

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Folder is where pacman keeps one folder for each installed package.
const Folder = "/var/lib/pacman/local"

// Installed lists the installed packages. A package whose description cannot
// be read is left out and named in the error.
func Installed(ctx context.Context, h host.Host) ([]report.Package, error) {
	folders, err := h.ReadDir(Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, collect.ErrAbsent
	}
	if err != nil {
		return nil, err
	}
	var packages []report.Package
	var problems []error
	for _, folder := range folders {
		if ctx.Err() != nil {
			return packages, ctx.Err()
		}
		if !folder.IsDir() {
			continue // ALPM_DB_VERSION
		}
		description, err := h.ReadFile(Folder + "/" + folder.Name() + "/desc")
		if err != nil {
			problems = append(problems, fmt.Errorf("read package %s: %w", folder.Name(), err))
			continue
		}
		if p := parse(string(description), h.Now().Location()); p.Title != "" {
			packages = append(packages, p)
		}
	}
	return packages, errors.Join(problems...)
}

// parse reads a description: paragraphs of which the first line is the name
// of a value in percent signs, and the next one the value.
func parse(description string, zone *time.Location) report.Package {
	var p report.Package
	key := ""
	for line := range strings.Lines(description) {
		line = strings.TrimSpace(line)
		if len(line) > 2 && line[0] == '%' && line[len(line)-1] == '%' {
			key = line
			continue
		}
		switch key {
		case "%NAME%":
			p.Title = line
		case "%VERSION%":
			p.Version = line
		case "%ARCH%":
			p.Arch = line
		case "%PACKAGER%":
			if line != "Unknown Packager" {
				p.Publisher = text.Publisher(line)
			}
		case "%SIZE%":
			p.SizeBytes = max(0, number(line))
		case "%INSTALLDATE%":
			p.InstalledOn = text.Day(number(line), zone)
		}
		key = "" // the value is one line; what a list holds beyond it is not wanted
	}
	return p
}

// number reads a number; one that cannot be read is not known, which is 0.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Split takes the name of a package's folder apart: name-version-release.
// Both are empty when it is not one.
func Split(folder string) (name, version string) {
	release := strings.LastIndexByte(folder, '-')
	if release <= 0 {
		return "", ""
	}
	at := strings.LastIndexByte(folder[:release], '-')
	if at <= 0 {
		return "", ""
	}
	return folder[:at], folder[at+1:]
}
