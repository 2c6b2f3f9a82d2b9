package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"holdfast/server/audit"
	"holdfast/server/calendar"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Service lets people see and administrators change the rules.
type Service struct{ db *store.DB }

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db} }

const nameLimit = 100 // characters

// Rules gives all rules as they are in force. Fault: Denied.
func (s *Service) Rules(ctx context.Context) (*Rules, error) {
	if err := identity.Allow(ctx, identity.TicketsRead); err != nil {
		return nil, err
	}
	return Load(s.db.Read(ctx))
}

// Offered lists the categories that requesters may choose from. Fault: Denied.
func (s *Service) Offered(ctx context.Context) ([]Category, error) {
	if err := identity.Allow(ctx, identity.TicketsOwn); err != nil {
		return nil, err
	}
	rules, err := Load(s.db.Read(ctx))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rules.Categories, func(c Category) bool { return !c.Portal || !c.Active }), nil
}

// change runs a change of rules by an administrator of the whole organisation,
// for which they hold, and records it. do gives what was and what is.
func (s *Service) change(ctx context.Context, action, object string, do func(tx *store.Tx, rules *Rules) (was, is audit.Fields, err error)) error {
	if err := identity.AllowEverywhere(ctx, identity.TicketsManage); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		rules, err := Load(tx.DB)
		if err != nil {
			return err
		}
		was, is, err := do(tx, rules)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, action, audit.Object{Kind: "desk", ID: object}, was, is)
	})
}

// SetPriority says which priority follows from impact and urgency. Faults:
// Denied, Invalid.
func (s *Service) SetPriority(ctx context.Context, cell Cell, priority Priority) error {
	var fields check.Fields
	needed(&fields, "impact", cell.Impact, Impacts())
	needed(&fields, "urgency", cell.Urgency, Urgencies())
	needed(&fields, "priority", priority, Priorities())
	if err := fields.Err(); err != nil {
		return err
	}
	name := string(cell.Impact) + "." + string(cell.Urgency)
	return s.change(ctx, "desk.priority_changed", name, func(tx *store.Tx, rules *Rules) (was, is audit.Fields, err error) {
		err = tx.Exec(`INSERT INTO ticket_matrix (impact, urgency, priority) VALUES (?, ?, ?)
			ON CONFLICT (impact, urgency) DO UPDATE SET priority = excluded.priority`, cell.Impact, cell.Urgency, priority).Error
		return audit.Fields{"priority": rules.Matrix[cell]}, audit.Fields{"priority": priority}, failed("set priority", err)
	})
}

// SetLevel says how soon tickets of a kind and priority are to be dealt with:
// those that are opened from now on. Faults: Denied, Invalid.
func (s *Service) SetLevel(ctx context.Context, level Level) error {
	var fields check.Fields
	needed(&fields, "kind", level.Kind, Kinds())
	needed(&fields, "priority", level.Priority, Priorities())
	const longest = 365 * 24 * time.Hour
	for _, target := range []struct {
		name string
		d    time.Duration
	}{{"own_minutes", level.Own}, {"resolve_minutes", level.Resolve}} {
		if target.d < time.Minute || target.d > longest {
			fields.Add(target.name, "fault.desk.minutes", fault.Args{"Most": int(longest / time.Minute)})
		}
	}
	if err := fields.Err(); err != nil {
		return err
	}
	name := string(level.Kind) + "." + string(level.Priority)
	return s.change(ctx, "desk.level_changed", name, func(tx *store.Tx, rules *Rules) (was, is audit.Fields, err error) {
		before, err := rules.Level(level.Kind, level.Priority)
		if err != nil {
			return nil, nil, err
		}
		if level.CalendarID.IsZero() {
			level.CalendarID = before.CalendarID
		}
		if rules.Calendars[level.CalendarID] == nil {
			return nil, nil, fault.NewInvalid(fault.Field{Name: "calendar_id", Key: "fault.desk.calendar"})
		}
		err = tx.Exec("UPDATE service_levels SET own_minutes = ?, resolve_minutes = ?, calendar_id = ? WHERE kind = ? AND priority = ?",
			int64(level.Own/time.Minute), int64(level.Resolve/time.Minute), level.CalendarID, level.Kind, level.Priority).Error
		return before.fields(), level.fields(), failed("set service level", err)
	})
}

func (l *Level) fields() audit.Fields {
	return audit.Fields{"own_minutes": int(l.Own / time.Minute), "resolve_minutes": int(l.Resolve / time.Minute), "calendar_id": l.CalendarID.String()}
}

