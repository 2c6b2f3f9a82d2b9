package update

import (
	"archive/tar"
	"context"
	"crypto/sha1" // apk names its files by it
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"holdfast/agent/collect/software/apk"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
	"holdfast/shared/report"
	"holdfast/shared/version"
)

// apkSources lists the database of apk, and the indexes of the repositories
// that it keeps where it was told to, or for a while in any case.
func apkSources(h host.Host) ([]string, error) {
	sources := []string{"/lib/apk/db/installed", "/usr/lib/apk/db/installed"}
	repositories, err := h.ReadFile("/etc/apk/repositories")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(repositories)) {
		// A repository with a tag, such as "@edge https://...", is there for
		// the packages that somebody picks from it, not for updates.
		if url := strings.TrimSpace(line); url != "" && url[0] != '#' && url[0] != '@' {
			sources = append(sources, apkIndex(h, url))
		}
	}
	return sources, nil
}

// apkIndex is where apk keeps the index of a repository: its name has the
// first four bytes of the address's SHA-1.
func apkIndex(h host.Host, url string) string {
	name := fmt.Sprintf("APKINDEX.%x.tar.gz", sha1.Sum([]byte(url)))
	name = name[:len("APKINDEX.12345678")] + ".tar.gz"
	if chosen := "/etc/apk/cache/" + name; h.Exists(chosen) {
		return chosen
	}
	return "/var/cache/apk/" + name
}

// apkChecked is when apk last fetched an index.
func apkChecked(h host.Host) time.Time {
	sources, err := apkSources(h)
	if err != nil {
		return time.Time{}
	}
	return changed(h, sources[2:]...)
}

// apkWaiting compares what is installed with the newest version in any index.
// Unless all of them are there, nothing is known. The indexes do not tell
// which updates mend security.
func apkWaiting(ctx context.Context, h host.Host, sources []string) (waiting, error) {
	packages, err := apk.Installed(ctx, h)
	if err != nil {
		return waiting{}, err
	}
	newest := map[string]string{}
	for _, p := range packages {
		newest[p.Title] = p.Version
	}
	indexes := slices.DeleteFunc(slices.Clone(sources[2:]), func(index string) bool { return !h.Exists(index) })
	if len(indexes) == 0 || len(indexes) < len(sources)-2 {
		return waiting{}, nil
	}
	for _, index := range indexes {
		if ctx.Err() != nil {
			return waiting{}, ctx.Err()
		}
		if err := openIndex(h, index, newest); err != nil {
			return waiting{}, fmt.Errorf("read %s: %w", index, err)
		}
	}
	found := waiting{known: true}
	for _, p := range packages {
		if to := newest[p.Title]; to != p.Version {
			found.updates = append(found.updates, report.PendingUpdate{Title: p.Title, From: p.Version, To: to})
		}
	}
	return found, nil
}

func openIndex(h host.Host, path string, newest map[string]string) error {
	file, err := h.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return readIndex(file, newest)
}

// readIndex raises newest to what the index has of the same titles. An index
// is one archive made of several compressed streams: signatures, and the file
// APKINDEX.
func readIndex(file io.Reader, newest map[string]string) error {
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	archive := tar.NewReader(plain)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if entry.Name != "APKINDEX" {
			continue
		}
		paragraphs := text.Paragraphs(archive)
		for paragraphs.Scan() {
			name := text.Value(paragraphs.Bytes(), "P:")
			known, installed := newest[string(name)]
			if !installed {
				continue
			}
			if offered := text.Value(paragraphs.Bytes(), "V:"); version.APK(string(offered), known) > 0 {
				newest[string(name)] = string(offered)
			}
		}
		if err := paragraphs.Err(); err != nil {
			return err
		}
	}
}
