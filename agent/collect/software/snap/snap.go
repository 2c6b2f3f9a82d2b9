// Package snap reads the snaps of a machine from the description that each
// carries, which is there to read because every installed snap is mounted.
package snap

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Installed lists the snaps in use. A snap that is disabled is not mounted,
// and is left out.
func Installed(ctx context.Context, h host.Host) ([]report.Package, error) {
	if !h.Exists("/var/lib/snapd/snaps") {
		return nil, collect.ErrAbsent
	}
	// Distributions without classic snaps mount below /var/lib/snapd/snap.
	var links []string
	for _, mounts := range []string{"/snap", "/var/lib/snapd/snap"} {
		found, err := h.Glob(mounts + "/*/current")
		if err != nil {
			return nil, err
		}
		if links = found; len(links) > 0 {
			break
		}
	}
	publishers, err := readPublishers(h)
	problems := []error{err}
	var packages []report.Package
	for _, link := range links {
		if ctx.Err() != nil {
			return packages, ctx.Err()
		}
		p, err := read(h, link)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		p.Publisher = publishers[p.Title]
		packages = append(packages, p)
	}
	return packages, errors.Join(problems...)
}

// read describes the snap whose current revision is linked at link. Its day
// and size are those of the image that was downloaded.
func read(h host.Host, link string) (report.Package, error) {
	description, err := h.ReadFile(link + "/meta/snap.yaml")
	if err != nil {
		return report.Package{}, err
	}
	p := report.Package{
		Title:   path.Base(path.Dir(link)), // a second instance is name_key, unlike in its description
		Version: scalar(description, "version:"),
	}
	revision, err := h.Readlink(link)
	if err != nil {
		return report.Package{}, fmt.Errorf("read the revision of snap %s: %w", p.Title, err)
	}
	image, err := h.Stat("/var/lib/snapd/snaps/" + p.Title + "_" + path.Base(revision) + ".snap")
	if err == nil { // a snap under development has no image
		p.SizeBytes = image.Size()
		p.InstalledOn = text.Day(image.ModTime().Unix(), h.Now().Location())
	}
	return p, nil
}

// scalar reads a plain value at the top of a YAML document. The store accepts
// no snap whose version spans lines, so a YAML library would bring nothing.
func scalar(document []byte, key string) string {
	value := string(text.Value(document, key))
	if value != "" && (value[0] == '\'' || value[0] == '"') {
		value, _, _ = strings.Cut(value[1:], value[:1])
		return value
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}

const assertions = "/var/lib/snapd/assertions/asserts-v0/"

// readPublishers gives the publisher of each snap that came from the store:
// the store's signed declaration of the snap names an account, and another
// one names its holder.
func readPublishers(h host.Host) (map[string]string, error) {
	accounts := map[string]string{}
	publishers := map[string]string{}
	declarations, err := h.Glob(assertions + "snap-declaration/*/*/active*")
	if err != nil {
		return nil, err
	}
	for _, file := range declarations {
		declaration, err := h.ReadFile(file)
		if err != nil {
			return publishers, err
		}
		account := string(text.Value(declaration, "publisher-id:"))
		if _, known := accounts[account]; !known && account != "" {
			holder, err := readAccount(h, account)
			if err != nil {
				return publishers, err
			}
			accounts[account] = holder
		}
		publishers[string(text.Value(declaration, "snap-name:"))] = accounts[account]
	}
	return publishers, nil
}

func readAccount(h host.Host, account string) (string, error) {
	files, err := h.Glob(assertions + "account/" + account + "/active*")
	if err != nil || len(files) == 0 {
		return "", err // the account of a snap that was put there by hand
	}
	content, err := h.ReadFile(files[len(files)-1])
	return string(text.Value(content, "display-name:")), err
}
