package update

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"holdfast/agent/collect/software/text"
	"holdfast/agent/host"
)

// aptPolicy is which versions apt prefers: apt_preferences(5).
type aptPolicy struct {
	releases []aptRelease
	pins     []aptPin
	target   string // APT::Default-Release
}

// aptRelease is an archive, as its Release file describes it.
type aptRelease struct {
	prefix                          string // of the names of its lists
	origin, label, suite, codename  string
	version                         string
	notAutomatic, automaticUpgrades bool
}

// aptPin is a record of the preferences.
type aptPin struct {
	packages []string // globs, or "*"
	kind     string   // release, origin or version
	terms    []string
	priority int
}

// aptList is one list of packages.
type aptList struct {
	path      string
	host      string
	component string
	release   aptRelease
	security  bool
	usual     int      // priority of what no pin names
	pins      []aptPin // those that name packages
}

// readPolicy reads the descriptions of the archives, the preferences, and the
// one setting of apt that bears on them.
func readPolicy(h host.Host, sources []string) (aptPolicy, error) {
	var policy aptPolicy
	for _, source := range sources {
		name := path.Base(source)
		switch {
		case path.Dir(source) == aptLists && strings.HasSuffix(name, "Release"):
			release, err := readRelease(h, source)
			if err != nil {
				return policy, fmt.Errorf("read %s: %w", source, err)
			}
			policy.releases = append(policy.releases, release)
		case name == "preferences", path.Dir(source) == "/etc/apt/preferences.d" && (path.Ext(name) == ".pref" || path.Ext(name) == ""):
			policy.pins = append(policy.pins, parsePins([]byte(h.Text(source)))...)
		case name == "apt.conf", path.Dir(source) == "/etc/apt/apt.conf.d" && (path.Ext(name) == ".conf" || path.Ext(name) == ""):
			if found := defaultRelease.FindStringSubmatch(h.Text(source)); found != nil {
				policy.target = found[1]
			}
		}
	}
	return policy, nil
}

var defaultRelease = regexp.MustCompile(`(?m)^\s*APT::Default-Release\s+"([^"]*)"`)

// readRelease reads the first lines of a Release or InRelease file; the long
// rest is checksums.
func readRelease(h host.Host, source string) (aptRelease, error) {
	file, err := h.Open(source)
	if err != nil {
		return aptRelease{}, err
	}
	defer file.Close()
	head := make([]byte, 8<<10)
	n, err := file.Read(head)
	if n == 0 {
		return aptRelease{}, err
	}
	release := parseRelease(head[:n])
	name := path.Base(source)
	release.prefix = strings.TrimSuffix(strings.TrimSuffix(name, "Release"), "In")
	return release, nil
}

func parseRelease(head []byte) aptRelease {
	value := func(key string) string { return string(text.Value(head, key)) }
	return aptRelease{
		origin: value("Origin:"), label: value("Label:"), suite: value("Suite:"),
		codename: value("Codename:"), version: value("Version:"),
		notAutomatic: value("NotAutomatic:") == "yes", automaticUpgrades: value("ButAutomaticUpgrades:") == "yes",
	}
}

// isSecurity reports whether the archive is one for security updates, as
// Debian, Ubuntu and its extended support name theirs.
func (r aptRelease) isSecurity() bool {
	return strings.HasSuffix(r.suite, "-security") || strings.HasSuffix(r.codename, "-security") ||
		strings.HasSuffix(r.label, "-Security")
}

