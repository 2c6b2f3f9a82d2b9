// Package health judges devices: are they in order, and if not, what is wrong
// and since when. It owns the tables findings, device_health, volume_samples,
// check_settings, alerts and alert_events.
//
// A check (Check; the list is Checks) looks at the facts of one device and
// observes something about each of its subjects, such as a volume. An
// observation becomes a finding, with a level; a finding that is not in order
// and lasts becomes an alert, which is one row for each check, device and
// subject however often it is seen. How grave it is, is an attribute of the
// alert and no part of its key.
//
// Three rules keep alerts few and true. The level at which a finding raises
// and the one at which it clears differ, and it must last for the check's
// hold, so that noise around a limit is one alert. An alert that comes back
// within Grace is the old one, opened again. And what is not known (a section
// that could not be read, a device that is silent) neither raises nor clears:
// the finding holds the level that was last known.
//
// Devices are judged when they report (Reported, fed by the outbox), and again
// when their findings would change by the clock alone (Service.Due): each
// judgement says when the next one is due at the latest.
//
// To add a check, touch six files: a new one here with a function that returns
// a Check; its line in Checks; its texts in server/web/i18n/en/health.json and
// fr/health.json: check.ID.title, .short, .what, .bad, .ok and .advice, and
// value.check.ID; what becomes of its alerts in standard of server/desk; and
// "go test ./server/api -update" for the API document. The sections that it
// Reads are loaded for it. The list of alerts, the page of checks, the API, the
// manual and tickets take it from there, and the tests say what is missing. Its
// own tests are rows in rule_test.go.
//
// Files: check.go, fact.go, judge.go, trend.go and follow.go are the pure
// rules, and one file for each check; load.go, judgement.go and save.go judge
// many devices at once; service.go, setting.go, handle.go, list.go and
// device.go are the use cases. Package healthtest simulates an estate.
package health

import (
	"slices"
	"time"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/shared/id"
)

// Level is how it stands with something.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Warn    Level = "warn"    // somebody should deal with it in time
	Crit    Level = "crit"    // somebody must deal with it now
	Unknown Level = "unknown" // it cannot be told at present
)

// Levels lists every level, the worst first.
func Levels() []Level { return []Level{Crit, Warn, Unknown, OK} }

// Bad reports whether the level calls for somebody.
func (l Level) Bad() bool { return l == Warn || l == Crit }

// rank orders levels, the worst first.
func (l Level) rank() int { return slices.Index(Levels(), l) }

// Finding is what a check last found about one subject on one device.
type Finding struct {
	Device  device.Key
	Check   string
	Subject string    // "" when the check has only one
	Level   Level     // as known now
	Held    Level     // as last known; alerts follow it
	Args    Args      // what the sentence of the finding names
	Memory  Memory    // what the check wants to remember
	Since   time.Time // when Held turned bad, or ceased to be
	SeenAt  time.Time // when the level was last known
}

// Sentence is the message key of what the finding says; Args are its values.
func (f *Finding) Sentence() string {
	if f.Level == Unknown {
		return "check.unknown"
	}
	return sentence(f.Check, f.Level)
}

// Sentence is the message key of what the alert says; Args are its values.
func (a *Alert) Sentence() string { return sentence(a.Check, a.Severity) }

// Sentence is the message key of what the worst finding says; Args are its
// values. It is empty when no finding is bad.
func (v *Verdict) Sentence() string {
	if !v.Level.Bad() {
		return ""
	}
	return sentence(v.Check, v.Level)
}

// Short is the message key of the same in a few words.
func (v *Verdict) Short() string { return "check." + v.Check + ".short" }

func sentence(check string, level Level) string {
	if level.Bad() {
		return "check." + check + ".bad"
	}
	return "check." + check + ".ok"
}

// Args are the values that a sentence names. Their names say what they are:
// those that end in Bytes are sizes, On days (YYYY-MM-DD), At times.
type Args map[string]any

// Memory is what a check remembers about a subject from one look to the next:
// days since 1970-01-01, by names of its own.
type Memory map[string]int32

// Mark marks the identifiers of alerts.
type Mark struct{}

// ID identifies an alert.
type ID = id.Of[Mark]

// State is whether an alert still stands.
type State string

// The states of an alert. An open alert that is snoozed or acknowledged is
// open all the same.
const (
	Open     State = "open"
	Resolved State = "resolved"
)

// States lists every state.
func States() []State { return []State{Open, Resolved} }

// Reason is why an alert was resolved.
type Reason string

// The reasons.
const (
	Cleared  Reason = "cleared"  // what it was about is in order
	Gone     Reason = "gone"     // what it was about is no longer there
	Disabled Reason = "disabled" // an administrator switched the check off
	Closed   Reason = "closed"   // the device left
)

// Reasons lists every reason.
func Reasons() []Reason { return []Reason{Cleared, Gone, Disabled, Closed} }

// Alert is a condition that lasts and concerns somebody.
type Alert struct {
	ID              ID
	Check           string
	Device          device.Key // 0 when it is about no device
	Subject         string
	UnitID          identity.UnitID
	Severity        Level // Warn or Crit, as last seen
	State           State
	Args            Args
	FirstSeenAt     time.Time
	LastSeenAt      time.Time
	Count           int // times that it was seen
	Reopened        int // times that it came back within Grace
	AcknowledgedAt  time.Time
	AcknowledgedBy  identity.UserID // none when a program did it
	AcknowledgedAs  string          // name of who did it
	SnoozedUntil    time.Time
	ResolvedAt      time.Time
	ResolvedBecause Reason
}

// Grace is for how long a resolved alert may come back as the same one.
const Grace = 24 * time.Hour

// The topics of the outbox that this package publishes. The subject of a
// message is the identifier of the alert.
const (
	TopicRaised  = "alert.raised"  // an alert opened, opened again, or changed its severity
	TopicCleared = "alert.cleared" // an alert was resolved
)

// Event is the payload of both topics. It says what was true at that moment;
// handlers work from the table.
type Event struct {
	Alert    string     `json:"alert"`
	Check    string     `json:"check"`
	Device   device.Key `json:"device,omitempty"` // absent when it is about no device
	Subject  string     `json:"subject,omitempty"`
	Severity Level      `json:"severity"`
	Reopened bool       `json:"reopened,omitempty"` // it came back within Grace
	Reason   Reason     `json:"reason,omitempty"`   // why it was resolved
}
