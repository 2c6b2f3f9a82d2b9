// Package ticket keeps work for people: incidents and requests, who asked, who
// owns it, what was said, how much time is left. It owns the tables tickets,
// ticket_numbers, ticket_messages, ticket_events, ticket_followers and
// ticket_alerts; the rules that it works by are those of package desk.
//
// Which state may follow which is one table (Transitions); everything else is
// refused, here and so in the API and on the pages. What the requester reads
// is messages and solutions; notes are the desk's alone, and so is everything
// that happened between.
//
// Alerts become tickets by a rule: one for each cause, which later alerts of
// the same cause join, and which is solved once all of them have been over for
// the grace time (see alert.go). Merging moves what was said and who follows,
// and every moved row remembers where it came from, so that it can be undone.
//
// Other domains open tickets by Service.Open in their own transaction. A
// ticket about a device keeps how the device was at that moment.
//
// Files: state.go, clock.go, cause.go are the pure rules; open.go, work.go,
// message.go, merge.go are the use cases of the desk, own.go those of
// requesters, alert.go and upkeep.go what happens by itself; store.go, list.go
// and read.go read and write.
package ticket

import (
	"encoding/json"
	"fmt"
	"time"

	"holdfast/server/asset"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/person"
	"holdfast/shared/id"
)

// Mark marks the identifiers of tickets.
type Mark struct{}

// ID identifies a ticket.
type ID = id.Of[Mark]

// Topic is where the outbox hears that something happened to a ticket; the
// subject is its identifier.
const Topic = "ticket.changed"

// Source is where a ticket came from.
type Source string

// The sources.
const (
	FromDesk     Source = "desk"     // somebody of the desk wrote it down
	FromPortal   Source = "portal"   // the requester reported it
	FromAlert    Source = "alert"    // the rule made it of an alert
	FromDisposal Source = "disposal" // a disposal found something amiss
	FromAPI      Source = "api"      // a program
)

// Sources lists every source.
func Sources() []Source { return []Source{FromDesk, FromPortal, FromAlert, FromDisposal, FromAPI} }

// Ticket is one piece of work. Zero identifiers, times and texts are none.
type Ticket struct {
	ID          ID
	Number      int // across both kinds; Name puts the prefix before it
	Kind        desk.Kind
	Title       string
	TitleKey    string     // when the server wrote the title: message key, and
	TitleArgs   fault.Args // what it names; Check is itself the name of a check
	State       State
	Impact      desk.Impact
	Urgency     desk.Urgency
	Priority    desk.Priority
	CategoryID  desk.CategoryID
	Team        identity.Role
	Level       int // how far it has come on the route of its category; 1 is first
	OwnerID     identity.UserID
	RequesterID person.ID
	Device      device.Key
	AssetID     asset.ID
	UnitID      identity.UnitID
	Source      Source
	OpenedBy    string // name of who opened it; "" when the server did
	OpenedAt    time.Time
	UpdatedAt   time.Time
	Opening     *Opening // how the device was then

	CalendarID desk.CalendarID
	Clock      Clock

	PlannedFor    time.Time
	PendingReason string
	WakeAt        time.Time // when it comes back by itself while it is pending
	SolvedAt      time.Time
	ConfirmedAt   time.Time // when the requester said that it is solved
	ClosedAt      time.Time
	Reopened      int
	AskedAt       time.Time // when the requester wrote what nobody has answered yet
	MergedInto    ID
	Cause         string    // by which later alerts join it
	Storm         bool      // many devices, one cause
	ClearedAt     time.Time // since when all of its alerts are over
}

// Name is the number as people say it.
func (t *Ticket) Name() string { return Name(t.Kind, t.Number) }

// Name is the number of a ticket as people say it.
func Name(kind desk.Kind, number int) string { return fmt.Sprintf("%s%d", kind.Prefix(), number) }

// Opening is how a device was when its ticket was opened, as its health was
// judged then.
type Opening struct {
	Level    health.Level `json:"level,omitempty"` // "" when it had not been judged yet
	Findings []Finding    `json:"findings,omitempty"`
}

// Finding is what was wrong then.
type Finding struct {
	Check   string          `json:"check"`
	Subject string          `json:"subject,omitempty"`
	Level   health.Level    `json:"level"`
	Values  json.RawMessage `json:"args,omitempty"`
	Since   time.Time       `json:"since"`
}

// Finding gives it as package health would.
func (f *Finding) Finding() (health.Finding, error) {
	made := health.Finding{Check: f.Check, Subject: f.Subject, Level: f.Level, Held: f.Level, Since: f.Since}
	if len(f.Values) == 0 {
		return made, nil
	}
	return made, made.Args.Scan([]byte(f.Values))
}
