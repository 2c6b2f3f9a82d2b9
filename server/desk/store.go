package desk

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	// The server's machine may have no database of time zones, as in a
	// container with nothing but the server; calendars must work all the same.
	_ "time/tzdata"

	"gorm.io/gorm"

	"holdfast/server/calendar"
	"holdfast/server/identity"
)

// Load reads all rules.
func Load(db *gorm.DB) (*Rules, error) {
	rules := &Rules{Matrix: map[Cell]Priority{}, Calendars: map[CalendarID]*Calendar{}}
	for _, read := range []func(*gorm.DB) error{
		rules.readMatrix, rules.readLevels, rules.readCategories, rules.readCalendars, rules.readAlerts, rules.readSettings,
	} {
		if err := read(db); err != nil {
			return nil, fmt.Errorf("read the rules of the desk: %w", err)
		}
	}
	return rules, nil
}

func (r *Rules) readMatrix(db *gorm.DB) error {
	return each(db, "SELECT impact, urgency, priority FROM ticket_matrix", func(rows *sql.Rows) error {
		var cell Cell
		var priority Priority
		err := rows.Scan(&cell.Impact, &cell.Urgency, &priority)
		r.Matrix[cell] = priority
		return err
	})
}

func (r *Rules) readLevels(db *gorm.DB) error {
	return each(db, "SELECT kind, priority, own_minutes, resolve_minutes, calendar_id FROM service_levels ORDER BY kind, priority", func(rows *sql.Rows) error {
		var level Level
		var own, resolve int64
		err := rows.Scan(&level.Kind, &level.Priority, &own, &resolve, &level.CalendarID)
		level.Own, level.Resolve = time.Duration(own)*time.Minute, time.Duration(resolve)*time.Minute
		r.Levels = append(r.Levels, level)
		return err
	})
}

func (r *Rules) readCategories(db *gorm.DB) error {
	err := each(db, "SELECT id, key, name_en, name_fr, position, portal, active FROM ticket_categories ORDER BY position, key", func(rows *sql.Rows) error {
		var c Category
		err := rows.Scan(&c.ID, &c.Key, &c.NameEN, &c.NameFR, &c.Position, &c.Portal, &c.Active)
		r.Categories = append(r.Categories, c)
		return err
	})
	if err != nil {
		return err
	}
	return each(db, "SELECT category_id, team FROM ticket_routes ORDER BY category_id, level", func(rows *sql.Rows) error {
		var of CategoryID
		var team identity.Role
		if err := rows.Scan(&of, &team); err != nil {
			return err
		}
		category, err := r.Category(of)
		if err != nil {
			return err
		}
		category.Route = append(category.Route, team)
		return nil
	})
}

func (r *Rules) readCalendars(db *gorm.DB) error {
	err := each(db, "SELECT id, name, time_zone FROM calendars", func(rows *sql.Rows) error {
		c := &Calendar{Calendar: calendar.Calendar{Holidays: map[calendar.Day]string{}}}
		var zone sql.NullString
		if err := rows.Scan(&c.ID, &c.Name, &zone); err != nil {
			return err
		}
		c.TimeZone, c.Zone = zone.String, time.Local
		if zone.String != "" {
			location, err := time.LoadLocation(zone.String)
			if err != nil {
				return fmt.Errorf("calendar %s: %w", c.Name, err)
			}
			c.Zone = location
		}
		r.Calendars[c.ID] = c
		return nil
	})
	if err != nil {
		return err
	}
	err = each(db, "SELECT calendar_id, weekday, opens, closes FROM calendar_hours ORDER BY calendar_id, weekday, opens", func(rows *sql.Rows) error {
		var of CalendarID
		var weekday int
		var hours calendar.Span
		err := rows.Scan(&of, &weekday, &hours.Opens, &hours.Closes)
		r.Calendars[of].Hours[weekday] = append(r.Calendars[of].Hours[weekday], hours)
		return err
	})
	if err != nil {
		return err
	}
	return each(db, "SELECT calendar_id, day, name FROM calendar_holidays", func(rows *sql.Rows) error {
		var of CalendarID
		var day calendar.Day
		var name string
		err := rows.Scan(&of, &day, &name)
		r.Calendars[of].Holidays[day] = name
		return err
	})
}

func (r *Rules) readAlerts(db *gorm.DB) error {
	r.Alerts = standard()
	for i := range r.Alerts {
		if r.Alerts[i].Topic == "" {
			r.Alerts[i].Topic = r.Alerts[i].Check
		}
	}
	return each(db, `SELECT a.check_id, a.since_level, a.cause, a.impact, a.urgency, c.key, a.updated_at, a.updated_by
		FROM ticket_alert_rules a JOIN ticket_categories c ON c.id = a.category_id ORDER BY a.check_id`, func(rows *sql.Rows) error {
		var rule AlertRule
		err := rows.Scan(&rule.Check, &rule.Since, &rule.Cause, &rule.Impact, &rule.Urgency, &rule.Category, &rule.ChangedAt, &rule.ChangedBy)
		rule.Topic = rule.Check
		i := slices.IndexFunc(r.Alerts, func(known AlertRule) bool { return known.Check == rule.Check })
		if i < 0 {
			r.Alerts = append(r.Alerts, rule)
			return err
		}
		rule.Topic = r.Alerts[i].Topic
		r.Alerts[i] = rule
		return err
	})
}

func (r *Rules) readSettings(db *gorm.DB) error {
	for _, bound := range Bounds() {
		r.Settings.set(bound.Name, bound.Comes)
	}
	return each(db, "SELECT name, value FROM ticket_settings", func(rows *sql.Rows) error {
		var name string
		var value int
		err := rows.Scan(&name, &value)
		r.Settings.set(name, value)
		return err
	})
}

// each runs a query and hands over its rows.
func each(db *gorm.DB, query string, take func(*sql.Rows) error) (err error) {
	rows, err := db.Raw(query).Rows()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
