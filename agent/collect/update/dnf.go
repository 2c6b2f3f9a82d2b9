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

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/rpm"
	"holdfast/agent/collect/software/text"
	"holdfast/agent/collect/update/solv"
	"holdfast/agent/host"
	"holdfast/shared/report"
	"holdfast/shared/version"
)

// rpmManager is a package manager above rpm that is built on libsolv: dnf,
// dnf5 or zypper. It keeps what it learnt of each repository as solv files.
type rpmManager struct {
	settings string // of the repositories, a pattern
	// caches are patterns of the solv files of a repository, %s being its
	// name: the first that matches is that of its packages.
	caches []string
	// advisories are those of the security advisories, where they are apart.
	advisories []string
	stamps     string // what changes when the manager asked, a pattern
	keepVendor bool   // whether an update must come from the same vendor
}

func dnf() rpmManager {
	return rpmManager{
		settings:   "/etc/yum.repos.d/*.repo",
		caches:     []string{"/var/cache/libdnf5/%s-*/solv/%[1]s.solv", "/var/cache/dnf/%s.solv"},
		advisories: []string{"/var/cache/libdnf5/%s-*/solv/%[1]s-updateinfo.solvx", "/var/cache/dnf/%s-updateinfo.solvx"},
		stamps:     "/var/cache/dnf/last_makecache",
	}
}

func zypper() rpmManager {
	return rpmManager{
		settings:   "/etc/zypp/repos.d/*.repo",
		caches:     []string{"/var/cache/zypp/solv/%s/solv"},
		stamps:     "/var/cache/zypp/solv/*/cookie",
		keepVendor: true,
	}
}

// rpmRepository is a repository that is in use.
type rpmRepository struct {
	name             string
	optional         bool // whether the manager does without it when it is not there
	cache, advisory  string
	cached, advisors bool
}

// sources lists the database of rpm, the settings of the repositories, and
// the files that are kept of those in use.
func (m rpmManager) sources(h host.Host) ([]string, error) {
	sources := rpm.Files()
	settings, err := h.Glob(m.settings)
	if err != nil {
		return nil, err
	}
	sources = append(sources, settings...)
	repositories, err := m.repositories(h, settings)
	for _, repository := range repositories {
		sources = append(sources, repository.cache, repository.advisory)
	}
	return sources, err
}

// checked is when a file was last fetched, or found to be current.
func (m rpmManager) checked(h host.Host) time.Time {
	sources, err := m.sources(h)
	if err != nil {
		return time.Time{}
	}
	stamps, err := h.Glob(m.stamps)
	if err != nil {
		return time.Time{}
	}
	caches := slices.DeleteFunc(sources, func(source string) bool { return !strings.HasPrefix(source, "/var/cache/") })
	return changed(h, append(caches, stamps...)...)
}

// repositories lists the repositories that are in use.
func (m rpmManager) repositories(h host.Host, settings []string) ([]rpmRepository, error) {
	var repositories []rpmRepository
	for _, file := range settings {
		content, err := h.ReadFile(file)
		if err != nil {
			return nil, err
		}
		repositories = append(repositories, parseRepositories(string(content))...)
	}
	for i := range repositories {
		one := &repositories[i]
		var err, advisoryErr error
		one.cache, one.cached, err = firstMatch(h, m.caches, one.name)
		one.advisory, one.advisors, advisoryErr = firstMatch(h, m.advisories, one.name)
		if err := errors.Join(err, advisoryErr); err != nil {
			return nil, err
		}
	}
	return repositories, nil
}

func firstMatch(h host.Host, patterns []string, name string) (file string, found bool, err error) {
	for _, pattern := range patterns {
		files, err := h.Glob(fmt.Sprintf(pattern, name))
		if err != nil {
			return "", false, err
		}
		if len(files) > 0 {
			return files[0], true, nil
		}
	}
	return "", false, nil
}

