// Package calendar reckons in working time: the hours of each weekday, in a
// time zone, less holidays. It is pure: it keeps nothing and reads no clock.
//
// A day is a day of the calendar's own zone. On the days on which clocks are
// changed, the hours open are those that really pass between opening and
// closing.
package calendar

import (
	"slices"
	"time"
)

// Day counts the days since 1970-01-01.
type Day int32

// Span is a time of the day that is worked, in minutes since midnight. A span
// that closes at MinutesOfDay lasts until the day ends.
type Span struct{ Opens, Closes int }

// MinutesOfDay is the most that Closes can be.
const MinutesOfDay = 24 * 60

// Calendar says when somebody works.
type Calendar struct {
	Zone     *time.Location
	Hours    [7][]Span      // by time.Weekday; in order, apart from one another
	Holidays map[Day]string // with their names; nobody works
}

// horizon bounds how far ahead is looked: a calendar that is never open would
// be searched for ever.
const horizon = 20 * 366 // days

// Of is the day on which t falls in the calendar's zone.
func (c *Calendar) Of(t time.Time) Day {
	year, month, day := t.In(c.zone()).Date()
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)) //nolint:gosec // fits for millions of years
}

// Date is the midnight, in UTC, that stands for a day.
func (d Day) Date() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// Begins is when a day begins in the calendar's zone.
func (c *Calendar) Begins(of Day) time.Time {
	year, month, day := of.Date().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, c.zone()).UTC()
}

// Works reports whether anything of a day is working time.
func (c *Calendar) Works(of Day) bool { return len(c.spans(of)) > 0 }

// Open reports whether t is working time.
func (c *Calendar) Open(t time.Time) bool {
	return slices.ContainsFunc(c.spans(c.Of(t)), func(s span) bool { return !t.Before(s.from) && t.Before(s.until) })
}

// Add is the moment by which so much working time has passed since from. What
// ends exactly when the day closes ends then, not at the next opening. For a
// calendar that is never open it is the horizon, twenty years on.
func (c *Calendar) Add(from time.Time, work time.Duration) time.Time {
	first := c.Of(from)
	for day := first; day < first+horizon; day++ {
		for _, s := range c.spans(day) {
			start := later(s.from, from)
			if !start.Before(s.until) {
				continue
			}
			if open := s.until.Sub(start); work > open {
				work -= open
				continue
			}
			return start.Add(work).UTC()
		}
	}
	return from.AddDate(0, 0, horizon).UTC()
}

// Between is how much working time lies between two moments; none when to is
// not after from.
func (c *Calendar) Between(from, to time.Time) time.Duration {
	var total time.Duration
	for day, last := c.Of(from), c.Of(to); day <= last; day++ {
		for _, s := range c.spans(day) {
			start, end := later(s.from, from), s.until
			if to.Before(end) {
				end = to
			}
			if end.After(start) {
				total += end.Sub(start)
			}
		}
	}
	return total
}

// span is a Span on one day.
type span struct{ from, until time.Time }

func (c *Calendar) spans(of Day) []span {
	if _, off := c.Holidays[of]; off {
		return nil
	}
	date := of.Date()
	year, month, day := date.Date()
	at := func(minute int) time.Time { return time.Date(year, month, day, 0, minute, 0, 0, c.zone()) }
	spans := make([]span, 0, 2)
	for _, hours := range c.Hours[date.Weekday()] {
		spans = append(spans, span{at(hours.Opens), at(hours.Closes)})
	}
	return spans
}

func (c *Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
