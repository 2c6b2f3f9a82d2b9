package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"holdfast/server/calendar"
	"holdfast/server/desk"
	"holdfast/server/fault"
	"holdfast/server/identity"
)

// DeskRules is how the desk works.
type DeskRules struct {
	Priorities []DeskPriority  `json:"priorities" nullable:"false" doc:"Which priority follows from impact and urgency."`
	Levels     []DeskLevel     `json:"levels" nullable:"false"`
	Categories []DeskCategory  `json:"categories" nullable:"false" doc:"In the order in which they are offered."`
	Calendars  []DeskCalendar  `json:"calendars" nullable:"false"`
	Alerts     []DeskAlertRule `json:"alerts" nullable:"false" doc:"Which alerts become tickets."`
	Settings   []DeskSetting   `json:"settings" nullable:"false"`
}

// DeskPriority is the priority of an impact and an urgency.
type DeskPriority struct {
	Impact   string `json:"impact" enum:"one,group,site,all"`
	Urgency  string `json:"urgency" enum:"low,medium,high"`
	Priority string `json:"priority" enum:"p1,p2,p3,p4"`
}

// DeskLevel is how soon tickets are to be dealt with, in working time.
type DeskLevel struct {
	Kind           string `json:"kind" enum:"incident,request"`
	Priority       string `json:"priority" enum:"p1,p2,p3,p4"`
	OwnMinutes     int    `json:"own_minutes"`
	ResolveMinutes int    `json:"resolve_minutes"`
	CalendarID     string `json:"calendar_id,omitempty" format:"uuid"`
}

// DeskCategory is what a ticket is about.
type DeskCategory struct {
	ID       string   `json:"id,omitempty" format:"uuid"`
	Key      string   `json:"key,omitempty" doc:"By which rules name it; it never changes."`
	NameEN   string   `json:"name_en"`
	NameFR   string   `json:"name_fr"`
	Position int      `json:"position"`
	Portal   bool     `json:"portal" doc:"Offered to requesters."`
	Active   bool     `json:"active" doc:"Offered at all."`
	Route    []string `json:"route" nullable:"false" doc:"Teams: who has it first, and where each escalation leads."`
}

// DeskCalendar says when somebody works.
type DeskCalendar struct {
	ID       string        `json:"id,omitempty" format:"uuid"`
	Name     string        `json:"name"`
	TimeZone string        `json:"time_zone,omitempty" doc:"IANA name; absent: that of the server."`
	Hours    []DeskHours   `json:"hours" nullable:"false"`
	Holidays []DeskHoliday `json:"holidays" nullable:"false"`
}

// DeskHours is a time of a weekday that is worked.
type DeskHours struct {
	Weekday int `json:"weekday" minimum:"0" maximum:"6" doc:"0 is Sunday."`
	Opens   int `json:"opens" doc:"Minutes since midnight."`
	Closes  int `json:"closes" doc:"Minutes since midnight, at most 1440."`
}

// DeskHoliday is a day on which nobody works.
type DeskHoliday struct {
	Day  string `json:"day" format:"date"`
	Name string `json:"name"`
}

// DeskAlertRule says what becomes of the alerts of a check.
type DeskAlertRule struct {
	Check     string     `json:"check,omitempty"`
	Since     string     `json:"since" enum:"warn,crit,never" doc:"How grave an alert must be to become a ticket."`
	Cause     string     `json:"cause" enum:"device,subject,model,unit" doc:"What makes alerts one ticket."`
	Impact    string     `json:"impact" enum:"one,group,site,all"`
	Urgency   string     `json:"urgency" enum:"low,medium,high" doc:"Of a warning; a critical alert is high."`
	Category  string     `json:"category" doc:"Key."`
	ChangedAt *time.Time `json:"changed_at,omitempty" readOnly:"true" doc:"Absent when it is as it comes."`
	ChangedBy string     `json:"changed_by,omitempty" readOnly:"true"`
}

// DeskSetting is a number that rules name.
type DeskSetting struct {
	Name  string `json:"name"`
	Value int    `json:"value"`
	Least int    `json:"least"`
	Most  int    `json:"most"`
}

// CellBody names a place in the matrix and says its priority.
type CellBody struct {
	Impact  string `path:"impact"`
	Urgency string `path:"urgency"`
	Body    struct {
		Priority string `json:"priority" enum:"p1,p2,p3,p4"`
	}
}

