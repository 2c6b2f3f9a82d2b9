package device

import (
	"cmp"
	"context"
	"slices"

	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// judged puts what the checks found in place of what the page itself would
// say about the same things. Until the device has been judged the page's own
// findings stand.
func (p *Pages) judged(ctx context.Context, of device.ID, one *subject) error {
	if !identity.ActorOf(ctx).May(identity.AlertsRead) {
		return nil
	}
	var err error
	if one.health, err = p.health.Device(ctx, of); err != nil || one.health.JudgedAt.IsZero() {
		return err
	}
	one.remarks = remarks(one.findings, one.health)
	one.findings = slices.Concat(found(one.health), one.remarks)
	slices.SortStableFunc(one.findings, func(a, b Finding) int { return cmp.Compare(weight(a.Tone), weight(b.Tone)) })
	return nil
}

func weight(tone ui.Tone) int {
	return slices.Index([]ui.Tone{ui.Critical, ui.Warning, ui.Unknown, ui.Info, ui.Fine}, tone)
}

// found are the findings of checks that call for somebody.
func found(state health.Device) []Finding {
	var found []Finding
	for i := range state.Findings {
		f := &state.Findings[i]
		switch f.Level {
		case health.Crit:
			found = append(found, Finding{Tone: ui.Critical, Key: f.Sentence(), Args: i18n.Args(f.Args)})
		case health.Warn:
			found = append(found, Finding{Tone: ui.Warning, Key: f.Sentence(), Args: i18n.Args(f.Args)})
		case health.OK, health.Unknown:
		}
	}
	if state.Level == health.Unknown {
		found = append(found, Finding{Tone: ui.Unknown, Key: "health.unknown"})
	}
	return found
}

// remarks are the page's own findings that no check speaks of. What waits for
// a while is worth a remark before a check finds that it has waited too long.
func remarks(own []Finding, state health.Device) []Finding {
	bad := map[string]bool{}
	for _, f := range state.Findings {
		bad[f.Check] = bad[f.Check] || f.Level.Bad()
	}
	var kept []Finding
	for _, f := range own {
		switch f.Key {
		case "finding.volume", "finding.silent", "finding.not_encrypted":
			continue
		case "finding.security_updates":
			if bad["security_updates"] {
				continue
			}
			f.Tone = ui.Info
		case "finding.restart":
			if bad["restart_pending"] {
				continue
			}
		}
		kept = append(kept, f)
	}
	return kept
}
