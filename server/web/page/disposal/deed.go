package disposal

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/disposal"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// family are the deeds that need one permission.
type family struct {
	path  string
	needs identity.Permission
	deeds map[string]deed
}

// deed is one thing that can be done to a case: what its form asks for, and
// what is done with it. Its words are those of the keys "deed.NAME".
type deed struct {
	fields func(ctx context.Context, a about) []field
	run    func(ctx context.Context, p *Pages, a about, values url.Values) error
}

// about is the case, line and drive that a deed is about.
type about struct {
	subject
	line  *disposal.Line
	drive *disposal.Drive
}

func (a about) lineID() (of disposal.LineID) {
	if a.line != nil {
		of = a.line.ID
	}
	return of
}

func (a about) driveID() (of disposal.DriveID) {
	if a.drive != nil {
		of = a.drive.ID
	}
	return of
}

// field is one field of a form.
type field struct {
	ui.Input
	area    bool
	choices []ui.Choice
}

func reason(name, label string) field {
	return field{Input: ui.Input{Name: name, Label: label, Limit: 4000}, area: true}
}

func maybe(name, label string) field {
	asked := reason(name, label)
	asked.Optional = true
	return asked
}

func words(name, label string) field {
	return field{Input: ui.Input{Name: name, Label: label, Limit: 200, Autocomplete: "off"}}
}

func just(fields ...field) func(context.Context, about) []field {
	return func(context.Context, about) []field { return fields }
}

// families lists every deed, by the permission that it needs.
func families() []family {
	return []family{
		{"edit", identity.DisposalEdit, editing()},
		{"approve", identity.DisposalApprove, approving()},
		{"record", identity.DisposalRecord, recording()},
	}
}

func editing() map[string]deed {
	to := func(state disposal.State, text string) func(context.Context, *Pages, about, url.Values) error {
		return func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.To(ctx, a.ID, state, values.Get(text))
			return err
		}
	}
	return map[string]deed{
		"change": {func(_ context.Context, a about) []field {
			return []field{
				{Input: ui.Input{Name: "title", Label: "case.title", Value: a.Title, Limit: 200}},
				{Input: ui.Input{Name: "sensitivity", Label: "case.sensitivity", Hint: "case.sensitivity_hint", Value: a.Sensitivity, Limit: 200, Optional: true}},
				{Input: ui.Input{Name: "reason", Label: "case.reason", Value: a.Reason, Limit: 4000, Optional: true}, area: true},
			}
		}, func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.Change(ctx, a.ID, disposal.Wish{Title: values.Get("title"), Sensitivity: values.Get("sensitivity"), Reason: values.Get("reason")})
			return err
		}},
		"add": {func(ctx context.Context, a about) []field {
			return append([]field{{Input: ui.Input{Name: "assets", Label: "case.tags", Hint: "case.tags_hint", Limit: 4000}, area: true}}, routeFields(ctx, a.routes, a.line)...)
		}, (func(ctx context.Context, p *Pages, a about, values url.Values) error {
			assets, err := p.tagged(ctx, values.Get("assets"))
			if err != nil {
				return err
			}
			_, err = p.cases.Add(ctx, a.ID, values.Get("route"), values.Get("reason"), assets...)
			return err
		})},
		"remove": {just(), func(ctx context.Context, p *Pages, a about, _ url.Values) error {
			_, err := p.cases.Remove(ctx, a.ID, a.lineID())
			return err
		}},
		"route": {func(ctx context.Context, a about) []field { return routeFields(ctx, a.routes, a.line) },
			func(ctx context.Context, p *Pages, a about, values url.Values) error {
				_, err := p.cases.Reroute(ctx, a.ID, a.lineID(), values.Get("route"), values.Get("reason"))
				return err
			}},
		"settle": {just(words("taker", "case.taker")), func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.Settle(ctx, a.ID, a.lineID(), values.Get("taker"))
			return err
		}},
		"pass": {just(reason("reason", "confirm.reason")), func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.Pass(ctx, a.ID, a.lineID(), values.Get("reason"))
			return err
		}},
		"offer":   {just(), to(disposal.Offered, "")},
		"revise":  {just(reason("reason", "confirm.reason")), to(disposal.Draft, "reason")},
		"clear":   {just(), to(disposal.Cleared, "")},
		"release": {just(), to(disposal.Released, "")},
		"collect": {just(words("collector", "case.collector")), to(disposal.Collected, "collector")},
		"close":   {just(), to(disposal.Closed, "")},
		"cancel":  {just(reason("reason", "confirm.reason")), to(disposal.Cancelled, "reason")},
	}
}

