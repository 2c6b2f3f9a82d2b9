// Package desk keeps the rules by which the desk works, as data that
// administrators change: which priority follows from impact and urgency, how
// soon a ticket of that priority is to be owned and resolved, in the hours of
// which calendar, which team has which category first and next, and which
// alerts become tickets. It owns the tables calendars, calendar_hours,
// calendar_holidays, ticket_matrix, service_levels, ticket_categories,
// ticket_routes, ticket_alert_rules and ticket_settings.
//
// A use case loads all of it (Load) in its transaction and decides by it; a
// ticket keeps the targets that it was given, so that a change of the rules
// moves no goalpost of work under way.
package desk

import (
	"slices"
	"time"

	"holdfast/server/calendar"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/shared/id"
)

// Kind is what sort of ticket it is.
type Kind string

// The kinds of tickets.
const (
	Incident Kind = "incident" // something is broken
	Request  Kind = "request"  // somebody wants something
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Incident, Request} }

// Prefix is what stands before the number of a ticket of this kind.
func (k Kind) Prefix() string {
	if k == Request {
		return "REQ-"
	}
	return "INC-"
}

// Impact is how many people are hit.
type Impact string

// The impacts.
const (
	One   Impact = "one"
	Group Impact = "group"
	Site  Impact = "site"
	All   Impact = "all"
)

// Impacts lists every impact, the least first.
func Impacts() []Impact { return []Impact{One, Group, Site, All} }

// Urgency is how much it holds them up.
type Urgency string

// The urgencies.
const (
	Low    Urgency = "low"    // they can work
	Medium Urgency = "medium" // they can work, with trouble
	High   Urgency = "high"   // they cannot work
)

// Urgencies lists every urgency, the least first.
func Urgencies() []Urgency { return []Urgency{Low, Medium, High} }

// Priority is in which order tickets are dealt with.
type Priority string

// The priorities, named so that they sort.
const (
	P1 Priority = "p1" // critical
	P2 Priority = "p2" // high
	P3 Priority = "p3" // medium
	P4 Priority = "p4" // low
)

// Priorities lists every priority, the first to be dealt with first.
func Priorities() []Priority { return []Priority{P1, P2, P3, P4} }

// Teams lists the support groups, which are the roles of those who are in
// them.
func Teams() []identity.Role {
	return []identity.Role{identity.HelpDesk, identity.OfficeSystems, identity.Servers, identity.LineOfBusiness}
}

// Cell is a place in the matrix of priorities.
type Cell struct {
	Impact  Impact
	Urgency Urgency
}

// Level is how soon tickets of a kind and priority are to be dealt with, in
// working time.
type Level struct {
	Kind       Kind
	Priority   Priority
	Own        time.Duration
	Resolve    time.Duration
	CalendarID CalendarID
}

// CategoryMark marks the identifiers of categories.
type CategoryMark struct{}

// CategoryID identifies a category.
type CategoryID = id.Of[CategoryMark]

// Category is what a ticket is about.
type Category struct {
	ID       CategoryID
	Key      string // by which rules name it
	NameEN   string
	NameFR   string
	Position int
	Portal   bool            // offered to requesters
	Active   bool            // offered at all
	Route    []identity.Role // who has it first, and where each escalation leads
}

// Name is the name in a language.
func (c *Category) Name(language string) string {
	if language == "fr" {
		return c.NameFR
	}
	return c.NameEN
}

// CalendarMark marks the identifiers of calendars.
type CalendarMark struct{}

// CalendarID identifies a calendar.
type CalendarID = id.Of[CalendarMark]

// Calendar is a calendar with its name.
type Calendar struct {
	calendar.Calendar
	ID       CalendarID
	Name     string
	TimeZone string // IANA name; "" is the zone of the server
}

// Rules is all of it, as it is in force.
type Rules struct {
	Matrix     map[Cell]Priority
	Levels     []Level
	Categories []Category // in the order in which they are offered
	Calendars  map[CalendarID]*Calendar
	Alerts     []AlertRule
	Settings   Settings
}

// Priority follows from impact and urgency.
func (r *Rules) Priority(impact Impact, urgency Urgency) Priority {
	if priority, found := r.Matrix[Cell{impact, urgency}]; found {
		return priority
	}
	return P4 // the matrix is complete: Set refuses to leave a cell empty
}

// Level is the service level of a kind and priority.
func (r *Rules) Level(kind Kind, priority Priority) (Level, error) {
	i := slices.IndexFunc(r.Levels, func(l Level) bool { return l.Kind == kind && l.Priority == priority })
	if i < 0 {
		return Level{}, fault.NewConflict("fault.desk.no_level", fault.Args{"Kind": string(kind), "Priority": string(priority)})
	}
	return r.Levels[i], nil
}

// Category finds a category by its identifier. Fault: Missing.
func (r *Rules) Category(of CategoryID) (*Category, error) {
	return r.category(func(c Category) bool { return c.ID == of })
}

// Keyed finds a category by its key. Fault: Missing.
func (r *Rules) Keyed(key string) (*Category, error) {
	return r.category(func(c Category) bool { return c.Key == key })
}

func (r *Rules) category(is func(Category) bool) (*Category, error) {
	i := slices.IndexFunc(r.Categories, is)
	if i < 0 {
		return nil, fault.NewMissing("category")
	}
	return &r.Categories[i], nil
}
