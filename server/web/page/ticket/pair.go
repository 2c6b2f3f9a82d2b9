package ticket

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/server/desk"
	"holdfast/server/health"
	"holdfast/server/notify"
	"holdfast/server/panel"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// match is a device that a ticket could be about.
type match = panel.Match

// matchWords says which device was found: its model, and who uses it.
func matchWords(m match) string {
	return strings.Join(slices.DeleteFunc([]string{m.Model, m.User}, func(text string) bool { return text == "" }), " · ")
}

// facts are the pairs of the device in view. What is not known says so, as far
// as the reader might know it.
func facts(ctx context.Context, one subject) []ui.Pair {
	p := one.panel
	var pairs []ui.Pair
	add := func(key, words string) {
		pairs = append(pairs, ui.Pair{Label: i18n.T(ctx, key), Value: ui.Text(words)})
	}
	user := p.Asset.Custodian
	if user == "" {
		user = p.User
	}
	add("panel.user", user)
	if p.Asset.Place != "" {
		add("panel.place", p.Asset.Place)
	}
	add("panel.model", strings.TrimSpace(p.Device.Maker+" "+p.Device.Model))
	if p.MayAssets {
		add("panel.age", age(ctx, p.Asset.PurchasedOn))
		add("panel.warranty", until(ctx, p.Asset.WarrantyEnds))
	}
	add("panel.system", p.Device.OS())
	add("panel.support", until(ctx, p.Support.EndsOn))
	if words := thenWords(ctx, one); words != "" {
		add("panel.then", words)
	}
	return pairs
}

// until says when something ends or ended; "" when that is not known.
func until(ctx context.Context, end time.Time) string {
	if end.IsZero() {
		return ""
	}
	key := "panel.until"
	if end.Before(i18n.LocaleOf(ctx).Now.Truncate(24 * time.Hour)) {
		key = "panel.ended"
	}
	return i18n.T(ctx, key, i18n.Args{"Day": i18n.Day(ctx, end.Format(time.DateOnly))})
}

// thenWords says how the device was when the ticket was opened.
func thenWords(ctx context.Context, one subject) string {
	switch {
	case one.Opening == nil || one.Opening.Level == "":
		return ""
	case len(one.then) == 0:
		return i18n.T(ctx, "panel.then_fine")
	case sameAsNow(one):
		return i18n.T(ctx, "panel.then_same")
	}
	words := make([]string, len(one.then))
	for i, each := range one.then {
		words[i] = each.words
	}
	return strings.Join(words, " ")
}

func sameAsNow(one subject) bool {
	now := one.panel.Findings
	if len(now) != len(one.Opening.Findings) {
		return false
	}
	for _, was := range one.Opening.Findings {
		found := false
		for _, is := range now {
			found = found || is.Check == was.Check && is.Subject == was.Subject && is.Level == was.Level
		}
		if !found {
			return false
		}
	}
	return true
}

// also is a detail before what follows it.
func also(detail string) string {
	if detail == "" {
		return " "
	}
	return " " + detail + ", "
}

// othersOf are the other tickets on the device.
func othersOf(one subject) []ticket.Ticket {
	var others []ticket.Ticket
	for _, each := range one.panel.Tickets {
		if each.ID != one.Ticket.ID {
			others = append(others, each)
		}
	}
	return others
}

// otherAlerts are the open alerts on the device that are not the ticket's own.
func otherAlerts(one subject) []health.Alert {
	var others []health.Alert
	for _, each := range one.panel.Alerts {
		if !slices.ContainsFunc(one.Alerts, func(own ticket.Alert) bool { return own.Alert.ID == each.ID }) {
			others = append(others, each)
		}
	}
	return others
}

func above(ctx context.Context, one subject) []ui.Link {
	links := []ui.Link{{Href: Path, Label: i18n.T(ctx, "tickets.title")}}
	if one.mine {
		links = append(links, ui.Link{Href: "/tickets?owner=me&open=yes", Label: i18n.T(ctx, "view.tickets_mine")})
	}
	return links
}

// openedBy says who opened a ticket, and by which way.
func openedBy(ctx context.Context, one subject) string {
	who := one.OpenedBy
	if one.Source == ticket.FromPortal && one.Requester != "" {
		who = one.Requester
	}
	if who == "" {
		return i18n.T(ctx, "ticket.opened_by_rule")
	}
	return i18n.T(ctx, "ticket.opened_by", i18n.Args{"Name": who, "Source": i18n.T(ctx, "value.source."+string(one.Source))})
}

// goesOn is the state of a ticket that goes on.
func goesOn(t *ticket.Ticket) ticket.State {
	if t.OwnerID.IsZero() {
		return ticket.Fresh
	}
	return ticket.Assigned
}

func teamsOf(ctx context.Context, handler ticket.Handler) string {
	names := make([]string, len(handler.Teams))
	for i, team := range handler.Teams {
		names[i] = i18n.T(ctx, "role."+string(team))
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

func writeTo(ctx context.Context, one subject) string {
	if one.Requester == "" {
		return i18n.T(ctx, "ticket.write_note")
	}
	return i18n.T(ctx, "ticket.write_to", i18n.Args{"Name": one.Requester})
}

// speaks says which language the requester reads, if that is known.
func speaks(ctx context.Context, one subject) string {
	if one.Requester == "" || one.Row.Language == "" {
		return ""
	}
	return i18n.T(ctx, "ticket.speaks_"+one.Row.Language)
}

// paragraphs parts a text at empty lines, and each part into its lines.
func paragraphs(text string) [][]string {
	var parts [][]string
	for _, part := range strings.Split(text, "\n\n") {
		if part = strings.Trim(part, "\n"); part != "" {
			parts = append(parts, strings.Split(part, "\n"))
		}
	}
	return parts
}

func noticeTone(state notify.State) ui.Tone {
	switch state {
	case notify.Sent:
		return ui.Fine
	case notify.Waiting:
		return ui.Info
	case notify.Refused:
		return ui.Critical
	case notify.Unsent:
	}
	return ui.Warning
}

// unsentOf counts the notices that nobody will get.
func unsentOf(notices []notify.Notice) int {
	count := 0
	for _, n := range notices {
		if n.State == notify.Unsent || n.State == notify.Refused {
			count++
		}
	}
	return count
}

func noticeTo(n notify.Notice) string {
	if n.To.Address == "" {
		return n.To.Name
	}
	return n.To.Name + " <" + n.To.Address + ">"
}

// noticeError says why a notice was not sent; what a mail server says stands
// for itself.
func noticeError(ctx context.Context, n notify.Notice) string {
	if key := "notice.why." + n.Error; n.State == notify.Unsent && i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return n.Error
}

func alertTone(a ticket.Alert) ui.Tone {
	if a.State == health.Resolved {
		return ui.Fine
	}
	return toneOf(a.Severity)
}

func alertWords(ctx context.Context, a ticket.Alert) string {
	return i18n.Sentence(ctx, a.Sentence(), a.Args)
}

func kindChoices(ctx context.Context) []ui.Choice { return words(ctx, "value.kind.", desk.Kinds()) }

func impactChoices(ctx context.Context) []ui.Choice {
	return words(ctx, "value.impact.", desk.Impacts())
}

func urgencyChoices(ctx context.Context) []ui.Choice {
	return words(ctx, "value.urgency.", desk.Urgencies())
}

func words[T ~string](ctx context.Context, prefix string, values []T) []ui.Choice {
	choices := make([]ui.Choice, len(values))
	for i, value := range values {
		choices[i] = ui.Choice{Value: string(value), Label: i18n.T(ctx, prefix+string(value))}
	}
	return choices
}