// SetCategory makes a category as wished: its names, order, route and whether
// it is offered. Without an identifier a new one is made, whose key must be
// free. Faults: Denied, Invalid, Missing, Conflict.
func (s *Service) SetCategory(ctx context.Context, wish Category) (CategoryID, error) {
	var fields check.Fields
	wish.NameEN, wish.NameFR = fields.Name("name_en", wish.NameEN, nameLimit), fields.Name("name_fr", wish.NameFR, nameLimit)
	if len(wish.Route) == 0 {
		fields.Add("route", "fault.field.required", nil)
	}
	for _, team := range wish.Route {
		if !slices.Contains(Teams(), team) {
			fields.Add("route", "fault.ticket.team", nil)
		}
	}
	made := wish.ID.IsZero()
	if made {
		wish.Key = fields.Name("key", wish.Key, nameLimit)
		wish.ID = id.New[CategoryMark]()
	}
	if err := fields.Err(); err != nil {
		return CategoryID{}, err
	}
	return wish.ID, s.change(ctx, "desk.category_changed", wish.ID.String(), func(tx *store.Tx, rules *Rules) (was, is audit.Fields, err error) {
		if made {
			if _, err := rules.Keyed(wish.Key); err == nil {
				return nil, nil, fault.NewConflict("fault.desk.key_taken", fault.Args{"Key": wish.Key})
			}
			err = tx.Exec("INSERT INTO ticket_categories (id, key, name_en, name_fr, position, portal, active) VALUES (?, ?, ?, ?, ?, ?, ?)",
				wish.ID, wish.Key, wish.NameEN, wish.NameFR, wish.Position, wish.Portal, wish.Active).Error
		} else {
			before, err := rules.Category(wish.ID)
			if err != nil {
				return nil, nil, err
			}
			was = before.fields()
			err = tx.Exec("UPDATE ticket_categories SET name_en = ?, name_fr = ?, position = ?, portal = ?, active = ? WHERE id = ?",
				wish.NameEN, wish.NameFR, wish.Position, wish.Portal, wish.Active, wish.ID).Error
			if err != nil {
				return nil, nil, failed("change category", err)
			}
			err = tx.Exec("DELETE FROM ticket_routes WHERE category_id = ?", wish.ID).Error
			if err != nil {
				return nil, nil, failed("change route", err)
			}
		}
		if err != nil {
			return nil, nil, failed("add category", err)
		}
		for i, team := range wish.Route {
			if err := tx.Exec("INSERT INTO ticket_routes (category_id, level, team) VALUES (?, ?, ?)", wish.ID, i+1, team).Error; err != nil {
				return nil, nil, failed("set route", err)
			}
		}
		return was, wish.fields(), nil
	})
}

func (c *Category) fields() audit.Fields {
	route := make([]string, len(c.Route))
	for i, team := range c.Route {
		route[i] = string(team)
	}
	return audit.Fields{"name_en": c.NameEN, "name_fr": c.NameFR, "position": c.Position, "portal": c.Portal, "active": c.Active, "route": route}
}