// parseRepositories reads the enabled sections of a .repo file.
func parseRepositories(settings string) []rpmRepository {
	var repositories []rpmRepository
	off := false
	drop := func() {
		if off {
			repositories = repositories[:len(repositories)-1]
		}
		off = false
	}
	for line := range strings.Lines(settings) {
		line = strings.TrimSpace(line)
		if name, is := strings.CutPrefix(line, "["); is && strings.HasSuffix(name, "]") {
			drop()
			repositories = append(repositories, rpmRepository{name: strings.TrimSuffix(name, "]")})
			continue
		}
		key, value, is := strings.Cut(line, "=")
		if !is || len(repositories) == 0 {
			continue
		}
		value = strings.ToLower(strings.TrimSpace(value))
		no := slices.Contains([]string{"0", "no", "false", "off"}, value)
		switch strings.TrimSpace(key) {
		case "enabled":
			off = no
		case "skip_if_unavailable":
			repositories[len(repositories)-1].optional = !no
		}
	}
	drop()
	return repositories
}

// installedRPM is the newest installed version of a package; of a kernel
// there are several.
type installedRPM struct {
	report.Package
	to       string
	security bool
}

// waiting compares what is installed with the newest version of the same name
// and architecture in any repository, as "dnf check-update" and "zypper
// list-updates" do; settings that exclude or lock a package are not weighed.
// Unless every repository in use is kept, nothing is known.
func (m rpmManager) waiting(ctx context.Context, h host.Host, sources []string) (waiting, error) {
	settings := slices.DeleteFunc(slices.Clone(sources), func(source string) bool { return path.Ext(source) != ".repo" })
	repositories, err := m.repositories(h, settings)
	if err != nil {
		return waiting{}, err
	}
	repositories = slices.DeleteFunc(repositories, func(r rpmRepository) bool { return r.optional && !r.cached })
	if len(repositories) == 0 || slices.ContainsFunc(repositories, func(r rpmRepository) bool { return !r.cached }) {
		return waiting{}, nil
	}
	packages, err := rpm.Installed(ctx, h)
	if errors.Is(err, collect.ErrAbsent) {
		return waiting{}, nil
	}
	if err != nil {
		return waiting{}, err
	}
	installed := map[string]*installedRPM{}
	names := map[string]int{} // to how many architectures
	for _, p := range packages {
		key := p.Title + "." + p.Arch
		known, is := installed[key]
		if is && version.RPM(known.Version, p.Version) >= 0 {
			continue
		}
		if !is {
			names[p.Title]++
		}
		installed[key] = &installedRPM{Package: p}
	}
	found := waiting{known: true}
	for _, repository := range repositories {
		if ctx.Err() != nil {
			return waiting{}, ctx.Err()
		}
		for _, file := range []string{repository.cache, repository.advisory} {
			if file == "" {
				continue
			}
			repo, err := openSolv(h, file, names)
			if err != nil {
				return waiting{}, fmt.Errorf("read %s: %w", file, err)
			}
			found.knowsSecurity = found.knowsSecurity || len(repo.Mended) > 0 || repository.advisors
			m.weigh(installed, repo)
		}
	}
	for _, p := range installed {
		if p.to == "" {
			continue
		}
		title := p.Title
		if names[title] > 1 {
			title += "." + p.Arch
		}
		found.updates = append(found.updates, report.PendingUpdate{
			Title: title, From: p.Version, To: p.to, Security: p.security,
		})
	}
	return found, nil
}

// weigh notes what a repository has that is newer.
func (m rpmManager) weigh(installed map[string]*installedRPM, repo solv.Repository) {
	for _, offer := range repo.Packages {
		p, is := installed[offer.Name+"."+offer.Arch]
		if !is || m.keepVendor && text.Publisher(offer.Vendor) != p.Publisher {
			continue
		}
		if version.RPM(offer.EVR, p.Version) > 0 && (p.to == "" || version.RPM(offer.EVR, p.to) > 0) {
			p.to = offer.EVR
		}
	}
	for _, mended := range repo.Mended {
		if p, is := installed[mended.Name+"."+mended.Arch]; is && version.RPM(mended.EVR, p.Version) > 0 {
			p.security = true
		}
	}
}

func openSolv(h host.Host, name string, names map[string]int) (solv.Repository, error) {
	file, err := h.Open(name)
	if err != nil {
		return solv.Repository{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return solv.Repository{}, err
	}
	return solv.Read(io.NewSectionReader(file, 0, info.Size()), func(name []byte) bool { return names[string(name)] > 0 })
}