func approving() map[string]deed {
	return map[string]deed{
		"approve": {just(maybe("note", "field.note")), func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.Approve(ctx, a.ID, values.Get("note"))
			return err
		}},
		"decline": {just(reason("reason", "confirm.reason")), func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.Decline(ctx, a.ID, values.Get("reason"))
			return err
		}},
	}
}

func recording() map[string]deed {
	return map[string]deed{
		"record": {removal, func(ctx context.Context, p *Pages, a about, values url.Values) error {
			wish := disposal.RecordWish{
				Outcome: disposal.Outcome(values.Get("outcome")), Technique: values.Get("technique"), Tool: values.Get("tool"),
				ToolVersion: values.Get("tool_version"), Performer: values.Get("performer"), Medium: disposal.Medium(values.Get("medium")), Note: values.Get("note"),
			}
			day, err := time.Parse(time.DateOnly, values.Get("performed_on"))
			if err == nil {
				wish.PerformedOn = day
			}
			_, err = p.cases.Record(ctx, a.ID, a.driveID(), wish)
			return err
		}},
		"lose": {just(field{Input: ui.Input{Name: "ticket", Label: "case.incident", Hint: "case.incident_hint", Limit: 40, Autocomplete: "off"}}, reason("note", "case.loss_note")),
			func(ctx context.Context, p *Pages, a about, values url.Values) error {
				_, err := p.cases.Lose(ctx, a.ID, a.driveID(), values.Get("ticket"), values.Get("note"))
				return err
			}},
		"validate": {func(ctx context.Context, _ about) []field {
			return []field{{Input: ui.Input{Name: "verification", Label: "case.verification", Value: "full"}, choices: choicesOf(ctx, "verification", disposal.Verifications())}, maybe("note", "field.note")}
		}, func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.Validate(ctx, a.ID, a.driveID(), values.Get("verification"), values.Get("note"))
			return err
		}},
		"withdraw": {just(reason("reason", "confirm.reason")), func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.Withdraw(ctx, a.ID, a.driveID(), values.Get("reason"))
			return err
		}},
		"empty": {just(reason("reason", "case.empty_reason")), func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.NoData(ctx, a.ID, a.lineID(), values.Get("reason"))
			return err
		}},
		"drive": {func(ctx context.Context, _ about) []field {
			return []field{
				{Input: ui.Input{Name: "serial", Label: "case.serial", Limit: 200, Autocomplete: "off", Mono: true}},
				{Input: ui.Input{Name: "model", Label: "case.model", Limit: 200, Autocomplete: "off", Optional: true}},
				{Input: ui.Input{Name: "medium", Label: "case.medium", Value: "unknown"}, choices: choicesOf(ctx, "medium", textsOf(disposal.Media()))},
				reason("note", "case.drive_note"),
			}
		}, func(ctx context.Context, p *Pages, a about, values url.Values) error {
			_, err := p.cases.AddDrive(ctx, a.ID, a.lineID(), disposal.DriveWish{
				Serial: values.Get("serial"), Model: values.Get("model"), Medium: disposal.Medium(values.Get("medium")), Note: values.Get("note"),
			})
			return err
		}},
	}
}

// removal asks how data was removed: only what achieves something on the
// medium is offered.
func removal(ctx context.Context, a about) []field {
	medium := disposal.Unknown
	if a.drive != nil {
		medium = a.drive.Medium
	}
	var techniques []string
	for _, technique := range disposal.Techniques() {
		if medium == disposal.Unknown || len(technique.Outcomes[medium]) > 0 {
			techniques = append(techniques, technique.Key)
		}
	}
	fields := []field{
		{Input: ui.Input{Name: "outcome", Label: "case.outcome", Hint: "case.outcome_hint", Value: "purge"}, choices: choicesOf(ctx, "outcome", textsOf(disposal.Outcomes()))},
		{Input: ui.Input{Name: "technique", Label: "case.technique", Hint: "case.technique_hint"}, choices: choicesOf(ctx, "technique", techniques)},
		words("tool", "case.tool"),
		{Input: ui.Input{Name: "tool_version", Label: "case.tool_version", Limit: 200, Autocomplete: "off", Optional: true}},
		{Input: ui.Input{Name: "performed_on", Label: "case.performed_on", Type: "date", Value: i18n.LocaleOf(ctx).Now.Format(time.DateOnly)}},
		{Input: ui.Input{Name: "performer", Label: "case.performer", Hint: "case.performer_hint", Value: identity.ActorOf(ctx).Name, Limit: 200, Autocomplete: "off", Optional: true}},
		maybe("note", "field.note"),
	}
	if medium == disposal.Unknown {
		asked := field{Input: ui.Input{Name: "medium", Label: "case.medium", Hint: "case.medium_hint", Value: "unknown"}, choices: choicesOf(ctx, "medium", textsOf(disposal.Media()))}
		fields = slices.Insert(fields, 0, asked)
	}
	return fields
}