// SetCalendar makes a calendar as wished. Clocks that run are worked out anew
// at the next thing that happens to their ticket. Faults: Denied, Invalid,
// Missing.
func (s *Service) SetCalendar(ctx context.Context, wish Calendar) error {
	var fields check.Fields
	wish.Name = fields.Name("name", wish.Name, nameLimit)
	if wish.TimeZone != "" {
		if _, err := time.LoadLocation(wish.TimeZone); err != nil || wish.TimeZone == "Local" {
			fields.Add("time_zone", "fault.desk.zone", nil)
		}
	}
	checkHours(&fields, wish.Hours)
	for day, name := range wish.Holidays {
		wish.Holidays[day] = fields.Name("holidays", name, nameLimit)
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return s.change(ctx, "desk.calendar_changed", wish.ID.String(), func(tx *store.Tx, rules *Rules) (was, is audit.Fields, err error) {
		before := rules.Calendars[wish.ID]
		if before == nil {
			return nil, nil, fault.NewMissing("calendar")
		}
		var zone *string
		if wish.TimeZone != "" {
			zone = &wish.TimeZone
		}
		if err := tx.Exec("UPDATE calendars SET name = ?, time_zone = ? WHERE id = ?", wish.Name, zone, wish.ID).Error; err != nil {
			return nil, nil, failed("change calendar", err)
		}
		for _, table := range []string{"calendar_hours", "calendar_holidays"} {
			if err := tx.Exec("DELETE FROM "+table+" WHERE calendar_id = ?", wish.ID).Error; err != nil {
				return nil, nil, failed("change calendar", err)
			}
		}
		for weekday, spans := range wish.Hours {
			for _, span := range spans {
				err := tx.Exec("INSERT INTO calendar_hours (calendar_id, weekday, opens, closes) VALUES (?, ?, ?, ?)", wish.ID, weekday, span.Opens, span.Closes).Error
				if err != nil {
					return nil, nil, failed("set hours", err)
				}
			}
		}
		for day, name := range wish.Holidays {
			if err := tx.Exec("INSERT INTO calendar_holidays (calendar_id, day, name) VALUES (?, ?, ?)", wish.ID, day, name).Error; err != nil {
				return nil, nil, failed("set holiday", err)
			}
		}
		return before.fields(), wish.fields(), nil
	})
}

// checkHours checks that somebody works at all, and that the hours of a day
// follow one another.
func checkHours(fields *check.Fields, week [7][]calendar.Span) {
	any := false
	for _, spans := range week {
		last := 0
		for _, span := range spans {
			any = true
			if span.Opens < last || span.Closes <= span.Opens || span.Closes > calendar.MinutesOfDay {
				fields.Add("hours", "fault.desk.hours", nil)
				return
			}
			last = span.Closes
		}
	}
	if !any {
		fields.Add("hours", "fault.desk.never", nil)
	}
}

func (c *Calendar) fields() audit.Fields {
	days := make([]string, 0, len(c.Holidays))
	for day := range c.Holidays {
		days = append(days, day.Date().Format(time.DateOnly))
	}
	slices.Sort(days)
	return audit.Fields{"name": c.Name, "time_zone": c.TimeZone, "hours": c.Hours, "holidays": days}
}

// SetAlert says what becomes of the alerts of a check. Open alerts follow
// within an hour. Faults: Denied, Invalid, Missing.
func (s *Service) SetAlert(ctx context.Context, rule AlertRule) error {
	if _, err := health.Find(rule.Check); err != nil {
		return err
	}
	var fields check.Fields
	needed(&fields, "since", rule.Since, Sinces())
	needed(&fields, "cause", rule.Cause, Causes())
	needed(&fields, "impact", rule.Impact, Impacts())
	needed(&fields, "urgency", rule.Urgency, Urgencies())
	if err := fields.Err(); err != nil {
		return err
	}
	return s.change(ctx, "desk.alert_changed", rule.Check, func(tx *store.Tx, rules *Rules) (was, is audit.Fields, err error) {
		category, err := rules.Keyed(rule.Category)
		if err != nil {
			return nil, nil, fault.NewInvalid(fault.Field{Name: "category", Key: "fault.ticket.category"})
		}
		before := rules.Alert(rule.Check)
		err = tx.Exec(`INSERT INTO ticket_alert_rules (check_id, since_level, cause, impact, urgency, category_id, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (check_id) DO UPDATE SET since_level = excluded.since_level, cause = excluded.cause, impact = excluded.impact,
			urgency = excluded.urgency, category_id = excluded.category_id, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
			rule.Check, rule.Since, rule.Cause, rule.Impact, rule.Urgency, category.ID, tx.Now, identity.ActorOf(ctx).Name).Error
		return before.fields(), rule.fields(), failed("set rule for alerts", err)
	})
}

func (r *AlertRule) fields() audit.Fields {
	return audit.Fields{"since": r.Since, "cause": r.Cause, "impact": r.Impact, "urgency": r.Urgency, "category": r.Category}
}

// SetSetting sets a number that rules name. Faults: Denied, Invalid, Missing.
func (s *Service) SetSetting(ctx context.Context, name string, value int) error {
	i := slices.IndexFunc(Bounds(), func(b Bound) bool { return b.Name == name })
	if i < 0 {
		return fault.NewMissing("setting")
	}
	if bound := Bounds()[i]; value < bound.Least || value > bound.Most {
		return fault.NewInvalid(fault.Field{Name: name, Key: "fault.desk.between", Args: fault.Args{
			"Least": strconv.Itoa(bound.Least), "Most": strconv.Itoa(bound.Most),
		}})
	}
	return s.change(ctx, "desk.setting_changed", name, func(tx *store.Tx, rules *Rules) (was, is audit.Fields, err error) {
		err = tx.Exec(`INSERT INTO ticket_settings (name, value, updated_at, updated_by) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
			name, value, tx.Now, identity.ActorOf(ctx).Name).Error
		return audit.Fields{"value": rules.Settings.Value(name)}, audit.Fields{"value": value}, failed("set "+name, err)
	})
}

func needed[T ~string](fields *check.Fields, name string, value T, known []T) {
	texts := make([]string, len(known))
	for i, each := range known {
		texts[i] = string(each)
	}
	if value == "" {
		fields.Add(name, "fault.field.required", nil)
		return
	}
	fields.Choice(name, string(value), texts...)
}

func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
