// Package alert has the list of alerts, the page of one alert, the checks that
// find them, and the panels about health on other pages.
package alert

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Pages are the pages of this package.
type Pages struct {
	health *health.Service
	units  *unit.Service
	views  *view.Service
	ticket Ticket
}

// Ticket draws the ticket that an alert belongs to; nil for none, or none that
// the reader may see.
type Ticket func(ctx context.Context, of health.ID) (templ.Component, error)

// New makes the pages.
func New(service *health.Service, units *unit.Service, views *view.Service, ticket Ticket) *Pages {
	return &Pages{health: service, units: units, views: views, ticket: ticket}
}

// Path is where the list of open alerts is.
const Path = "/alerts?snoozed=no&state=open"

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, handle, manage := identity.Needs(identity.AlertsRead), identity.Needs(identity.AlertsHandle), identity.Needs(identity.ChecksManage)
	return []page.Page{
		page.Get("/alerts", read, p.list),
		page.Get("/alerts/export", read, p.export),
		page.Post("/alerts/handle", handle, p.handle),
		page.Get("/alerts/:id", read, p.alert),
		page.Get("/checks", read, p.checks),
		page.Get("/checks/:id", read, p.check),
		page.Post("/checks/:id", manage, p.setCheck),
	}
}

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := p.health.Columns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.health.Alerts(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(r health.Row) string { return path(r.ID) }, cell)
	shown.Path, shown.Adding, shown.Export = "/alerts", adding, true
	units, err := p.units.List(ctx)
	if err != nil {
		return err
	}
	shown.Choices = map[string][]ui.Choice{"unit": page.UnitChoices(units)}
	if shown.Views, err = page.Views(ctx, p.views, definition, builtIn()); err != nil {
		return err
	}
	if identity.ActorOf(ctx).May(identity.AlertsHandle) {
		shown.Bulk, shown.BulkPath = bulk(), "/alerts/handle"
		for i, row := range found.Items {
			if row.State == health.Open {
				shown.Rows[i].ID, shown.Rows[i].Name = row.ID.String(), sentence(ctx, row)
			}
		}
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, List(shown))
}

// builtIn are the views that every reader of alerts has.
func builtIn() []ui.Choice {
	return []ui.Choice{
		{Value: "state=open&snoozed=no", Label: "view.alerts_open"},
		{Value: "state=open&snoozed=no&acknowledged=no", Label: "view.alerts_new"},
		{Value: "state=open&snoozed=no&severity=crit", Label: "view.alerts_critical"},
		{Value: "snoozed=yes", Label: "view.alerts_snoozed"},
		{Value: "state=resolved&sort=-resolved_at", Label: "view.alerts_resolved"},
		{Value: "", Label: "view.alerts_all"},
	}
}

// cell draws the columns of alerts that are more than their value.
func cell(row health.Row, column list.Column[health.Row]) templ.Component {
	switch column.Key {
	case "check":
		return nameCell(row)
	case "severity":
		return severityCell(row)
	case "device":
		return aboutCell(row)
	case "state":
		return stateCell(row)
	}
	return nil
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, p.health.Columns(), func(ctx context.Context, q list.Query) (iter.Seq2[health.Row, error], error) {
		return p.health.ExportAlerts(ctx, q)
	})
}

// subject is one alert with what its page shows.
type subject struct {
	health.Row
	history []health.Happening
	device  health.Device // of the device that it is about, if any
	ticket  templ.Component
	mine    bool // whether the reader may handle it
	form    ui.Form
}

func (p *Pages) load(c *gin.Context, wanted health.ID) (subject, error) {
	ctx := c.Request.Context()
	found, err := p.health.Get(ctx, wanted)
	if err != nil {
		return subject{}, err
	}
	one := subject{Row: found, mine: identity.AllowIn(ctx, identity.AlertsHandle, found.UnitID) == nil}
	if one.history, err = p.health.History(ctx, wanted); err != nil {
		return subject{}, err
	}
	if one.ticket, err = p.ticket(ctx, wanted); err != nil {
		return subject{}, err
	}
	if !found.DeviceID.IsZero() {
		one.device, err = p.health.Device(ctx, found.DeviceID)
	}
	return one, err
}

func (p *Pages) alert(c *gin.Context) error {
	wanted, err := page.ID[health.Mark](c, "id", "alert")
	if err != nil {
		return err
	}
	one, err := p.load(c, wanted)
	if err != nil {
		return err
	}
	return ui.Render(c, Alert(one))
}

// mostUndone bounds what fits into the cookie of a notice.
const mostUndone = 40

// handle does one thing to one alert or to several.
func (p *Pages) handle(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	alerts, err := picked(values)
	if err != nil {
		return err
	}
	ctx, back := c.Request.Context(), page.Local(values.Get("back"))
	notice := ui.Notice{Args: i18n.Args{"Count": strconv.Itoa(len(alerts))}}
	undo := ""
	switch values.Get("do") {
	case "acknowledge":
		notice.Key, undo = "notice.alerts_acknowledged", "unacknowledge"
		err = p.health.Acknowledge(ctx, values.Get("note"), alerts...)
	case "unacknowledge":
		notice.Key = "notice.alerts_unacknowledged"
		err = p.health.Unacknowledge(ctx, alerts...)
	case "snooze":
		var until time.Time
		if until, err = napUntil(ctx, values); err == nil {
			notice.Key, undo = "notice.alerts_snoozed", "wake"
			notice.Args["When"] = i18n.DateTime(ctx, until)
			err = p.health.Snooze(ctx, until, values.Get("note"), alerts...)
		}
	case "wake":
		notice.Key = "notice.alerts_woken"
		err = p.health.Wake(ctx, alerts...)
	default:
		err = fault.NewInvalid(fault.Field{Name: "do", Key: "fault.field.choice"})
	}
	if err != nil {
		return p.again(c, values, alerts, err)
	}
	if undo != "" && len(alerts) <= mostUndone {
		ids := make([]string, len(alerts))
		for i, one := range alerts {
			ids[i] = one.String()
		}
		notice.Undo = &ui.Undo{Action: "/alerts/handle", Values: map[string]string{"do": undo, "id": strings.Join(ids, ","), "back": back}}
	}
	return ui.Done(c, back, notice)
}

// again shows the page of the one alert with what is wrong; of several the
// fault is a page of its own.
func (p *Pages) again(c *gin.Context, values url.Values, alerts []health.ID, err error) error {
	form, is := ui.Wrong(values, err)
	if !is || len(alerts) != 1 {
		return err
	}
	one, loading := p.load(c, alerts[0])
	if loading != nil {
		return loading
	}
	one.form = form
	return ui.RenderStatus(c, 422, Alert(one))
}

func picked(values url.Values) ([]health.ID, error) {
	var alerts []health.ID
	for _, text := range strings.FieldsFunc(strings.Join(values["id"], ","), func(r rune) bool { return r == ',' }) {
		of, err := id.Parse[health.Mark](text)
		if err != nil {
			return nil, fault.NewMissing("alert")
		}
		alerts = append(alerts, of)
	}
	return alerts, nil
}

func napUntil(ctx context.Context, values url.Values) (time.Time, error) {
	days, err := strconv.Atoi(values.Get("days"))
	if err != nil || days < 1 {
		return time.Time{}, fault.NewInvalid(fault.Field{Name: "days", Key: "fault.field.choice"})
	}
	return i18n.LocaleOf(ctx).Now.AddDate(0, 0, days), nil
}

func path(of health.ID) string { return "/alerts/" + of.String() }
