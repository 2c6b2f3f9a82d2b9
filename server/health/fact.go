package health

import (
	"encoding/json"
	"math"
	"time"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/shared/report"
)

// staleAfter is how old the last word of a device may be for its facts to be
// called present.
const staleAfter = 3 * 24 * time.Hour

// Facts are what checks may know about one device.
type Facts struct {
	Now    time.Time
	Device device.Key
	UnitID identity.UnitID
	Kind   device.Kind
	SeenAt time.Time // when its agent was last here

	// Listening is false when this server has not been up for long enough to
	// call a device silent.
	Listening bool

	// Interval is the time between check-ins that agents are told to keep.
	Interval time.Duration

	Sections map[string]Part
	Volumes  map[string][]Sample // by mount, the oldest first
	Asset    *Asset              // nil when it has none

	// Of the check that looks.
	was    map[string]*Finding // by subject
	limits Limits

	levels map[[2]string]Level // held after the checks that looked already, by check and subject
}

// Part is a section as stored.
type Part struct {
	Outcome    report.Outcome
	ReportedAt time.Time
	Facts      json.RawMessage
}

// Asset is what is decided about the device.
type Asset struct {
	Status       string
	WarrantyEnds time.Time // zero when it is not known
}

// Sample is the free space of a volume on a day.
type Sample struct {
	Day        int32 // since 1970-01-01
	Free, Size int64 // bytes
}

// Date is the day of the sample, as YYYY-MM-DD.
func (s Sample) Date() string { return dateOf(s.Day) }

// Present reports whether the device is heard from: its facts are those of now.
func (f *Facts) Present() bool { return f.Now.Sub(f.SeenAt) <= heardWithin(f.Interval) }

// heardWithin is within what time a device that is up is heard from, although
// it may miss a turn or two. It is also how long a server listens before it
// calls anybody silent.
func heardWithin(interval time.Duration) time.Duration { return max(time.Hour, 4*interval) }

// Stale reports whether what the device reported is too old to go by.
func (f *Facts) Stale() bool { return f.Now.Sub(f.SeenAt) > staleAfter }

// Today is the day of Now, counted from 1970-01-01.
func (f *Facts) Today() int32 { return dayOf(f.Now) }

// Remembered is what the check that looks remembered about a subject.
func (f *Facts) Remembered(subject string) Memory {
	if finding := f.was[subject]; finding != nil {
		return finding.Memory
	}
	return nil
}

// found is the level that an earlier check of this judgement holds.
func (f *Facts) found(check, subject string) Level { return f.levels[[2]string{check, subject}] }

// passes is when the days since a day next pass a limit, or zero.
func (f *Facts) passes(since int32) (next time.Time) {
	for _, limit := range f.limits.each() {
		next = sooner(next, startOf(since+ceil(limit.Raise)), f.Now)
	}
	return next
}

// approaches is when the days until a day next pass a limit, or when that day
// has passed, or zero.
func (f *Facts) approaches(end time.Time) (next time.Time) {
	last := dayOf(end)
	next = sooner(next, startOf(last+1), f.Now)
	for _, limit := range f.limits.each() {
		next = sooner(next, startOf(last-int32(limit.Raise)), f.Now)
	}
	return next
}

// sooner is the sooner of two times, passing over those that are not to come.
func sooner(next, at, now time.Time) time.Time {
	if !at.After(now) || !next.IsZero() && next.Before(at) {
		return next
	}
	return at
}

// sectionOf reads a section. known is false when it was never reported, or
// not read in full the last time: then its facts say nothing about now. A
// device without the thing has empty facts.
func sectionOf[T any](f *Facts, name string) (facts T, known bool) {
	part, reported := f.Sections[name]
	if !reported || part.Outcome != report.OK && part.Outcome != report.Absent {
		return facts, false
	}
	if part.Outcome == report.Absent || len(part.Facts) == 0 {
		return facts, true
	}
	if err := json.Unmarshal(part.Facts, &facts); err != nil { // mended when it came in, so this is an older server's
		return facts, false
	}
	return facts, true
}

const day = 24 * time.Hour

func dayOf(when time.Time) int32 {
	return int32(when.Unix() / int64(day/time.Second)) //nolint:gosec // good for five million years
}

func ceil(number float64) int32 { return int32(math.Ceil(number)) }

func dateOf(dayNumber int32) string { return startOf(dayNumber).Format(time.DateOnly) }

func startOf(dayNumber int32) time.Time {
	return time.Unix(int64(dayNumber)*int64(day/time.Second), 0).UTC()
}
