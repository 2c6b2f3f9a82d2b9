package device

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/device"
	"holdfast/server/inventory"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
	"holdfast/shared/report"
)

func keys(findings []Finding) []string {
	var found []string
	for _, finding := range findings {
		found = append(found, finding.Key)
	}
	return found
}

func TestFindingsNameWhatStandsOutTheWorstFirst(t *testing.T) {
	now := time.Date(2026, 11, 19, 10, 42, 0, 0, time.UTC)
	yes, no, updates := true, false, int64(3)
	healthy := inventory.Summary{Device: inventory.Device{Kind: device.Laptop, LastSeen: now.Add(-time.Minute), ReportedAt: now.Add(-time.Hour)}}
	protected := Protection{Security: report.Security{DiskEncryption: "on", Firewall: report.Firewall{Active: &yes}}}
	volume := func(mount string, free int64) report.Volume {
		return report.Volume{Mount: mount, SizeBytes: 1000, FreeBytes: &free}
	}
	for _, each := range []struct {
		name   string
		change func(*inventory.Summary, *Protection)
		want   []string
	}{
		{"healthy", func(*inventory.Summary, *Protection) {}, nil},
		{"silent", func(s *inventory.Summary, _ *Protection) { s.LastSeen = now.AddDate(0, 0, -21) }, []string{"finding.silent"}},
		{"never reported", func(s *inventory.Summary, _ *Protection) { s.ReportedAt = time.Time{} }, []string{"finding.no_report"}},
		{"revoked", func(s *inventory.Summary, _ *Protection) { s.RevokedAt = now }, []string{"finding.revoked"}},
		{"full before nearly full", func(_ *inventory.Summary, p *Protection) {
			p.Storage.Volumes = []report.Volume{volume("/home", 90), volume("/", 10), volume("/srv", 500)}
		}, []string{"finding.volume", "finding.volume"}},
		{"a read-only volume is full by nature", func(_ *inventory.Summary, p *Protection) {
			v := volume("/snap", 0)
			v.ReadOnly = true
			p.Storage.Volumes = []report.Volume{v}
		}, nil},
		{"open laptop", func(_ *inventory.Summary, p *Protection) {
			p.Security = report.Security{DiskEncryption: "off", Firewall: report.Firewall{Active: &no}}
		}, []string{"finding.not_encrypted", "finding.no_firewall"}},
		{"a server's disks may be plain", func(s *inventory.Summary, p *Protection) {
			s.Kind, p.Security.DiskEncryption = device.Server, "off"
		}, nil},
		{"updates before the restart", func(s *inventory.Summary, _ *Protection) {
			s.RestartRequired, s.SecurityUpdates = &yes, &updates
		}, []string{"finding.security_updates", "finding.restart"}},
		{"sections that could not be read", func(_ *inventory.Summary, p *Protection) { p.Failed = []string{"usb"} }, []string{"finding.sections"}},
		{"what is not known is no finding", func(_ *inventory.Summary, p *Protection) { p.Security = report.Security{} }, nil},
	} {
		one, facts := healthy, protected
		each.change(&one, &facts)
		if diff := cmp.Diff(each.want, keys(Findings(one, facts, now))); diff != "" {
			t.Errorf("%s: %s", each.name, diff)
		}
	}
}

func TestVerdictIsASentence(t *testing.T) {
	ctx := i18n.WithLocale(context.Background(), i18n.Locale{Language: i18n.English})
	full := Finding{Tone: ui.Critical, Key: "finding.volume", Args: i18n.Args{"Name": "/"}, Size: 11 << 30}
	restart := Finding{Tone: ui.Info, Key: "finding.restart"}
	for want, findings := range map[string][]Finding{
		"Nothing stands out.": nil,
		"Volume /: only 11\u00a0GB free. Nothing else stands out.": {full},
		"Volume /: only 11\u00a0GB free, and 1 other remark.":      {full, restart},
	} {
		if got := sentence(ctx, findings); got != want {
			t.Errorf("the verdict is %q, want %q", got, want)
		}
	}
	if tone, _ := verdict([]Finding{restart}); tone != ui.Fine {
		t.Errorf("a remark makes the verdict %s", tone)
	}
}