func routeFields(ctx context.Context, routes []disposal.Route, line *disposal.Line) []field {
	now, why := "within_unit", ""
	if line != nil {
		now, why = line.Route, line.Reason
	}
	var choices []ui.Choice
	for _, route := range routes {
		choices = append(choices, ui.Choice{Value: route.Key, Label: route.Name(string(i18n.LocaleOf(ctx).Language))})
	}
	return []field{
		{Input: ui.Input{Name: "route", Label: "case.route", Hint: "case.route_hint", Value: now}, choices: choices},
		{Input: ui.Input{Name: "reason", Label: "case.route_reason", Hint: "case.route_reason_hint", Value: why, Limit: 4000, Optional: true}, area: true},
	}
}

func choicesOf(ctx context.Context, what string, values []string) []ui.Choice {
	var choices []ui.Choice
	for _, value := range values {
		choices = append(choices, ui.Choice{Value: value, Label: i18n.T(ctx, "value."+what+"."+value)})
	}
	return choices
}

func textsOf[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// tagged finds assets by their tags. Fault: Invalid, naming the first that
// there is not.
func (p *Pages) tagged(ctx context.Context, text string) ([]asset.ID, error) {
	var found []asset.ID
	for _, tag := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) }) {
		q := list.Query{Limit: 1}.With(list.Filter{Key: "tag", Relation: list.Is, Values: []string{tag}})
		page, err := p.assets.List(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(page.Items) == 0 {
			return nil, fault.NewInvalid(fault.Field{Name: "assets", Key: "fault.disposal.no_tag", Args: fault.Args{"Tag": tag}})
		}
		found = append(found, page.Items[0].ID)
	}
	return found, nil
}

// find gives the case, and the line and drive that the address names.
func (p *Pages) find(c *gin.Context) (about, error) {
	one, err := p.load(c)
	if err != nil {
		return about{}, err
	}
	a := about{subject: one}
	if text := c.Query("drive"); text != "" {
		of, err := id.Parse[disposal.DriveMark](text)
		for i := range one.Lines {
			for j := range one.Lines[i].Drives {
				if err == nil && one.Lines[i].Drives[j].ID == of {
					a.line, a.drive = &one.Lines[i], &one.Lines[i].Drives[j]
				}
			}
		}
		if a.drive == nil {
			return about{}, fault.NewMissing("drive")
		}
	}
	if text := c.Query("line"); text != "" {
		of, err := id.Parse[disposal.LineMark](text)
		for i := range one.Lines {
			if err == nil && one.Lines[i].ID == of {
				a.line = &one.Lines[i]
			}
		}
		if a.line == nil {
			return about{}, fault.NewMissing("disposal_line")
		}
	}
	return a, nil
}

// form is the page of one deed.
type form struct {
	about
	name   string
	action string
	fields []field
	typed  ui.Form
}

func (p *Pages) form(c *gin.Context, f family) (form, deed, error) {
	name := c.Param("deed")
	wanted, known := f.deeds[name]
	if !known {
		return form{}, deed{}, fault.NewMissing("page")
	}
	a, err := p.find(c)
	if err != nil {
		return form{}, deed{}, err
	}
	action := path(a.ID) + "/" + f.path + "/" + name
	if c.Request.URL.RawQuery != "" {
		action += "?" + c.Request.URL.RawQuery
	}
	return form{about: a, name: name, action: action, fields: wanted.fields(c.Request.Context(), a)}, wanted, nil
}

func (p *Pages) ask(f family) func(*gin.Context) error {
	return func(c *gin.Context) error {
		asked, _, err := p.form(c, f)
		if err != nil {
			return err
		}
		return ui.Render(c, Ask(asked))
	}
}

func (p *Pages) do(f family) func(*gin.Context) error {
	return func(c *gin.Context) error {
		asked, wanted, err := p.form(c, f)
		if err != nil {
			return err
		}
		values, err := page.Form(c)
		if err != nil {
			return err
		}
		err = wanted.run(c.Request.Context(), p, asked.about, values)
		if typed, is := ui.Wrong(values, err); is {
			asked.typed = typed
			return ui.RenderStatus(c, 422, Ask(asked))
		}
		if err != nil {
			return err
		}
		return ui.Done(c, path(asked.ID), ui.Notice{Key: "deed." + asked.name + ".done", Args: i18n.Args{"Number": asked.Number}})
	}
}
