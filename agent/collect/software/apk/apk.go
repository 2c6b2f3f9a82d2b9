// Package apk reads the packages of Alpine Linux from the text file in which
// apk lists what it installed.
//
// apk records neither the day of an installation nor a publisher other than
// the maintainer.
package apk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Installed lists the installed packages.
func Installed(_ context.Context, h host.Host) ([]report.Package, error) {
	file, err := open(h)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, collect.ErrAbsent
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var packages []report.Package
	names := text.Interned{}
	paragraphs := text.Paragraphs(file)
	for paragraphs.Scan() {
		if p := parse(paragraphs.Bytes(), names); p.Title != "" {
			packages = append(packages, p)
		}
	}
	if err := paragraphs.Err(); err != nil {
		return packages, fmt.Errorf("read %s: %w", file.Name(), err)
	}
	return packages, nil
}

// open opens the database, which apk 3 moved below /usr.
func open(h host.Host) (*os.File, error) {
	file, err := h.Open("/lib/apk/db/installed")
	if errors.Is(err, fs.ErrNotExist) {
		return h.Open("/usr/lib/apk/db/installed")
	}
	return file, err
}

// parse reads one paragraph; the letters are those of the index format
// (https://wiki.alpinelinux.org/wiki/Apk_spec).
func parse(paragraph []byte, names text.Interned) report.Package {
	p := report.Package{
		Title:     string(text.Value(paragraph, "P:")),
		Version:   string(text.Value(paragraph, "V:")),
		Arch:      names.String(text.Value(paragraph, "A:")),
		Publisher: text.Publisher(names.String(text.Value(paragraph, "m:"))),
	}
	// A size that is no number is one that is not known.
	if size, err := strconv.ParseInt(string(text.Value(paragraph, "I:")), 10, 64); err == nil && size > 0 {
		p.SizeBytes = size
	}
	return p
}
