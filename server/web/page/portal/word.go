package portal

import (
	"context"
	"time"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// moment writes a time that is soon: the clock time alone when it is today.
func moment(ctx context.Context, when time.Time) string {
	locale := i18n.LocaleOf(ctx)
	now, then := locale.Now.In(locale.Zone), when.In(locale.Zone)
	if now.YearDay() == then.YearDay() && now.Year() == then.Year() {
		return i18n.T(ctx, "portal.today_at", i18n.Args{"Time": i18n.Clock(ctx, when)})
	}
	return i18n.DateTime(ctx, when)
}

// stateWords says to a requester where their request stands, and what they
// can do.
func stateWords(ctx context.Context, o ticket.Own) (ui.Tone, string) {
	switch o.State {
	case ticket.Fresh:
		return ui.Info, i18n.T(ctx, "portal.state_new")
	case ticket.Assigned:
		if o.Owner != "" {
			return ui.Info, i18n.T(ctx, "portal.state_assigned", i18n.Args{"Name": o.Owner})
		}
		return ui.Info, i18n.T(ctx, "portal.state_new")
	case ticket.Planned:
		return ui.Unknown, i18n.T(ctx, "portal.state_planned", i18n.Args{"When": i18n.Date(ctx, o.PlannedFor)})
	case ticket.Pending:
		if o.Waits {
			return ui.Warning, i18n.T(ctx, "portal.state_waits")
		}
		return ui.Unknown, i18n.T(ctx, "portal.state_pending")
	case ticket.Solved:
		return ui.Fine, i18n.T(ctx, "portal.state_solved", i18n.Args{"When": i18n.Date(ctx, o.SolvedAt)})
	case ticket.Closed:
	}
	return ui.Fine, i18n.T(ctx, "portal.state_closed")
}

// thingWords says to a requester how their thing is: whether they should know
// of anything.
func thingWords(ctx context.Context, t ticket.Thing) (ui.Tone, string) {
	if t.Open > 0 {
		return ui.Info, i18n.Count(ctx, "portal.thing_open", t.Open)
	}
	if t.Health.Level.Bad() {
		return ui.Warning, i18n.T(ctx, "portal.thing_watched")
	}
	return ui.Fine, i18n.T(ctx, "portal.thing_fine")
}

// nameOf is what people call a thing: its kind and name or tag.
func nameOf(ctx context.Context, t ticket.Thing) string {
	kind := i18n.T(ctx, "value.kind."+t.Kind)
	if t.Name != "" {
		return kind + " " + t.Name
	}
	return kind + " " + t.Tag
}

func more(t ticket.Thing) string {
	switch {
	case t.Model != "" && t.Place != "":
		return t.Model + ", " + t.Place
	case t.Model != "":
		return t.Model
	}
	return t.Place
}

func iconOf(t ticket.Thing) string {
	switch asset.Kind(t.Kind) {
	case asset.Monitor:
		return "device-imac"
	case asset.Printer, asset.Scanner:
		return "printer"
	case asset.Phone:
		return "device-mobile"
	default:
		return ui.DeviceIcon(device.Kind(t.Kind))
	}
}

// chosen is the thing that the form of a report has chosen: the one that was
// asked about, else the first device, else something else.
func (m mine) chosen() string {
	if m.form.Values.Has("thing") {
		return m.form.Get("thing")
	}
	for _, t := range m.things {
		if t.Key != 0 {
			return t.Code()
		}
	}
	return "other"
}

func greeting(ctx context.Context) string {
	locale := i18n.LocaleOf(ctx)
	key := "overview.evening"
	switch hour := locale.Now.In(locale.Zone).Hour(); {
	case hour >= 5 && hour < 12:
		key = "overview.morning"
	case hour >= 12 && hour < 18:
		key = "overview.afternoon"
	}
	return i18n.T(ctx, key, i18n.Args{"Name": identity.ActorOf(ctx).Name})
}

func urgencies(ctx context.Context) []ui.Choice {
	return []ui.Choice{
		{Value: "high", Label: i18n.T(ctx, "portal.urgency_high")},
		{Value: "medium", Label: i18n.T(ctx, "portal.urgency_medium")},
		{Value: "low", Label: i18n.T(ctx, "portal.urgency_low")},
	}
}
