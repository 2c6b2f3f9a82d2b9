// Package solv reads the files in which dnf and zypper keep what they know of
// a repository: libsolv's own form, version 8 or 9 (libsolv's
// src/repo_solv.c).
//
// Such a file has tens of megabytes. Of these only what concerns the wanted
// packages is kept, so the strings are gone over twice: to find the numbers
// of the wanted names, and the strings of the numbers that are found beside
// them in the records.
package solv

import (
	"errors"
	"io"
	"strings"
)

// Repository is what a file has of the wanted packages.
type Repository struct {
	Packages []Package
	// Mended are the versions that advisories for security bring.
	Mended []Package
}

// Package is a version of a package; EVR is [epoch:]version-release.
type Package struct{ Name, EVR, Arch, Vendor string }

var errForm = errors.New("it is not a solv file")

// Read reads a file for the packages of wanted names.
func Read(file *io.SectionReader, wanted func(name []byte) bool) (Repository, error) {
	p := &parser{
		source: source{file: file}, left: file.Size(),
		words: map[uint32]string{}, wanted: map[uint32]bool{},
	}
	p.head()
	p.readStrings(func(number uint32, s []byte) {
		if isWord(string(s)) {
			p.words[number] = string(s)
		} else if wanted(s) {
			p.wanted[number] = true
		}
	})
	p.skipRelations()
	p.readKeys()
	p.readSchemata()
	p.skipBlocks()
	p.number() // the longest record
	p.number() // the length of the data
	p.record(p.number(), nil, 0)
	if err := p.failure(); err != nil {
		return Repository{}, err
	}
	names := map[uint32]string{}
	for _, found := range [][]record{p.packages, p.mended} {
		for _, one := range found {
			for _, number := range one.numbers {
				names[number] = ""
			}
		}
	}
	p.readStrings(func(number uint32, s []byte) {
		if _, is := names[number]; is {
			names[number] = string(s)
		}
	})
	return Repository{Packages: resolve(p.packages, names), Mended: resolve(p.mended, names)}, p.failure()
}

// resolve puts strings in the place of their numbers.
func resolve(records []record, names map[uint32]string) []Package {
	var packages []Package
	for _, r := range records {
		packages = append(packages, Package{
			Name: names[r.numbers[name]], EVR: names[r.numbers[evr]],
			Arch: names[r.numbers[arch]], Vendor: names[r.numbers[vendor]],
		})
	}
	return packages
}

// meaning is what a value says, if it matters.
type meaning int

const (
	nothing meaning = iota
	name
	evr
	arch
	vendor
	meanings // how many of them are kept by number
	category
	collection
	solvables
)

// meaningOf tells it from the name of its key: a value of a package, of an
// advisory, or of a package that an advisory names.
func meaningOf(key string) meaning {
	switch key {
	case "solvable:name", "update:collection:name":
		return name
	case "solvable:evr", "update:collection:evr":
		return evr
	case "solvable:arch", "update:collection:arch":
		return arch
	case "solvable:vendor":
		return vendor
	case "solvable:patchcategory":
		return category
	case "update:collection":
		return collection
	case "repository:solvables":
		return solvables
	}
	return nothing
}

const kindPrefix = "repokey:type:"

// isWord reports whether the form itself uses the string.
func isWord(s string) bool { return meaningOf(s) != nothing || strings.HasPrefix(s, kindPrefix) }

// record is a package or an advisory, with the numbers of its strings.
type record struct {
	numbers    [meanings]uint32
	security   bool
	collection []record // the packages that an advisory names
}

// record reads a record into r, or drops what it holds.
func (p *parser) record(schema uint32, r *record, depth int) {
	const maxDepth = 5
	if p.left--; int(schema) >= len(p.schemata) || depth > maxDepth || p.left < 0 {
		p.refuse("its records run in circles")
		return
	}
	for _, number := range p.schemata[schema] {
		key := p.keys[number]
		switch {
		case p.failure() != nil:
			return
		case key.storage == storageBlock:
		case key.storage == storageVertical:
			p.number() // where
			p.number() // and how much
		case key.kind == "id" && key.meaning < meanings && r != nil:
			r.numbers[key.meaning] = p.number()
		case key.kind == "str" && key.meaning == category && r != nil:
			r.security = string(p.source.text(nil)) == "security"
		case key.kind == "fixarray", key.kind == "flexarray":
			p.records(key, r, depth)
		default:
			p.skip(key.kind)
		}
	}
}

// records reads an array of records.
func (p *parser) records(key key, parent *record, depth int) {
	count := p.number()
	var schema uint32
	for i := uint32(0); i < count && p.failure() == nil; i++ {
		if i == 0 || key.kind == "flexarray" {
			schema = p.number()
		}
		var r record
		p.record(schema, &r, depth+1)
		switch {
		case depth == 0 && key.meaning == solvables:
			if p.wanted[r.numbers[name]] {
				p.packages = append(p.packages, r)
			}
			if r.security {
				p.mended = append(p.mended, r.collection...)
			}
		case key.meaning == collection && parent != nil && p.wanted[r.numbers[name]]:
			parent.collection = append(parent.collection, r)
		}
	}
}
