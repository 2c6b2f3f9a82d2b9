package update

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"holdfast/agent/collect/software/pacman"
	"holdfast/agent/host"
	"holdfast/shared/report"
	"holdfast/shared/version"
)

const pacmanSync = "/var/lib/pacman/sync/"

// pacmanSources lists the folder of what is installed, and the databases of
// the repositories that are in use, in the order in which pacman asks them.
func pacmanSources(h host.Host) ([]string, error) {
	settings, err := h.ReadFile("/etc/pacman.conf")
	if err != nil {
		return nil, err
	}
	sources := []string{pacman.Folder}
	for line := range strings.Lines(string(settings)) {
		line = strings.TrimSpace(line)
		if name, is := strings.CutPrefix(line, "["); is && strings.HasSuffix(name, "]") && name != "options]" {
			sources = append(sources, pacmanSync+strings.TrimSuffix(name, "]")+".db")
		}
	}
	return sources, nil
}

// pacmanChecked is when pacman last fetched a database. The databases
// themselves have the time of the mirror.
func pacmanChecked(h host.Host) time.Time { return changed(h, pacmanSync) }

// pacmanWaiting compares what is installed with the first repository that has
// it, as "pacman -Qu" does. The databases do not tell which updates mend
// security.
func pacmanWaiting(ctx context.Context, h host.Host, sources []string) (waiting, error) {
	folders, err := h.ReadDir(pacman.Folder)
	if err != nil {
		return waiting{}, err
	}
	installed := map[string]string{}
	for _, folder := range folders {
		if name, present := pacman.Split(folder.Name()); folder.IsDir() && name != "" {
			installed[name] = present
		}
	}
	found := waiting{known: len(sources) > 1}
	for _, source := range sources[1:] {
		if ctx.Err() != nil {
			return waiting{}, ctx.Err()
		}
		if !h.Exists(source) {
			return waiting{}, nil // never fetched
		}
		updates, err := openSync(h, source, installed)
		if err != nil {
			return waiting{}, fmt.Errorf("read %s: %w", source, err)
		}
		found.updates = append(found.updates, updates...)
	}
	return found, nil
}

func openSync(h host.Host, path string, installed map[string]string) ([]report.PendingUpdate, error) {
	file, err := h.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readSync(file, installed)
}

// readSync lists the updates that a repository has, and takes what it knows
// from installed. Its database is an archive of one folder a package, whose
// name has the version, so the content of no file is wanted.
func readSync(file io.Reader, installed map[string]string) ([]report.PendingUpdate, error) {
	plain, err := unpacked(file)
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	var updates []report.PendingUpdate
	archive := tar.NewReader(plain)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return updates, nil
		}
		if err != nil {
			return nil, err
		}
		folder, _, _ := strings.Cut(entry.Name, "/")
		name, offered := pacman.Split(folder)
		from, is := installed[name]
		if !is {
			continue
		}
		delete(installed, name)
		if version.Pacman(offered, from) > 0 {
			updates = append(updates, report.PendingUpdate{Title: name, From: from, To: offered})
		}
	}
}

// unpacked tells by the first bytes how a database is compressed, since its
// name does not.
func unpacked(file io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(file, 64<<10)
	magic, err := buffered.Peek(4)
	if err != nil {
		return nil, err
	}
	switch {
	case magic[0] == 0x1f && magic[1] == 0x8b:
		return gzip.NewReader(buffered)
	case string(magic) == "\x28\xb5\x2f\xfd":
		reader, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return reader.IOReadCloser(), nil
	}
	return nil, errors.New("it is compressed in a way that is not known here")
}
