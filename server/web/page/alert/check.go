package alert

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

func (p *Pages) checks(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.health.Checks(ctx)
	if err != nil {
		return err
	}
	causes, err := p.health.Causes(ctx)
	if err != nil {
		return err
	}
	return ui.Render(c, Checks(all, causes))
}

func (p *Pages) check(c *gin.Context) error {
	found, err := p.health.Check(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return ui.Render(c, CheckPage(found, ui.Form{}))
}

func (p *Pages) setCheck(c *gin.Context) error {
	ctx := c.Request.Context()
	present, err := p.health.Check(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wanted, err := settingFrom(values, present)
	if err == nil {
		_, err = p.health.SetCheck(ctx, present.ID, wanted)
	}
	if form, is := ui.Wrong(values, err); is {
		return ui.RenderStatus(c, 422, CheckPage(present, form))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/checks/"+present.ID, ui.Notice{Key: "notice.check_changed", Args: i18n.Args{"Name": title(ctx, present.ID)}})
}

// settingFrom reads the form of a check. Fault: Invalid.
func settingFrom(values url.Values, present health.Active) (health.Setting, error) {
	var wrong []fault.Field
	number := func(name string) float64 {
		text := strings.Replace(strings.TrimSpace(values.Get(name)), ",", ".", 1)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			wrong = append(wrong, fault.Field{Name: name, Key: "fault.field.number"})
		}
		return value
	}
	wanted := health.Setting{Enabled: values.Get("enabled") == "on"}
	if present.Limits.Warn != nil {
		wanted.Limits.Warn = &health.Limit{Raise: number("limits.warn"), Clear: number("warn_clear")}
	}
	if present.Limits.Crit != nil {
		wanted.Limits.Crit = &health.Limit{Raise: number("limits.crit"), Clear: number("crit_clear")}
	}
	minutes, err := strconv.Atoi(strings.TrimSpace(values.Get("hold_minutes")))
	if err != nil {
		wrong = append(wrong, fault.Field{Name: "hold_minutes", Key: "fault.field.number"})
	}
	wanted.Hold = time.Duration(minutes) * time.Minute
	if wrong != nil {
		return health.Setting{}, fault.NewInvalid(wrong...)
	}
	return wanted, nil
}

func checksGrid(ctx context.Context, all []health.Active, causes []health.Cause) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, "checks.title"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "checks.name")}, {Label: i18n.T(ctx, "checks.warn")}, {Label: i18n.T(ctx, "checks.crit")},
		{Label: i18n.T(ctx, "checks.hold")}, {Label: i18n.T(ctx, "checks.alerts"), Number: true}, {Label: i18n.T(ctx, "checks.changed")},
	}}
	for _, one := range all {
		open := 0
		for _, cause := range causes {
			if cause.Check == one.ID {
				open = cause.Alerts
			}
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			checkName(one), note(limit(ctx, one.Unit, one.Limits.Warn)), note(limit(ctx, one.Unit, one.Limits.Crit)),
			note(held(ctx, one.Hold)), openOf(one.ID, open), changed(one),
		})
	}
	return grid
}
