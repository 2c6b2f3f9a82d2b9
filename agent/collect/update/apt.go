package update

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"holdfast/agent/collect/software/dpkg"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
	"holdfast/shared/report"
	"holdfast/shared/version"
)

const aptLists = "/var/lib/apt/lists"

// aptSources lists the database of dpkg, the lists of packages that apt
// downloaded, and what says which of them count.
func aptSources(h host.Host) ([]string, error) {
	sources := []string{dpkg.Folder + "/status", "/etc/apt/preferences", "/etc/apt/apt.conf"}
	for _, pattern := range []string{
		aptLists + "/*_Packages*", aptLists + "/*Release",
		"/etc/apt/preferences.d/*", "/etc/apt/apt.conf.d/*",
	} {
		found, err := h.Glob(pattern)
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	return sources, nil
}

// aptChecked is when apt last looked for new lists: it leaves a stamp where
// it does so by itself, and works in the folder partial in any case. The
// lists themselves have the time of the archive.
func aptChecked(h host.Host) time.Time {
	return changed(h, aptLists+"/partial", "/var/lib/apt/periodic/update-success-stamp")
}

// title is an installed package, and what the lists have for it.
type title struct {
	name, installed string
	// floor is the priority that a newer version needs: that of the installed
	// one, or of an older one that is pinned so high that it is wanted.
	floor    int
	best     string // the newest version of the highest priority
	priority int
	security int // highest priority of a newer version from a security archive
}

// aptWaiting compares what is installed with the lists as apt_preferences(5)
// has it: of the versions of the highest priority, the newest. It counts what
// "apt list --upgradable" shows, and so packages that are held or phased too.
//
// An update counts as one for security when a security archive has any newer
// version than the installed one, even if another archive has a newer still.
func aptWaiting(ctx context.Context, h host.Host, sources []string) (waiting, error) {
	entries, err := dpkg.Entries(ctx, h)
	if err != nil {
		return waiting{}, err
	}
	policy, err := readPolicy(h, sources)
	if err != nil {
		return waiting{}, err
	}
	native := "amd64"
	if at := slices.IndexFunc(entries, func(e dpkg.Entry) bool { return e.Name == "dpkg" }); at >= 0 {
		native = entries[at].Arch
	}
	titles := make(map[string]*title, len(entries))
	for _, e := range entries {
		name := aptName(e.Name, e.Arch, native)
		titles[name] = &title{name: name, installed: e.Version, floor: policy.ofInstalled(e.Name, e.Version)}
	}
	lists := 0
	for _, source := range sources {
		if !strings.Contains(path.Base(source), "_Packages") {
			continue
		}
		if err := readList(ctx, h, policy.list(source), native, titles); err != nil {
			return waiting{}, fmt.Errorf("read %s: %w", source, err)
		}
		lists++
	}
	found := waiting{known: lists > 0, knowsSecurity: true}
	for _, t := range titles {
		if t.best != "" && t.priority >= t.floor {
			found.updates = append(found.updates, report.PendingUpdate{
				Title: t.name, From: t.installed, To: t.best, Security: t.security >= t.floor,
			})
		}
	}
	return found, nil
}

// aptName is the name by which apt tells a package of another architecture
// from that of the machine.
func aptName(name, arch, native string) string {
	if arch == native || arch == "all" {
		return name
	}
	return name + ":" + arch
}

// readList reads one list for what it has of the installed titles.
func readList(ctx context.Context, h host.Host, list aptList, native string, titles map[string]*title) error {
	file, err := h.Open(list.path)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := decompress(list.path, file)
	if err != nil {
		return err
	}
	defer plain.Close()
	foreign := strings.Contains(list.path, "_binary-") && !strings.Contains(list.path, "_binary-"+native+"_") &&
		!strings.Contains(list.path, "_binary-all_")
	paragraphs := text.Paragraphs(plain)
	for n := 0; paragraphs.Scan(); n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		paragraph := paragraphs.Bytes()
		name := text.Value(paragraph, "Package:")
		t, wanted := titles[string(name)]
		if foreign {
			t, wanted = titles[aptName(string(name), string(text.Value(paragraph, "Architecture:")), native)]
		}
		if !wanted {
			continue
		}
		if version := text.Value(paragraph, "Version:"); len(version) > 0 {
			t.offer(string(name), string(version), list)
		}
	}
	return paragraphs.Err()
}

// offer weighs a version that a list has.
func (t *title) offer(name, offered string, list aptList) {
	priority := list.priority(name, offered)
	order := 0
	if offered != t.installed {
		order = version.Deb(offered, t.installed)
	}
	switch {
	case order == 0, order < 0 && priority >= 1000: // so high that apt would go back to it
		t.floor = max(t.floor, priority)
		return
	case order < 0 || priority < 0:
		return
	}
	if list.security {
		t.security = max(t.security, priority)
	}
	if t.best == "" || priority > t.priority || priority == t.priority && version.Deb(offered, t.best) > 0 {
		t.best, t.priority = offered, priority
	}
}

// decompress opens a list in whichever way apt keeps it.
func decompress(name string, file io.Reader) (io.ReadCloser, error) {
	switch path.Ext(name) {
	case ".lz4":
		return io.NopCloser(newLZ4Reader(file)), nil
	case ".gz":
		return gzip.NewReader(file)
	case ".zst":
		reader, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return reader.IOReadCloser(), nil
	}
	if strings.HasSuffix(name, "_Packages") {
		return io.NopCloser(file), nil
	}
	return nil, errors.New("it is compressed in a way that is not known here")
}
