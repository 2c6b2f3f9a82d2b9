// Package flatpak reads the applications that were installed for all users
// with flatpak. The runtimes that they share are left out, as are those that
// a user installed into the own home, which is the user's affair.
package flatpak

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

const folder = "/var/lib/flatpak/app"

// Installed lists the applications.
func Installed(ctx context.Context, h host.Host) ([]report.Package, error) {
	if !h.Exists(folder) {
		return nil, collect.ErrAbsent
	}
	deployments, err := h.Glob(folder + "/*/current/active")
	if err != nil {
		return nil, err
	}
	var packages []report.Package
	var problems []error
	for _, active := range deployments {
		if ctx.Err() != nil {
			return packages, ctx.Err()
		}
		p, err := read(h, active)
		if err != nil {
			problems = append(problems, err)
		}
		packages = append(packages, p)
	}
	return packages, errors.Join(problems...)
}

// read describes the deployment that the path app/ID/current/active is a link
// to. Name, version and developer stand in the application's own description
// (AppStream), which it may lack; then its ID is its name.
func read(h host.Host, active string) (report.Package, error) {
	current := path.Dir(active)
	id := path.Base(path.Dir(current))
	p := report.Package{Title: id}
	if branch, err := h.Readlink(current); err == nil { // ARCH/BRANCH
		p.Arch = path.Dir(branch)
	}
	if deployed, err := h.Stat(active + "/deploy"); err == nil {
		p.InstalledOn = text.Day(deployed.ModTime().Unix(), h.Now().Location())
	}
	descriptions, err := h.Glob(active + "/files/share/*/" + id + ".*.xml")
	if err != nil || len(descriptions) == 0 {
		return p, err
	}
	file, err := h.Open(descriptions[0])
	if err != nil {
		return p, err
	}
	defer file.Close()
	const maxDescription = 4 << 20
	if err := describe(io.LimitReader(file, maxDescription), &p); err != nil {
		return p, fmt.Errorf("read the description of %s: %w", id, err)
	}
	return p, nil
}

// describe reads a description (freedesktop.org AppStream, "upstream
// metadata"). Texts come in many languages, of which the one without
// xml:lang is the original; releases come newest first.
func describe(r io.Reader, p *report.Package) error {
	decoder := xml.NewDecoder(r)
	var open []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			open = append(open, token.Name.Local)
			if where := strings.Join(open[1:], "/"); where == "releases/release" && p.Version == "" {
				p.Version = attribute(token, "version")
			}
			if attribute(token, "lang") != "" {
				if err := decoder.Skip(); err != nil {
					return err
				}
				open = open[:len(open)-1]
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) < 2 {
				continue
			}
			switch strings.Join(open[1:], "/") {
			case "name":
				p.Title = strings.TrimSpace(string(token))
			case "developer/name", "developer_name":
				p.Publisher = strings.TrimSpace(string(token))
			}
		}
	}
}

func attribute(element xml.StartElement, name string) string {
	for _, a := range element.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
