package ticket

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/calendar"
	"holdfast/server/desk"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// rulesOf is the page of the desk's rules, with the form that was refused.
type rulesOf struct {
	*desk.Rules
	form ui.Form
	what string // which form it was
	may  bool   // whether the reader may change them
}

func (p *Pages) rules(c *gin.Context) error { return p.showRules(c, http.StatusOK, "", ui.Form{}) }

func (p *Pages) showRules(c *gin.Context, status int, what string, form ui.Form) error {
	rules, err := p.Desk.Rules(c.Request.Context())
	if err != nil {
		return err
	}
	may := identity.ActorOf(c.Request.Context()).Reach(identity.TicketsManage).All
	return ui.RenderStatus(c, status, Rules(rulesOf{rules, form, what, may}))
}

// setRule changes the rules by the form that was sent, which "what" names.
func (p *Pages) setRule(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	what := values.Get("what")
	forms := map[string]func(context.Context, url.Values) error{
		"matrix": p.setMatrix, "levels": p.setLevels, "calendar": p.setCalendar, "alert": p.setAlert, "settings": p.setSettings, "category": p.setCategory,
	}
	set, known := forms[what]
	if !known {
		return fault.NewInvalid(fault.Field{Name: "what", Key: "fault.field.choice"})
	}
	err = set(c.Request.Context(), values)
	if form, is := ui.Wrong(values, err); is {
		return p.showRules(c, http.StatusUnprocessableEntity, what, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/desk#"+what, ui.Notice{Key: "notice.desk_saved"})
}

func (p *Pages) setMatrix(ctx context.Context, values url.Values) error {
	present, err := p.Desk.Rules(ctx)
	if err != nil {
		return err
	}
	for _, impact := range desk.Impacts() {
		for _, urgency := range desk.Urgencies() {
			wanted := desk.Priority(values.Get(string(impact) + "." + string(urgency)))
			if wanted == present.Priority(impact, urgency) {
				continue
			}
			if err := p.Desk.SetPriority(ctx, desk.Cell{Impact: impact, Urgency: urgency}, wanted); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Pages) setLevels(ctx context.Context, values url.Values) error {
	present, err := p.Desk.Rules(ctx)
	if err != nil {
		return err
	}
	for _, level := range present.Levels {
		wanted := level
		prefix := string(level.Kind) + "." + string(level.Priority)
		var wrong []fault.Field
		for name, into := range map[string]*time.Duration{prefix + ".own": &wanted.Own, prefix + ".resolve": &wanted.Resolve} {
			minutes, err := strconv.Atoi(strings.TrimSpace(values.Get(name)))
			if err != nil {
				wrong = append(wrong, fault.Field{Name: name, Key: "fault.field.number"})
			}
			*into = time.Duration(minutes) * time.Minute
		}
		if wrong != nil {
			return fault.NewInvalid(wrong...)
		}
		if wanted == level {
			continue
		}
		if err := p.Desk.SetLevel(ctx, wanted); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pages) setCalendar(ctx context.Context, values url.Values) error {
	wish := desk.Calendar{
		ID: chosen[desk.CalendarMark](values, "id"), Name: values.Get("name"), TimeZone: strings.TrimSpace(values.Get("time_zone")),
		Calendar: calendar.Calendar{Holidays: map[calendar.Day]string{}},
	}
	var wrong []fault.Field
	for weekday := range wish.Hours {
		name := "hours." + strconv.Itoa(weekday)
		spans, err := readHours(values.Get(name))
		if err != nil {
			wrong = append(wrong, fault.Field{Name: name, Key: "fault.desk.hours"})
		}
		wish.Hours[weekday] = spans
	}
	for line := range strings.Lines(values.Get("holidays")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		day, name, _ := strings.Cut(line, " ")
		date, err := time.Parse(time.DateOnly, day)
		if err != nil || strings.TrimSpace(name) == "" {
			wrong = append(wrong, fault.Field{Name: "holidays", Key: "fault.desk.day"})
			break
		}
		wish.Holidays[wish.Of(date)] = strings.TrimSpace(name)
	}
	if wrong != nil {
		return fault.NewInvalid(wrong...)
	}
	return p.Desk.SetCalendar(ctx, wish)
}

// readHours reads the hours of a day: 08:00-12:00, 13:00-17:00.
func readHours(text string) ([]calendar.Span, error) {
	var spans []calendar.Span
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		from, to, found := strings.Cut(strings.ReplaceAll(part, "–", "-"), "-")
		opens, err := minuteOf(from)
		if err != nil {
			return nil, err
		}
		closes, err := minuteOf(to)
		if err != nil || !found {
			return nil, fmt.Errorf("read hours %q", part)
		}
		spans = append(spans, calendar.Span{Opens: opens, Closes: closes})
	}
	return spans, nil
}

func minuteOf(text string) (int, error) {
	var hour, minute int
	if _, err := fmt.Sscanf(strings.TrimSpace(text), "%d:%d", &hour, &minute); err != nil {
		return 0, fmt.Errorf("read time of day %q: %w", text, err)
	}
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 {
		return 0, fmt.Errorf("read time of day %q", text)
	}
	return hour*60 + minute, nil
}

// hoursText writes the hours of a day as readHours reads them.
func hoursText(spans []calendar.Span) string {
	parts := make([]string, len(spans))
	for i, span := range spans {
		parts[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", span.Opens/60, span.Opens%60, span.Closes/60, span.Closes%60)
	}
	return strings.Join(parts, ", ")
}

func holidaysText(c *desk.Calendar) string {
	days := make([]calendar.Day, 0, len(c.Holidays))
	for day := range c.Holidays {
		days = append(days, day)
	}
	slices.Sort(days)
	lines := make([]string, len(days))
	for i, day := range days {
		lines[i] = day.Date().Format(time.DateOnly) + " " + c.Holidays[day]
	}
	return strings.Join(lines, "\n")
}

func (p *Pages) setAlert(ctx context.Context, values url.Values) error {
	return p.Desk.SetAlert(ctx, desk.AlertRule{
		Check: values.Get("check"), Since: desk.Since(values.Get("since")), Cause: desk.Cause(values.Get("cause")),
		Impact: desk.Impact(values.Get("impact")), Urgency: desk.Urgency(values.Get("urgency")), Category: values.Get("category"),
	})
}

func (p *Pages) setSettings(ctx context.Context, values url.Values) error {
	present, err := p.Desk.Rules(ctx)
	if err != nil {
		return err
	}
	for _, bound := range desk.Bounds() {
		wanted, err := strconv.Atoi(strings.TrimSpace(values.Get(bound.Name)))
		if err != nil {
			return fault.NewInvalid(fault.Field{Name: bound.Name, Key: "fault.field.number"})
		}
		if wanted == present.Settings.Value(bound.Name) {
			continue
		}
		if err := p.Desk.SetSetting(ctx, bound.Name, wanted); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pages) setCategory(ctx context.Context, values url.Values) error {
	position, err := strconv.Atoi(strings.TrimSpace(values.Get("position")))
	if err != nil {
		return fault.NewInvalid(fault.Field{Name: "position", Key: "fault.field.number"})
	}
	wish := desk.Category{
		ID: chosen[desk.CategoryMark](values, "id"), Key: values.Get("key"), NameEN: values.Get("name_en"), NameFR: values.Get("name_fr"), Position: position,
		Portal: values.Has("portal"), Active: values.Has("active"),
	}
	for _, level := range []string{"route.1", "route.2", "route.3"} {
		if team := identity.Role(values.Get(level)); team != "" {
			wish.Route = append(wish.Route, team)
		}
	}
	_, err = p.Desk.SetCategory(ctx, wish)
	return err
}

// routeAt is the team at a level of a route, or "".
func routeAt(c desk.Category, level int) string {
	if level < len(c.Route) {
		return string(c.Route[level])
	}
	return ""
}

func routeWords(ctx context.Context, c desk.Category) string {
	names := make([]string, len(c.Route))
	for i, team := range c.Route {
		names[i] = i18n.T(ctx, "role."+string(team))
	}
	return strings.Join(names, " → ")
}

// formOf is the refused form when it was this one.
func (r rulesOf) formOf(what string) ui.Form {
	if r.what == what {
		return r.form
	}
	return ui.Form{}
}

// calendars are in the order of their names.
func (r rulesOf) calendars() []*desk.Calendar {
	all := make([]*desk.Calendar, 0, len(r.Calendars))
	for _, c := range r.Calendars {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *desk.Calendar) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func levelName(level desk.Level, what string) string {
	return string(level.Kind) + "." + string(level.Priority) + "." + what
}

func whoChanges(ctx context.Context, r rulesOf) string {
	if r.may {
		return i18n.T(ctx, "desk.change_here")
	}
	return i18n.T(ctx, "desk.administrators_change")
}

func keyed(ctx context.Context, r rulesOf) []ui.Choice {
	choices := make([]ui.Choice, len(r.Categories))
	for i := range r.Categories {
		choices[i] = ui.Choice{Value: r.Categories[i].Key, Label: r.Categories[i].Name(language(ctx))}
	}
	return choices
}
