package support_test

import (
	"testing"
	"time"

	"holdfast/server/support"
	"holdfast/shared/report"
)

func TestSystemsAreFoundByWhatAgentsReport(t *testing.T) {
	for _, c := range []struct {
		name  string
		os    report.OS
		title string
		ends  string
	}{
		{"a point release", report.OS{ID: "debian", Version: "12.11"}, "Debian 12 (bookworm)", "2028-06-30"},
		{"not another that begins alike", report.OS{ID: "debian", Version: "120"}, "", ""},
		{"the first digit is not the version", report.OS{ID: "debian", Version: "1"}, "", ""},
		{"a long-term release", report.OS{ID: "ubuntu", Version: "22.04"}, "Ubuntu 22.04 LTS (jammy)", "2027-04-30"},
		{"a minor release", report.OS{ID: "rhel", Version: "9.4"}, "Red Hat Enterprise Linux 9", "2032-05-31"},
		{"the rolling preview", report.OS{ID: "centos", Title: "CentOS Stream", Version: "8"}, "CentOS Stream 8", "2024-05-31"},
		{"the old rebuild", report.OS{ID: "centos", Title: "CentOS Linux", Version: "8"}, "CentOS Linux 8", "2021-12-31"},
		{"a service pack", report.OS{ID: "sles", Version: "15.6"}, "SUSE Linux Enterprise Server 15 SP6", "2025-12-31"},
		{"an office PC", report.OS{ID: "windows", Title: "Microsoft Windows 11", Edition: "Pro", Version: "24H2", Build: "26100.2314"}, "Windows 11 24H2 Home and Pro", "2026-10-13"},
		{"the same for enterprises", report.OS{ID: "windows", Title: "Microsoft Windows 11", Edition: "Enterprise", Version: "24H2", Build: "26100"}, "Windows 11 24H2 Enterprise and Education", "2027-10-12"},
		{"the same for the long term", report.OS{ID: "windows", Title: "Microsoft Windows 11", Edition: "Enterprise LTSC", Build: "26100"}, "Windows 11 Enterprise LTSC 2024", "2029-10-09"},
		{"a server of the same build", report.OS{ID: "windows", Title: "Microsoft Windows Server 2025", Edition: "Datacenter", Build: "10.0.26100"}, "Windows Server 2025", "2034-11-14"},
		{"a PC of the last Windows 10", report.OS{ID: "windows", Title: "Microsoft Windows 10", Edition: "Pro", Build: "19045.1"}, "Windows 10 22H2", "2025-10-14"},
		{"a Mac", report.OS{ID: "macos", Version: "14.7.1"}, "macOS 14 Sonoma", "2026-09-15"},
		{"what nobody knows", report.OS{ID: "plan9", Version: "4"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dates, found := support.Of(c.os)
			if found != (c.title != "") || dates.Title != c.title || found && dates.EndsOn.Format(time.DateOnly) != c.ends {
				t.Errorf("%q until %s, want %q until %s", dates.Title, dates.EndsOn.Format(time.DateOnly), c.title, c.ends)
			}
		})
	}
}

func TestEverySystemHasItsDatesAndTheirSource(t *testing.T) {
	titles := map[string]bool{}
	for _, dates := range support.All() {
		if titles[dates.Title] {
			t.Errorf("%s stands there twice", dates.Title)
		}
		titles[dates.Title] = true
	}
	if len(titles) < 60 || support.Version() == "" {
		t.Errorf("%d systems as of %q", len(titles), support.Version())
	}
}
