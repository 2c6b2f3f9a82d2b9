package device

import (
	"context"
	"strings"
	"time"

	"holdfast/server/device"
	"holdfast/server/inventory"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
	"holdfast/shared/report"
)

// Finding is something about a device that a person should know, worked out
// from its newest facts.
type Finding struct {
	Tone ui.Tone
	Key  string // message key of the sentence
	Args i18n.Args
	Part string // of the page that shows more
	Size int64  // Args["Free"] in bytes, written in the reader's manner
}

// Bounds of what is called full.
const (
	nearlyFull = 10 // hundredths of a volume that are free
	full       = 3
)

// Findings tells what stands out about a device, the worst first.
func Findings(one inventory.Summary, facts Protection, now time.Time) []Finding {
	var critical, warnings, remarks []Finding
	if !one.RevokedAt.IsZero() {
		critical = append(critical, Finding{Tone: ui.Critical, Key: "finding.revoked"})
	}
	for _, volume := range facts.Storage.Volumes {
		if volume.FreeBytes == nil || volume.SizeBytes <= 0 || volume.ReadOnly {
			continue
		}
		free := *volume.FreeBytes * 100 / volume.SizeBytes
		found := Finding{Tone: ui.Warning, Key: "finding.volume", Args: i18n.Args{"Name": volume.Mount}, Part: "hardware", Size: *volume.FreeBytes}
		switch {
		case free < full:
			found.Tone = ui.Critical
			critical = append(critical, found)
		case free < nearlyFull:
			warnings = append(warnings, found)
		}
	}
	if one.LastSeen.IsZero() || one.ReportedAt.IsZero() {
		remarks = append(remarks, Finding{Tone: ui.Unknown, Key: "finding.no_report"})
	} else if silent := now.Sub(one.LastSeen); silent > inventory.SilentAfter {
		warnings = append(warnings, Finding{Tone: ui.Warning, Key: "finding.silent", Args: i18n.Args{"Count": int(silent / (24 * time.Hour))}})
	}
	if one.SecurityUpdates != nil && *one.SecurityUpdates > 0 {
		warnings = append(warnings, Finding{Tone: ui.Warning, Key: "finding.security_updates", Args: i18n.Args{"Count": int(*one.SecurityUpdates)}, Part: "security"})
	}
	portable := one.Kind == device.Laptop || one.Kind == device.Tablet || one.Kind == device.Handheld
	if facts.Security.DiskEncryption == "off" && portable {
		warnings = append(warnings, Finding{Tone: ui.Warning, Key: "finding.not_encrypted", Part: "security"})
	}
	if active := facts.Security.Firewall.Active; active != nil && !*active {
		warnings = append(warnings, Finding{Tone: ui.Warning, Key: "finding.no_firewall", Part: "security"})
	}
	for _, product := range facts.Security.Antivirus {
		if product.Running != nil && !*product.Running {
			warnings = append(warnings, Finding{Tone: ui.Warning, Key: "finding.antivirus", Args: i18n.Args{"Name": product.Product}, Part: "security"})
		}
	}
	if one.RestartRequired != nil && *one.RestartRequired {
		remarks = append(remarks, Finding{Tone: ui.Info, Key: "finding.restart", Part: "security"})
	}
	if len(facts.Failed) > 0 {
		remarks = append(remarks, Finding{Tone: ui.Info, Key: "finding.sections", Args: i18n.Args{"Count": len(facts.Failed)}, Part: "facts"})
	}
	return append(append(critical, warnings...), remarks...)
}

// words writes a finding.
func (f Finding) words(ctx context.Context) string {
	args := i18n.Args{}
	for name, value := range f.Args {
		args[name] = value
	}
	if f.Key == "finding.volume" {
		args["Free"] = i18n.Bytes(ctx, f.Size)
	}
	return i18n.Sentence(ctx, f.Key, args)
}

// verdict sums the findings up: a tone, and the key of one or two words.
func verdict(findings []Finding) (ui.Tone, string) {
	if len(findings) == 0 {
		return ui.Fine, "verdict.fine"
	}
	switch findings[0].Tone {
	case ui.Critical:
		return ui.Critical, "verdict.critical"
	case ui.Warning:
		return ui.Warning, "verdict.warning"
	case ui.Unknown:
		return ui.Unknown, "verdict.unknown"
	case ui.Info, ui.Fine:
	}
	return ui.Fine, "verdict.fine"
}

// sentence is the verdict as a sentence: the worst, and what else there is.
func sentence(ctx context.Context, findings []Finding) string {
	switch len(findings) {
	case 0:
		return i18n.T(ctx, "verdict.nothing")
	case 1:
		return i18n.T(ctx, "verdict.one", i18n.Args{"Finding": findings[0].words(ctx)})
	}
	return i18n.T(ctx, "verdict.more", i18n.Args{"Finding": findings[0].words(ctx), "Count": len(findings) - 1})
}

// outcome says why a section holds less than it could, and what to do; "" when
// it was read in full.
func outcome(ctx context.Context, section inventory.Section) string {
	switch section.Outcome {
	case report.OK:
		return ""
	case "":
		return i18n.T(ctx, "outcome.never")
	default:
		return i18n.T(ctx, "outcome."+string(section.Outcome))
	}
}

// join writes the parts that are known, with a space between.
func join(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
