package security

import (
	"context"
	"errors"
	"strings"
	"time"

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/dpkg"
	"holdfast/agent/collect/software/rpm"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// product is how an antivirus product is recognised.
type product struct {
	name        string
	program     string   // a file that is there when it is installed
	processes   []string // any of them runs when it protects
	packages    []string // any of them has its version
	versionFile string   // has "PRODUCT_VERSION = x" where no package does
	definitions func(host.Host) report.Date
}

func products() []product {
	return []product{
		{name: "ClamAV", program: "/usr/bin/clamscan", processes: []string{"clamd"}, packages: []string{"clamav", "clamav-daemon"}, definitions: clamAV},
		{name: "ClamAV", program: "/usr/sbin/clamd", processes: []string{"clamd"}, packages: []string{"clamav-daemon", "clamd"}, definitions: clamAV},
		{name: "Microsoft Defender for Endpoint", program: "/opt/microsoft/mdatp", processes: []string{"wdavdaemon"}, packages: []string{"mdatp"}, definitions: defender},
		{name: "CrowdStrike Falcon", program: "/opt/CrowdStrike/falconctl", processes: []string{"falcon-sensor", "falcon-sensor-bpf"}, packages: []string{"falcon-sensor"}},
		{name: "Sophos Protection for Linux", program: "/opt/sophos-spl", processes: []string{"sophos_threat_detector"}, versionFile: "/opt/sophos-spl/base/VERSION.ini"},
		{name: "Sophos Anti-Virus", program: "/opt/sophos-av", processes: []string{"savd"}},
		{name: "ESET Endpoint Antivirus", program: "/opt/eset/eea", processes: []string{"oaeventd", "scand"}, packages: []string{"eea"}},
		{name: "ESET Server Security", program: "/opt/eset/efs", processes: []string{"oaeventd", "scand"}, packages: []string{"efs"}},
		{name: "Trellix Endpoint Security", program: "/opt/McAfee/ens/tp", processes: []string{"mfetpd"}, packages: []string{"mcafeetp", "McAfeeTP", "trellixtp", "TrellixTP"}},
		{name: "Trellix Endpoint Security", program: "/opt/Trellix/ens/tp", processes: []string{"mfetpd"}, packages: []string{"trellixtp", "TrellixTP"}},
		{name: "Bitdefender Endpoint Security", program: "/opt/bitdefender-security-tools", processes: []string{"bdsecd"}, packages: []string{"bitdefender-security-tools"}},
		{name: "Kaspersky Endpoint Security", program: "/opt/kaspersky/kesl", processes: []string{"kesl"}, packages: []string{"kesl"}},
		{name: "SentinelOne", program: "/opt/sentinelone", processes: []string{"s1-agent"}, packages: []string{"sentinelagent", "SentinelAgent"}},
		{name: "Trend Micro Deep Security", program: "/opt/ds_agent", processes: []string{"ds_agent"}, packages: []string{"ds-agent", "ds_agent"}},
		{name: "Cortex XDR", program: "/opt/traps", processes: []string{"pmd"}, packages: []string{"cortex-agent"}},
	}
}

// readAntivirus lists the products whose program is there.
func readAntivirus(ctx context.Context, h host.Host, running *processes) ([]report.Antivirus, error) {
	var found []report.Antivirus
	var versions map[string]string
	var problem error
	for _, p := range products() {
		if !h.Exists(p.program) || len(found) > 0 && found[len(found)-1].Product == p.name {
			continue
		}
		one := report.Antivirus{Product: p.name, Running: running.any(p.processes...)}
		if p.definitions != nil {
			one.DefinitionsOn = p.definitions(h)
		}
		if versions == nil && len(p.packages) > 0 {
			versions, problem = packageVersions(ctx, h)
		}
		for _, name := range p.packages {
			if one.Version == "" {
				one.Version = versions[name]
			}
		}
		if p.versionFile != "" {
			one.Version = productVersion(h.Text(p.versionFile))
		}
		found = append(found, one)
	}
	return found, problem
}

// packageVersions gives the version of every package of dpkg and rpm.
func packageVersions(ctx context.Context, h host.Host) (map[string]string, error) {
	debs, debErr := dpkg.Installed(ctx, h)
	rpms, rpmErr := rpm.Installed(ctx, h)
	versions := map[string]string{}
	for _, p := range append(debs, rpms...) {
		versions[p.Title] = p.Version
	}
	return versions, errors.Join(unlessAbsent(debErr), unlessAbsent(rpmErr))
}

func unlessAbsent(err error) error {
	if errors.Is(err, collect.ErrAbsent) {
		return nil
	}
	return err
}

func productVersion(ini string) string {
	for line := range strings.Lines(ini) {
		if key, value, is := strings.Cut(line, "="); is && strings.TrimSpace(key) == "PRODUCT_VERSION" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// clamAV reads the day from the head of the daily database, such as
// "ClamAV-VDB:17 Nov 2026 03-41 -0500:27819:2070105:90:...".
func clamAV(h host.Host) report.Date {
	for _, path := range []string{"/var/lib/clamav/daily.cld", "/var/lib/clamav/daily.cvd"} {
		file, err := h.Open(path)
		if err != nil {
			continue
		}
		head := make([]byte, 512)
		n, err := file.Read(head)
		file.Close()
		if err != nil {
			continue
		}
		if day := clamAVDay(string(head[:n])); day != "" {
			return day
		}
	}
	return ""
}

func clamAVDay(head string) report.Date {
	fields := strings.Split(head, ":")
	if len(fields) < 3 || fields[0] != "ClamAV-VDB" {
		return ""
	}
	built, err := time.Parse("02 Jan 2006 15-04 -0700", fields[1])
	if err != nil {
		return ""
	}
	return report.DateOf(built)
}

// defender takes the day on which the newest folder of definitions came.
func defender(h host.Host) report.Date {
	var newest time.Time
	for _, folder := range []string{"/var/opt/microsoft/mdatp", "/opt/microsoft/mdatp"} {
		releases, err := h.Glob(folder + "/definitions.noindex/*")
		if err != nil {
			return ""
		}
		for _, release := range releases {
			if info, err := h.Stat(release); err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
		}
	}
	if newest.IsZero() {
		return ""
	}
	return report.DateOf(newest.In(h.Now().Location()))
}