// LevelBody names a service level and says what it is to be.
type LevelBody struct {
	Kind     string `path:"kind"`
	Priority string `path:"priority"`
	Body     struct {
		OwnMinutes     int    `json:"own_minutes"`
		ResolveMinutes int    `json:"resolve_minutes"`
		CalendarID     string `json:"calendar_id,omitempty" format:"uuid" doc:"Absent: as it was."`
	}
}

// RuleBody names a check and says what becomes of its alerts.
type RuleBody struct {
	CheckInput
	Body DeskAlertRule
}

// SettingBody names a setting and says its value.
type SettingBody struct {
	Name string `path:"name"`
	Body struct {
		Value int `json:"value"`
	}
}

func (a *API) desk() {
	manage, service := identity.Needs(identity.TicketsManage), a.services.Desk
	register(a, operation{method: http.MethodGet, path: "/desk", name: "get-desk", summary: "Get the rules by which the desk works", tag: tagTickets, rule: identity.Needs(identity.TicketsRead)},
		func(ctx context.Context, _ *struct{}) (*body[DeskRules], error) { return a.deskRules(ctx) })
	register(a, operation{method: http.MethodPut, path: "/desk/priorities/{impact}/{urgency}", name: "set-priority", summary: "Say which priority follows from impact and urgency", tag: tagTickets, rule: manage},
		func(ctx context.Context, in *CellBody) (*body[DeskRules], error) {
			cell := desk.Cell{Impact: desk.Impact(in.Impact), Urgency: desk.Urgency(in.Urgency)}
			return a.deskChanged(ctx, service.SetPriority(ctx, cell, desk.Priority(in.Body.Priority)))
		})
	register(a, operation{method: http.MethodPut, path: "/desk/levels/{kind}/{priority}", name: "set-service-level", summary: "Say how soon tickets are to be dealt with", tag: tagTickets, rule: manage},
		func(ctx context.Context, in *LevelBody) (*body[DeskRules], error) {
			of, err := optionalThing[desk.CalendarMark](in.Body.CalendarID, "calendar_id")
			if err != nil {
				return nil, err
			}
			return a.deskChanged(ctx, service.SetLevel(ctx, desk.Level{
				Kind: desk.Kind(in.Kind), Priority: desk.Priority(in.Priority), CalendarID: of,
				Own: time.Duration(in.Body.OwnMinutes) * time.Minute, Resolve: time.Duration(in.Body.ResolveMinutes) * time.Minute,
			}))
		})
	register(a, operation{method: http.MethodPost, path: "/desk/categories", name: "add-category", summary: "Add a category", tag: tagTickets, rule: manage, status: http.StatusCreated},
		func(ctx context.Context, in *body[DeskCategory]) (*body[DeskRules], error) {
			_, err := service.SetCategory(ctx, readCategory(in.Body))
			return a.deskChanged(ctx, err)
		})
	register(a, operation{method: http.MethodPut, path: "/desk/categories/{id}", name: "set-category", summary: "Change a category", tag: tagTickets, rule: manage},
		func(ctx context.Context, in *TicketBody[DeskCategory]) (*body[DeskRules], error) {
			of, err := thing[desk.CategoryMark](in.ID, "category")
			if err != nil {
				return nil, err
			}
			wish := readCategory(in.Body)
			wish.ID = of
			_, err = service.SetCategory(ctx, wish)
			return a.deskChanged(ctx, err)
		})
	register(a, operation{method: http.MethodPut, path: "/desk/calendars/{id}", name: "set-calendar", summary: "Say when somebody works", tag: tagTickets, rule: manage},
		func(ctx context.Context, in *TicketBody[DeskCalendar]) (*body[DeskRules], error) {
			of, err := thing[desk.CalendarMark](in.ID, "calendar")
			if err != nil {
				return nil, err
			}
			wish, err := readCalendar(in.Body)
			if err != nil {
				return nil, err
			}
			wish.ID = of
			return a.deskChanged(ctx, service.SetCalendar(ctx, wish))
		})
	register(a, operation{method: http.MethodPut, path: "/desk/alerts/{id}", name: "set-alert-rule", summary: "Say what becomes of the alerts of a check", tag: tagTickets, rule: manage},
		func(ctx context.Context, in *RuleBody) (*body[DeskRules], error) {
			return a.deskChanged(ctx, service.SetAlert(ctx, desk.AlertRule{
				Check: in.ID, Since: desk.Since(in.Body.Since), Cause: desk.Cause(in.Body.Cause), Impact: desk.Impact(in.Body.Impact),
				Urgency: desk.Urgency(in.Body.Urgency), Category: in.Body.Category,
			}))
		})
	register(a, operation{method: http.MethodPut, path: "/desk/settings/{name}", name: "set-desk-setting", summary: "Set a number that the rules name", tag: tagTickets, rule: manage},
		func(ctx context.Context, in *SettingBody) (*body[DeskRules], error) {
			return a.deskChanged(ctx, service.SetSetting(ctx, in.Name, in.Body.Value))
		})
}

