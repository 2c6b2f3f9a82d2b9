package ticket

import (
	"context"
	"strconv"
	"time"

	"holdfast/server/health"
	"holdfast/server/inventory"
	"holdfast/server/panel"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// span writes a working time: 45 min, 2 h, 1 h 12 min.
func span(ctx context.Context, d time.Duration) string {
	if d < 0 {
		d = -d
	}
	minutes := int(d.Round(time.Minute) / time.Minute)
	hours, rest := minutes/60, minutes%60
	switch {
	case hours == 0:
		return i18n.T(ctx, "span.minutes", i18n.Args{"Minutes": strconv.Itoa(rest)})
	case rest == 0:
		return i18n.T(ctx, "span.hours", i18n.Args{"Hours": i18n.Number(ctx, hours)})
	}
	return i18n.T(ctx, "span.both", i18n.Args{"Hours": i18n.Number(ctx, hours), "Minutes": strconv.Itoa(rest)})
}

// clockWords says what a clock shows.
func clockWords(ctx context.Context, f ticket.Face) (ui.Tone, string) {
	key, args := "clock."+string(f.Hand), i18n.Args{"Left": span(ctx, f.Left), "Used": span(ctx, f.Used)}
	switch f.Hand {
	case ticket.Running:
		return ui.Info, i18n.T(ctx, key, args)
	case ticket.Close:
		return ui.Warning, i18n.T(ctx, key, args)
	case ticket.Paused:
		return ui.Unknown, i18n.T(ctx, key, args)
	case ticket.Met:
		return ui.Fine, i18n.T(ctx, key, args)
	case ticket.Over:
	}
	return ui.Critical, i18n.T(ctx, "clock.over", args)
}

func stateTone(row *ticket.Row) ui.Tone {
	switch row.State {
	case ticket.Fresh:
		return ui.Warning
	case ticket.Assigned, ticket.Planned:
		return ui.Info
	case ticket.Solved, ticket.Closed:
		return ui.Fine
	case ticket.Pending:
	}
	return ui.Unknown
}

// stateWords says where a ticket stands.
func stateWords(ctx context.Context, row *ticket.Row) string {
	switch {
	case !row.MergedInto.IsZero():
		return i18n.T(ctx, "ticket.state_merged")
	case row.State == ticket.Planned && !row.PlannedFor.IsZero():
		return i18n.T(ctx, "ticket.state_planned", i18n.Args{"When": i18n.Date(ctx, row.PlannedFor)})
	}
	return i18n.T(ctx, "value.state."+string(row.State))
}

// then is what was wrong with the device when the ticket was opened.
type then struct {
	level health.Level
	words string
}

func findingsThen(ctx context.Context, opening *ticket.Opening) ([]then, error) {
	if opening == nil {
		return nil, nil
	}
	var found []then
	for _, each := range opening.Findings {
		was, err := each.Finding()
		if err != nil {
			return nil, err
		}
		found = append(found, then{was.Level, i18n.Sentence(ctx, was.Sentence(), was.Args)})
	}
	return found, nil
}

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

// age writes for how long something has been there: 2 y 8 m.
func age(ctx context.Context, since time.Time) string {
	if since.IsZero() {
		return ""
	}
	now := i18n.LocaleOf(ctx).Now
	months := int(now.Month()) - int(since.Month()) + 12*(now.Year()-since.Year())
	if now.Day() < since.Day() {
		months--
	}
	switch {
	case months < 1:
		return i18n.T(ctx, "panel.age_new")
	case months < 12:
		return i18n.Count(ctx, "panel.age_months", months)
	case months%12 == 0:
		return i18n.Count(ctx, "panel.age_years", months/12)
	}
	return i18n.T(ctx, "panel.age_both", i18n.Args{
		"Years": i18n.Count(ctx, "panel.age_years", months/12), "Months": i18n.Count(ctx, "panel.age_months", months%12),
	})
}

// changeWords says what changed.
func changeWords(ctx context.Context, c panel.Change) (what, detail string) {
	return ui.ChangeWords(ctx, inventory.Change{
		At: c.At, Section: c.Section, Action: c.Action, Subject: c.Subject, Field: c.Field, Before: c.Before, After: c.After,
	})
}

// rarity says how unusual a change is.
func rarity(ctx context.Context, p *panel.Panel, c panel.Change) string {
	key := "panel.common"
	switch {
	case !c.Counted:
		return i18n.T(ctx, "panel.uncounted")
	case c.Unusual:
		key = "panel.unusual"
	}
	return i18n.T(ctx, key, i18n.Args{"Devices": i18n.Number(ctx, c.Devices), "Total": i18n.Number(ctx, p.Estate)})
}

// licenceWords says how it stands with the rights to a product.
func licenceWords(ctx context.Context, l panel.Licence) (ui.Tone, string) {
	switch {
	case !l.Known:
		return ui.Unknown, i18n.T(ctx, "panel.licence_unknown")
	case l.Available < 0:
		return ui.Critical, i18n.T(ctx, "panel.licence_short", i18n.Args{"Count": -l.Available})
	}
	return ui.Fine, i18n.T(ctx, "panel.licence_enough")
}

// eventWords says what happened to a ticket.
func eventWords(ctx context.Context, e ticket.Entry) string {
	args := i18n.Args{}
	for name, value := range e.Args {
		args[name] = value
	}
	who := e.Author
	if who == "" {
		who = i18n.T(ctx, "ticket.server")
	}
	args["Who"] = who
	word := func(name, prefix string) {
		if value, is := args[name].(string); is && value != "" {
			args[name] = i18n.T(ctx, prefix+value)
		}
	}
	for _, name := range []string{"Team", "From", "To"} {
		word(name, "role.")
	}
	if check, is := args["Check"].(string); is {
		args["Check"] = i18n.T(ctx, "check."+check+".title")
	}
	if at, is := args["At"].(string); is {
		if when, err := time.Parse(time.RFC3339, at); err == nil {
			args["When"] = i18n.DateTime(ctx, when)
		}
	}
	key := "ticket.event." + e.Action
	switch e.Action {
	case "opened":
		word("Source", "value.source.")
	case "changed":
		word("Field", "ticket.field.")
		if field, is := e.Args["Field"].(string); is && field != "title" {
			word("Before", "value."+field+".")
			word("After", "value."+field+".")
		}
	case "category":
		return i18n.T(ctx, key, i18n.Args{"Who": who})
	case "device":
		count, _ := e.Args["Count"].(float64)
		args["Health"] = healthThen(ctx, e.Args, int(count))
	case "pending":
		if _, timed := args["When"]; timed {
			key += "_until"
		}
	case "alerts_joined":
		count, _ := e.Args["Count"].(float64)
		return i18n.Count(ctx, key, int(count))
	}
	return i18n.T(ctx, key, args)
}

func healthThen(ctx context.Context, args map[string]any, count int) string {
	level, known := args["Level"].(string)
	switch {
	case !known || level == "":
		return i18n.T(ctx, "ticket.health_unknown")
	case count == 0:
		return i18n.T(ctx, "ticket.health_fine")
	}
	return i18n.Count(ctx, "ticket.health_bad", count)
}

func eventIcon(action string) string {
	switch action {
	case "device", "no_device":
		return "device-laptop"
	case "taken", "assigned", "released", "requester":
		return "user"
	case "escalated":
		return "arrow-up-right"
	case "solved", "settled", "confirmed", "closed", "withdrawn":
		return "check"
	case "pending", "planned", "woken":
		return "player-pause"
	case "alert_joined", "alerts_joined", "alert_returned", "alerts_over":
		return "bell"
	case "merged", "merged_into", "unmerged", "unmerged_from":
		return "link"
	}
	return "history"
}
