package ticket

import (
	"time"

	"holdfast/server/calendar"
	"holdfast/server/desk"
)

// Clock is the two clocks of a ticket, in working time: how soon somebody is
// to own it, and how soon it is to be resolved. The second stands while the
// ticket waits for somebody else.
type Clock struct {
	OwnTarget     time.Duration
	OwnDue        time.Time
	OwnedAt       time.Time // when somebody first owned it
	ResolveTarget time.Duration
	Used          time.Duration // up to Since
	Since         time.Time     // since when it runs; zero while it stands
	Warn          time.Time     // when little is left; zero while it stands
	Due           time.Time     // when nothing is left; zero while it stands
}

// start sets both clocks going.
func start(level desk.Level, c *calendar.Calendar, warn int, now time.Time) Clock {
	clock := Clock{OwnTarget: level.Own, OwnDue: c.Add(now, level.Own), ResolveTarget: level.Resolve}
	return clock.resume(c, warn, now)
}

// own stops the first clock, once.
func (c Clock) own(now time.Time) Clock {
	if c.OwnedAt.IsZero() {
		c.OwnedAt = now
	}
	return c
}

// pause lets the second clock stand.
func (c Clock) pause(in *calendar.Calendar, now time.Time) Clock {
	if !c.Since.IsZero() {
		c.Used += in.Between(c.Since, now)
	}
	c.Since, c.Warn, c.Due = time.Time{}, time.Time{}, time.Time{}
	return c
}

// resume lets the second clock run on. What was used up beyond the target
// makes it due before now.
func (c Clock) resume(in *calendar.Calendar, warn int, now time.Time) Clock {
	c = c.pause(in, now)
	c.Since = now
	c.Due = c.until(in, c.ResolveTarget)
	c.Warn = c.until(in, c.ResolveTarget*time.Duration(warn)/100)
	return c
}

// until is when so much is used up.
func (c Clock) until(in *calendar.Calendar, used time.Duration) time.Time {
	if used <= c.Used {
		return c.Since
	}
	return in.Add(c.Since, used-c.Used)
}

// retarget gives the clocks the targets of another level; what is used up
// stays used up.
func (c Clock) retarget(level desk.Level, in *calendar.Calendar, warn int, opened, now time.Time) Clock {
	running := !c.Since.IsZero()
	c.OwnTarget, c.ResolveTarget = level.Own, level.Resolve
	if c.OwnedAt.IsZero() {
		c.OwnDue = in.Add(opened, level.Own)
	}
	if running {
		return c.resume(in, warn, now)
	}
	return c
}

// Hand is what a clock shows.
type Hand string

// The hands of a clock.
const (
	Running Hand = "running"
	Close   Hand = "close" // running, and little is left
	Paused  Hand = "paused"
	Met     Hand = "met"
	Over    Hand = "over" // later than it should be, or than it should have been
)

// Hands lists every one, for the catalogues.
func Hands() []Hand { return []Hand{Running, Close, Paused, Met, Over} }

// Face is what a clock shows at a moment. Left counts working time and is
// negative when it is over.
type Face struct {
	Hand   Hand
	Target time.Duration
	Used   time.Duration
	Left   time.Duration
	Due    time.Time // zero while it stands and once it has stopped
}

// Percent is how much of the target is used up, at most 100.
func (f Face) Percent() int {
	if f.Target <= 0 {
		return 100
	}
	return int(min(100, f.Used*100/f.Target))
}

// Own shows the clock to own.
func (c Clock) Own(in *calendar.Calendar, opened, now time.Time) Face {
	f := Face{Target: c.OwnTarget}
	if c.OwnedAt.IsZero() {
		f.Used, f.Due = in.Between(opened, now), c.OwnDue
		f.Hand = Running
	} else {
		f.Used = in.Between(opened, c.OwnedAt)
		f.Hand = Met
	}
	f.Left = f.Target - f.Used
	if f.Left < 0 {
		f.Hand = Over
	}
	return f
}

// Resolve shows the clock to resolve of a ticket in this state.
func (c Clock) Resolve(in *calendar.Calendar, state State, now time.Time) Face {
	f := Face{Target: c.ResolveTarget, Used: c.Used}
	switch {
	case !c.Since.IsZero():
		f.Used += in.Between(c.Since, now)
		f.Due, f.Hand = c.Due, Running
		if !now.Before(c.Warn) {
			f.Hand = Close
		}
	case state.Open():
		f.Hand = Paused
	default:
		f.Hand = Met
	}
	f.Left = f.Target - f.Used
	if f.Left < 0 {
		f.Hand = Over
	}
	return f
}
