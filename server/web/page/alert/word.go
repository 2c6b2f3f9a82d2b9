package alert

import (
	"context"
	"strconv"
	"time"

	"holdfast/server/health"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

func toneOf(level health.Level) ui.Tone {
	switch level {
	case health.Crit:
		return ui.Critical
	case health.Warn:
		return ui.Warning
	case health.OK:
		return ui.Fine
	case health.Unknown:
	}
	return ui.Unknown
}

// sentence is what an alert says.
func sentence(ctx context.Context, row health.Row) string {
	return i18n.Sentence(ctx, row.Sentence(), row.Args)
}

// found is what a finding says.
func found(ctx context.Context, f health.Finding) string {
	return i18n.Sentence(ctx, f.Sentence(), f.Args)
}

func title(ctx context.Context, check string) string { return i18n.T(ctx, "check."+check+".title") }

// state is where an alert stands, as one sentence with its tone.
func state(ctx context.Context, row health.Row) (ui.Tone, string) {
	now := i18n.LocaleOf(ctx).Now
	switch {
	case row.State == health.Resolved:
		return ui.Fine, i18n.T(ctx, "alert.resolved_"+string(row.ResolvedBecause), i18n.Args{"When": i18n.Ago(ctx, row.ResolvedAt)})
	case row.Snoozed(now):
		return ui.Unknown, i18n.T(ctx, "alert.asleep_until", i18n.Args{"When": i18n.DateTime(ctx, row.SnoozedUntil)})
	case !row.AcknowledgedAt.IsZero():
		return ui.Info, i18n.T(ctx, "alert.acknowledged_by", i18n.Args{"Name": row.AcknowledgedAs, "When": i18n.Ago(ctx, row.AcknowledgedAt)})
	}
	return toneOf(row.Severity), i18n.T(ctx, "alert.nobody")
}

// held writes for how long something must last.
func held(ctx context.Context, hold time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case hold == 0:
		return i18n.T(ctx, "checks.at_once")
	case hold%day == 0:
		return i18n.Count(ctx, "checks.days", int(hold/day))
	case hold%time.Hour == 0:
		return i18n.Count(ctx, "checks.hours", int(hold/time.Hour))
	}
	return i18n.Count(ctx, "checks.minutes", int(hold/time.Minute))
}

// limit writes where a level begins and where it ends.
func limit(ctx context.Context, unit health.Unit, l *health.Limit) string {
	if l == nil {
		return ""
	}
	return i18n.T(ctx, "checks.raise_clear", i18n.Args{"Raise": measured(ctx, unit, l.Raise), "Clear": measured(ctx, unit, l.Clear)})
}

func measured(ctx context.Context, unit health.Unit, value float64) string {
	return i18n.T(ctx, "check.unit."+string(unit), i18n.Args{"Value": i18n.Decimal(ctx, value, 2)})
}

// plain writes a number for a form field.
func plain(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

// causeWords counts what one check found.
func causeWords(ctx context.Context, cause health.Cause) string {
	words := i18n.Count(ctx, "alerts.total", cause.Alerts)
	if cause.Devices > 0 && cause.Devices != cause.Alerts {
		words = i18n.T(ctx, "causes.on", i18n.Args{"Alerts": words, "Devices": i18n.Count(ctx, "devices.total", cause.Devices)})
	}
	if cause.Acknowledged > 0 {
		words += ", " + i18n.Count(ctx, "causes.taken", cause.Acknowledged)
	}
	return words
}
