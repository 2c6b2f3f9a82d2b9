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

// facts are the pairs of the device in view; what is not known is left out.
func facts(ctx context.Context, one subject) []ui.Pair {
	p := one.panel
	var pairs []ui.Pair
	add := func(key, words string) {
		if words != "" {
			pairs = append(pairs, ui.Pair{Label: i18n.T(ctx, key), Value: ui.Text(words)})
		}
	}
	user := p.Asset.Custodian
	if user == "" {
		user = p.Device.LastUser
	}
	add("panel.user", user)
	add("panel.place", p.Asset.Place)
	model := strings.TrimSpace(p.Device.Maker + " " + p.Device.Model)
	if years := age(ctx, p.Asset.PurchasedOn); years != "" && model != "" {
		model += ", " + years
	}
	add("panel.model", model)
	add("panel.system", p.Device.OS())
	if p.Supported {
		key := "panel.supported"
		if p.Support.EndsOn.Before(i18n.LocaleOf(ctx).Now.Truncate(24 * time.Hour)) {
			key = "panel.unsupported"
		}
		add("panel.support", i18n.T(ctx, key, i18n.Args{"Day": i18n.Day(ctx, p.Support.EndsOn.Format(time.DateOnly))}))
	}
	if !p.Asset.WarrantyEnds.IsZero() {
		add("panel.warranty", i18n.T(ctx, "panel.until", i18n.Args{"Day": i18n.Day(ctx, p.Asset.WarrantyEnds.Format(time.DateOnly))}))
	}
	add("panel.then", thenWords(ctx, one))
	return pairs
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
func othersOf(one subject) []panel.Ticket {
	var others []panel.Ticket
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
	links := []ui.Link{{Href: "/tickets", Label: i18n.T(ctx, "tickets.title")}}
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
func goesOn(one subject) string {
	if one.OwnerID.IsZero() {
		return string(ticket.Fresh)
	}
	return string(ticket.Assigned)
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

// speaks says which language the requester reads.
func speaks(ctx context.Context, one subject) string {
	if one.Row.Language == "" {
		return i18n.T(ctx, "ticket.speaks_unknown")
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
