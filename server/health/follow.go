package health

import (
	"time"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/shared/id"
)

// condition is the state of one check, device and subject, for its alert to
// follow.
type condition struct {
	check   string
	device  device.Key
	subject string
	unit    identity.UnitID
	level   Level // as known now
	held    Level
	since   time.Time // when held turned bad
	hold    time.Duration
	args    Args
	gone    Reason // when there is nothing to follow any more
}

// step is what becomes of the alert of a condition.
type step struct {
	alert  *Alert // nil when there is none
	action Action // "" when nothing happened that anybody should hear of
	seen   bool   // the alert was seen once more
	due    time.Time
}

// Action is what happened to an alert.
type Action string

// The actions.
const (
	Raised         Action = "raised"
	Worsened       Action = "worsened" // from warn to crit
	Eased          Action = "eased"    // from crit to warn
	ClearedAway    Action = "cleared"  // resolved, for whatever reason
	ReopenedAgain  Action = "reopened"
	Acknowledged   Action = "acknowledged"
	Unacknowledged Action = "unacknowledged"
	Snoozed        Action = "snoozed"
	Woken          Action = "woken" // no longer snoozed
)

// Actions lists every action, for the catalogues.
func Actions() []Action {
	return []Action{Raised, Worsened, Eased, ClearedAway, ReopenedAgain, Acknowledged, Unacknowledged, Snoozed, Woken}
}

// follow is the rule by which alerts follow conditions. last is the newest
// alert of the condition, open or resolved within Grace, or nil.
func (c *condition) follow(last *Alert, now time.Time) step {
	open := last != nil && last.State == Open
	if c.gone != "" {
		return last.resolve(open, c.gone, now)
	}
	switch {
	case c.level == Unknown: // neither raises nor clears
		return step{alert: last}
	case !c.level.Bad():
		return last.resolve(open, Cleared, now)
	case open:
		return last.seeAgain(c, now)
	}
	if raise := c.since.Add(c.hold); now.Before(raise) {
		return step{alert: last, due: raise}
	}
	if last != nil && c.since.Sub(last.ResolvedAt) <= Grace && last.ResolvedBecause != Closed {
		made := *last
		made.State, made.ResolvedAt, made.ResolvedBecause = Open, time.Time{}, ""
		made.Severity, made.Args, made.LastSeenAt, made.UnitID = c.level, c.args, now, c.unit
		made.Count++
		made.Reopened++
		return step{alert: &made, action: ReopenedAgain, seen: true}
	}
	return step{seen: true, action: Raised, alert: &Alert{
		ID: id.New[Mark](), Check: c.check, Device: c.device, Subject: c.subject, UnitID: c.unit,
		Severity: c.level, State: Open, Args: c.args, FirstSeenAt: c.since, LastSeenAt: now, Count: 1,
	}}
}

func (a *Alert) resolve(open bool, why Reason, now time.Time) step {
	if !open {
		return step{alert: a}
	}
	made := *a
	made.State, made.ResolvedAt, made.ResolvedBecause = Resolved, now, why
	return step{alert: &made, action: ClearedAway}
}

func (a *Alert) seeAgain(c *condition, now time.Time) step {
	made := *a
	made.Args, made.LastSeenAt, made.UnitID = c.args, now, c.unit
	made.Count++
	next := step{alert: &made, seen: true}
	if made.Severity != c.level {
		next.action = Worsened
		if c.level == Warn {
			next.action = Eased
		}
		made.Severity = c.level
	}
	return next
}
