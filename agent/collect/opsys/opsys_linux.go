package opsys

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect reads what the distribution and the kernel say of themselves.
func (OS) Collect(_ context.Context, h host.Host) (report.Section, error) {
	facts := &report.OS{
		Family:      "linux",
		Kernel:      h.Text("/proc/sys/kernel/osrelease"),
		Build:       h.Text("/proc/sys/kernel/version"),
		InstalledOn: installed(h),
		TimeZone:    timeZone(h),
		Language:    language(h),
	}
	distribution(h, facts)
	name(h, facts)
	var archErr, bootErr error
	facts.Arch, archErr = h.Arch()
	facts.BootedAt, bootErr = booted(h)
	return facts, errors.Join(archErr, bootErr)
}

// distribution reads os-release(5).
func distribution(h host.Host, facts *report.OS) {
	release := settings(h.Text("/etc/os-release"))
	if len(release) == 0 {
		release = settings(h.Text("/usr/lib/os-release"))
	}
	facts.ID = release["ID"]
	facts.Title = release["NAME"]
	facts.Version = release["VERSION_ID"]
	facts.Codename = release["VERSION_CODENAME"]
	facts.Edition = release["VARIANT"]
	if build := release["BUILD_ID"]; build != "" {
		facts.Build = build
	}
	// VERSION_ID stops at the release; the point release, which tells patched
	// from unpatched, stands elsewhere: Ubuntu writes it into VERSION
	// ("22.04.5 LTS (Jammy Jellyfish)"), Debian into a file of its own.
	precise, _, _ := strings.Cut(release["VERSION"], " ")
	for _, precise := range []string{precise, h.Text("/etc/debian_version")} {
		if facts.Version != "" && strings.HasPrefix(precise, facts.Version+".") {
			facts.Version = precise
		}
	}
}

// settings reads shell-like lines of NAME=value.
func settings(text string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, is := strings.Cut(strings.TrimSpace(line), "=")
		if is && !strings.HasPrefix(name, "#") {
			found[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return found
}

// name finds what the device is called and the domain that it belongs to: the
// one in its own name, else the one of its line in the hosts file, else the
// one that the name servers were told to try.
func name(h host.Host, facts *report.OS) {
	full := h.Text("/proc/sys/kernel/hostname")
	if full == "" || full == "(none)" {
		full = h.Text("/etc/hostname")
	}
	facts.Hostname, facts.Domain, _ = strings.Cut(full, ".")
	for _, candidate := range []string{hostsDomain(h, facts.Hostname), searchDomain(h)} {
		if facts.Domain == "" {
			facts.Domain = candidate
		}
	}
	if facts.Domain == "localdomain" {
		facts.Domain = ""
	}
}

func hostsDomain(h host.Host, hostname string) string {
	for line := range strings.Lines(h.Text("/etc/hosts")) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			short, domain, dotted := strings.Cut(word, ".")
			if dotted && hostname != "" && strings.EqualFold(short, hostname) {
				return strings.TrimSuffix(domain, ".")
			}
		}
	}
	return ""
}

func searchDomain(h host.Host) string {
	domain := ""
	for line := range strings.Lines(h.Text("/etc/resolv.conf")) {
		words := strings.Fields(line)
		if len(words) > 1 && (words[0] == "search" || words[0] == "domain") {
			domain = words[1] // resolv.conf(5): the last line wins
		}
	}
	return strings.TrimSuffix(domain, ".")
}

// booted reads when the kernel started.
func booted(h host.Host) (time.Time, error) {
	content, err := h.ReadFile("/proc/stat")
	if err != nil {
		return time.Time{}, fmt.Errorf("read the time of the start: %w", err)
	}
	for line := range strings.Lines(string(content)) {
		if value, is := strings.CutPrefix(line, "btime "); is {
			seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			if err != nil {
				return time.Time{}, fmt.Errorf("read the time of the start: %w", err)
			}
			return time.Unix(seconds, 0).UTC(), nil
		}
	}
	return time.Time{}, errors.New("read the time of the start: /proc/stat does not tell it")
}

// installed finds the day on which the system was installed.
//
// The machine id is written once, at the end of an installation or at the
// first start of an image, belongs to no package, and keeps its time over
// upgrades and restores; so it dates this device and not the image that it
// was made from, as the birth of the root file system or of /lost+found would.
// The installer's own log is second. A day before 2000 or after now is that
// of an image built without a clock and says nothing.
func installed(h host.Host) report.Date {
	for _, path := range []string{"/etc/machine-id", "/var/log/installer", "/root/anaconda-ks.cfg", "/lost+found"} {
		info, err := h.Stat(path)
		if err != nil || (path == "/etc/machine-id" && info.Size() == 0) {
			continue
		}
		if changed := info.ModTime().UTC(); changed.Year() >= 2000 && !changed.After(h.Now()) {
			return report.DateOf(changed)
		}
	}
	return ""
}

func timeZone(h host.Host) string {
	if target, err := h.Readlink("/etc/localtime"); err == nil {
		if _, zone, is := strings.Cut(target, "zoneinfo/"); is {
			return strings.TrimPrefix(strings.TrimPrefix(zone, "posix/"), "right/")
		}
	}
	return h.Text("/etc/timezone")
}

func language(h host.Host) string {
	for _, path := range []string{"/etc/locale.conf", "/etc/default/locale", "/etc/sysconfig/i18n"} {
		lang, _, _ := strings.Cut(settings(h.Text(path))["LANG"], ".")
		lang, _, _ = strings.Cut(lang, "@")
		if lang != "" && lang != "C" && lang != "POSIX" {
			return lang
		}
	}
	return ""
}
