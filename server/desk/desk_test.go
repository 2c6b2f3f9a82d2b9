package desk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"holdfast/server/calendar"
	"holdfast/server/desk"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/id"
)

func load(t *testing.T, db *store.DB) *desk.Rules {
	t.Helper()
	rules, err := desk.Load(db.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestRulesAreCompleteAsTheyCome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rules := load(t, db)
		for _, impact := range desk.Impacts() {
			for _, urgency := range desk.Urgencies() {
				priority, found := rules.Matrix[desk.Cell{Impact: impact, Urgency: urgency}]
				if !found {
					t.Errorf("no priority for %s and %s", impact, urgency)
				}
				for _, kind := range desk.Kinds() {
					level, err := rules.Level(kind, priority)
					if err != nil || rules.Calendars[level.CalendarID] == nil || level.Own <= 0 || level.Resolve <= level.Own {
						t.Errorf("%s %s: %+v, %v", kind, priority, level, err)
					}
				}
			}
		}
		for _, category := range rules.Categories {
			if len(category.Route) == 0 || category.NameEN == "" || category.NameFR == "" {
				t.Errorf("category %s: %+v", category.Key, category)
			}
			for _, team := range category.Route {
				if !slices.Contains(desk.Teams(), team) {
					t.Errorf("category %s goes to %s", category.Key, team)
				}
			}
		}
		for _, check := range health.Checks() {
			rule := rules.Alert(check.ID)
			if _, err := rules.Keyed(rule.Category); err != nil || rule.Topic == "" {
				t.Errorf("alerts of %s: %+v, %v", check.ID, rule, err)
			}
			if !slices.ContainsFunc(rules.Alerts, func(r desk.AlertRule) bool { return r.Check == check.ID }) {
				t.Errorf("there is no rule for alerts of %s", check.ID)
			}
		}
	})
}

func TestAdministratorsChangeRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, ctx := desk.New(db), identity.WithActor(t.Context(), identity.System("root"))
		rules := load(t, db)
		fine := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		fine(s.SetPriority(ctx, desk.Cell{Impact: desk.One, Urgency: desk.High}, desk.P1))
		fine(s.SetLevel(ctx, desk.Level{Kind: desk.Incident, Priority: desk.P1, Own: 5 * time.Minute, Resolve: time.Hour}))
		fine(s.SetSetting(ctx, desk.SettingGrace, 0))
		fine(s.SetAlert(ctx, desk.AlertRule{Check: "disk_trend", Since: desk.Never, Cause: desk.ByUnit, Impact: desk.Site, Urgency: desk.Low, Category: "server"}))
		made, err := s.SetCategory(ctx, desk.Category{Key: "fleet", NameEN: "Vehicles", NameFR: "Véhicules", Active: true, Route: []identity.Role{identity.LineOfBusiness, identity.HelpDesk}})
		fine(err)
		office := *rules.Calendars[rules.Levels[0].CalendarID]
		office.TimeZone = "America/Toronto"
		office.Hours[time.Saturday] = []calendar.Span{{Opens: 9 * 60, Closes: 12 * 60}}
		office.Holidays[office.Of(time.Date(2026, 12, 25, 12, 0, 0, 0, time.UTC))] = "Christmas Day"
		fine(s.SetCalendar(ctx, office))

		rules = load(t, db)
		level, err := rules.Level(desk.Incident, rules.Priority(desk.One, desk.High))
		if err != nil || level.Own != 5*time.Minute || level.Resolve != time.Hour {
			t.Errorf("the level is %+v, %v", level, err)
		}
		if rule := rules.Alert("disk_trend"); rule.Since != desk.Never || rule.Topic != "disk" || rule.Category != "server" || rule.ChangedBy != "root" {
			t.Errorf("the rule is %+v", rule)
		}
		if rules.Settings.Grace != 0 || rules.Settings.StormDevices != 10 {
			t.Errorf("the settings are %+v", rules.Settings)
		}
		category, err := rules.Category(made)
		if err != nil || !slices.Equal(category.Route, []identity.Role{identity.LineOfBusiness, identity.HelpDesk}) || category.Name("fr") != "Véhicules" {
			t.Errorf("the category is %+v, %v", category, err)
		}
		now := rules.Calendars[office.ID]
		if now.Zone.String() != "America/Toronto" || len(now.Hours[time.Saturday]) != 1 || len(now.Holidays) != 1 ||
			now.Open(time.Date(2026, 12, 25, 15, 0, 0, 0, time.UTC)) {
			t.Errorf("the calendar is %+v", now)
		}
	})
}

func TestWrongRulesAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, ctx := desk.New(db), identity.WithActor(t.Context(), identity.System("root"))
		rules := load(t, db)
		closed := *rules.Calendars[rules.Levels[0].CalendarID]
		closed.Hours = [7][]calendar.Span{}
		over := *rules.Calendars[rules.Levels[0].CalendarID]
		over.Hours[1] = []calendar.Span{{Opens: 600, Closes: 700}, {Opens: 650, Closes: 800}}
		zone := *rules.Calendars[rules.Levels[0].CalendarID]
		zone.TimeZone = "Mars/Olympus"
		_, taken := s.SetCategory(ctx, desk.Category{Key: "office", NameEN: "x", NameFR: "x", Route: []identity.Role{identity.HelpDesk}})
		_, routed := s.SetCategory(ctx, desk.Category{Key: "new", NameEN: "x", NameFR: "x", Route: []identity.Role{identity.Committee}})
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
		}{
			"priority": {s.SetPriority(ctx, desk.Cell{Impact: "x"}, "p9"), fault.Invalid},
			"level":    {s.SetLevel(ctx, desk.Level{Kind: desk.Incident, Priority: desk.P1}), fault.Invalid},
			"setting":  {s.SetSetting(ctx, desk.SettingStormDevices, 1), fault.Invalid},
			"unknown":  {s.SetSetting(ctx, "x", 1), fault.Missing},
			"check":    {s.SetAlert(ctx, desk.AlertRule{Check: "x"}), fault.Missing},
			"rule":     {s.SetAlert(ctx, desk.AlertRule{Check: "disk_space", Since: "x"}), fault.Invalid},
			"closed":   {s.SetCalendar(ctx, closed), fault.Invalid},
			"over":     {s.SetCalendar(ctx, over), fault.Invalid},
			"zone":     {s.SetCalendar(ctx, zone), fault.Invalid},
			"calendar": {s.SetCalendar(ctx, desk.Calendar{Calendar: rules.Calendars[rules.Levels[0].CalendarID].Calendar, Name: "x"}), fault.Missing},
			"taken":    {taken, fault.Conflict},
			"route":    {routed, fault.Invalid},
		} {
			if !fault.Is(c.err, c.kind) {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		for name, grant := range map[string]identity.Grant{
			"the help desk":                {Role: identity.HelpDesk, Reach: identity.Scope{All: true}},
			"an administrator of one unit": {Role: identity.Administrator, Reach: identity.Scope{Units: []identity.UnitID{id.New[identity.Unit]()}}},
		} {
			actor := identity.WithActor(context.Background(), identity.Actor{Kind: identity.UserKind, Grants: []identity.Grant{grant}})
			if err := s.SetSetting(actor, desk.SettingGrace, 5); !fault.Is(err, fault.Denied) {
				t.Errorf("%s may: %v", name, err)
			}
		}
	})
}