// deskChanged answers a change with all rules as they are now.
func (a *API) deskChanged(ctx context.Context, err error) (*body[DeskRules], error) {
	if err != nil {
		return nil, err
	}
	return a.deskRules(ctx)
}

func (a *API) deskRules(ctx context.Context) (*body[DeskRules], error) {
	rules, err := a.services.Desk.Rules(ctx)
	if err != nil {
		return nil, err
	}
	made := DeskRules{
		Levels: each(rules.Levels, func(l desk.Level) DeskLevel {
			return DeskLevel{string(l.Kind), string(l.Priority), int(l.Own / time.Minute), int(l.Resolve / time.Minute), l.CalendarID.String()}
		}),
		Categories: each(rules.Categories, func(c desk.Category) DeskCategory {
			return DeskCategory{
				c.ID.String(), c.Key, c.NameEN, c.NameFR, c.Position, c.Portal, c.Active,
				each(c.Route, func(team identity.Role) string { return string(team) }),
			}
		}),
		Alerts: each(rules.Alerts, func(r desk.AlertRule) DeskAlertRule {
			return DeskAlertRule{
				r.Check, string(r.Since), string(r.Cause), string(r.Impact), string(r.Urgency), r.Category, known(r.ChangedAt), r.ChangedBy,
			}
		}),
		Settings: each(desk.Bounds(), func(b desk.Bound) DeskSetting {
			return DeskSetting{b.Name, rules.Settings.Value(b.Name), b.Least, b.Most}
		}),
		Calendars: []DeskCalendar{},
	}
	for _, impact := range desk.Impacts() {
		for _, urgency := range desk.Urgencies() {
			made.Priorities = append(made.Priorities, DeskPriority{string(impact), string(urgency), string(rules.Priority(impact, urgency))})
		}
	}
	for _, c := range rules.Calendars {
		made.Calendars = append(made.Calendars, writeCalendar(c))
	}
	slices.SortFunc(made.Calendars, func(a, b DeskCalendar) int { return compare(a.Name, b.Name) })
	return &body[DeskRules]{made}, nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func writeCalendar(c *desk.Calendar) DeskCalendar {
	made := DeskCalendar{ID: c.ID.String(), Name: c.Name, TimeZone: c.TimeZone, Hours: []DeskHours{}, Holidays: []DeskHoliday{}}
	for weekday, spans := range c.Hours {
		for _, span := range spans {
			made.Hours = append(made.Hours, DeskHours{weekday, span.Opens, span.Closes})
		}
	}
	for day, name := range c.Holidays {
		made.Holidays = append(made.Holidays, DeskHoliday{onDay(day.Date()), name})
	}
	slices.SortFunc(made.Holidays, func(a, b DeskHoliday) int { return compare(a.Day, b.Day) })
	return made
}

func readCategory(in DeskCategory) desk.Category {
	return desk.Category{
		Key: in.Key, NameEN: in.NameEN, NameFR: in.NameFR, Position: in.Position, Portal: in.Portal, Active: in.Active,
		Route: each(in.Route, func(team string) identity.Role { return identity.Role(team) }),
	}
}

func readCalendar(in DeskCalendar) (desk.Calendar, error) {
	made := desk.Calendar{Name: in.Name, TimeZone: in.TimeZone, Calendar: calendar.Calendar{Holidays: map[calendar.Day]string{}}}
	for _, hours := range in.Hours {
		if hours.Weekday < 0 || hours.Weekday > 6 {
			return made, located{fault.NewInvalid(fault.Field{Name: "hours", Key: "fault.desk.hours"}), "body"}
		}
		made.Hours[hours.Weekday] = append(made.Hours[hours.Weekday], calendar.Span{Opens: hours.Opens, Closes: hours.Closes})
	}
	for _, holiday := range in.Holidays {
		date, err := time.Parse(time.DateOnly, holiday.Day)
		if err != nil {
			return made, located{fault.NewInvalid(fault.Field{Name: "holidays", Key: "fault.desk.day"}), "body"}
		}
		made.Holidays[made.Calendar.Of(date)] = holiday.Name
	}
	return made, nil
}