// list describes the list at path: the archive whose name it starts with, and
// the priority that its versions have.
func (p aptPolicy) list(file string) aptList {
	name := path.Base(file)
	list := aptList{path: file}
	list.host, _, _ = strings.Cut(name, "_")
	for _, release := range p.releases {
		if strings.HasPrefix(name, release.prefix) && len(release.prefix) > len(list.release.prefix) {
			list.release = release
		}
	}
	list.component, _, _ = strings.Cut(strings.TrimPrefix(name, list.release.prefix), "_binary-")
	list.security = list.release.isSecurity()
	switch {
	case p.target != "" && (p.target == list.release.suite || p.target == list.release.codename):
		list.usual = 990
	case list.release.notAutomatic && list.release.automaticUpgrades:
		list.usual = 100
	case list.release.notAutomatic:
		list.usual = 1
	default:
		list.usual = 500
	}
	general := false
	for _, pin := range p.pins {
		if !pin.isGeneral() {
			list.pins = append(list.pins, pin)
		} else if !general && pin.matchesList(list) {
			list.usual, general = pin.priority, true
		}
	}
	return list
}

// ofInstalled is the priority of an installed version, whatever list has it.
func (p aptPolicy) ofInstalled(name, version string) int {
	for _, pin := range p.pins {
		if pin.names(name) && pin.matchesVersion(version) {
			return pin.priority
		}
	}
	return 100
}

// priority is that of a version of a package in the list: the first record
// that names the package decides, else the usual.
func (l aptList) priority(name, version string) int {
	for _, pin := range l.pins {
		if pin.names(name) && (pin.matchesList(l) || pin.matchesVersion(version)) {
			return pin.priority
		}
	}
	return l.usual
}

func (p aptPin) isGeneral() bool { return len(p.packages) == 1 && p.packages[0] == "*" }

func (p aptPin) names(name string) bool {
	for _, pattern := range p.packages {
		if pattern != "*" && glob(pattern, name) {
			return true
		}
	}
	return false
}

func (p aptPin) matchesVersion(version string) bool {
	return p.kind == "version" && len(p.terms) == 1 && glob(p.terms[0], version)
}

func (p aptPin) matchesList(l aptList) bool {
	switch p.kind {
	case "origin":
		return len(p.terms) == 1 && glob(strings.Trim(p.terms[0], `"`), l.host)
	case "release":
		for _, term := range p.terms {
			if !l.matchesTerm(term) {
				return false
			}
		}
		return len(p.terms) > 0
	}
	return false
}

func (l aptList) matchesTerm(term string) bool {
	key, pattern, has := strings.Cut(term, "=")
	if !has {
		return glob(term, l.release.suite) || glob(term, l.release.codename) || glob(term, l.release.version)
	}
	value := map[string]string{
		"a": l.release.suite, "n": l.release.codename, "o": l.release.origin,
		"l": l.release.label, "v": l.release.version, "c": l.component,
	}
	known, is := value[strings.TrimSpace(key)]
	return is && glob(strings.Trim(pattern, `" `), known)
}

// parsePins reads preferences. A record that does not make sense is left out,
// as apt would refuse to work with it.
func parsePins(preferences []byte) []aptPin {
	var pins []aptPin
	paragraphs := text.Paragraphs(bytes.NewReader(preferences))
	for paragraphs.Scan() {
		paragraph := paragraphs.Bytes()
		priority, err := strconv.Atoi(string(text.Value(paragraph, "Pin-Priority:")))
		if err != nil {
			continue
		}
		kind, rest, _ := strings.Cut(string(text.Value(paragraph, "Pin:")), " ")
		pin := aptPin{
			packages: strings.Fields(string(text.Value(paragraph, "Package:"))),
			kind:     kind,
			priority: priority,
		}
		for term := range strings.SplitSeq(rest, ",") {
			pin.terms = append(pin.terms, strings.TrimSpace(term))
		}
		if len(pin.packages) > 0 {
			pins = append(pins, pin)
		}
	}
	return pins
}

// glob matches as fnmatch(3) does, or a regular expression between slashes.
func glob(pattern, value string) bool {
	if expression, is := strings.CutPrefix(pattern, "/"); is && strings.HasSuffix(expression, "/") {
		compiled, err := regexp.Compile(strings.TrimSuffix(expression, "/"))
		return err == nil && compiled.MatchString(value)
	}
	matched, err := path.Match(pattern, value)
	return err == nil && matched
}
