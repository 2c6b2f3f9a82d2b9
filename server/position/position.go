// Package position works out what is owned and needed of each licensed
// product, from what devices report and what people decided, and keeps it. It
// owns the tables positions and position_history. How it is counted is package
// licence's, which knows no database: this package fills an estate with only
// what concerns the products in question, by one query for each kind of thing
// and never one for each device, and keeps the result.
//
// Positions follow through the outbox: within a second of a report that
// changed what is installed (Reported), of a change of recognition
// (Recognised), of a decision (Decided), of a change of an asset
// (AssetChanged); and with each new day (Follow), since terms begin and end.
// One transaction works positions out at a time, from the present state, so
// that the order in which word comes never matters.
//
// A position of a past day is worked out anew: from what was installed at the
// end of that day and the rights, exemptions and assignments in force on it.
// Names, units, users and processors are those of today.
//
// Machines. A device of the kind server is a physical server, one of the kinds
// virtual and container a virtual machine that counts by the processors it
// sees; all others are devices of people. Who uses a device is the custodian of
// its asset, or else the person whose login was last seen on it. The sites of
// site licences are the units directly below the root. A device whose agent's
// credential was revoked is gone: it counts no more from that day on.
//
// What is kept of an explanation has at most a few hundred lines; the whole
// tree is worked out when somebody asks for it.
//
// Rights are pooled, so figures are those of the whole organisation for
// whoever may read licences. Devices and people in an explanation are named
// only to readers who may see them.
package position

import (
	"log/slog"
	"time"

	"holdfast/server/licence"
	"holdfast/server/recognition"
	"holdfast/server/store"
)

// ProductID identifies a product.
type ProductID = recognition.ProductID

// Topic is where the outbox hears that the figures of a product changed; the
// subject is its identifier, the payload a Changed.
const Topic = "position.changed"

// Changed tells others of figures that changed.
type Changed struct {
	Product   ProductID      `json:"product"`
	Key       string         `json:"key"`
	Name      string         `json:"name"`
	Status    licence.Status `json:"status"`
	Owned     int64          `json:"owned"`
	Needed    int64          `json:"needed"`
	Available int64          `json:"available"` // below zero is short
}

// Cause says why figures were worked out again.
type Cause string

// The causes.
const (
	ByReport      Cause = "report"      // something was installed, removed, or has other processors
	ByRecognition Cause = "recognition" // what releases are is known otherwise
	ByDecision    Cause = "decision"    // a right, an exemption, a way of counting
	ByAsset       Cause = "asset"       // who holds a device
	ByDay         Cause = "day"         // a term began or ended
	ByStart       Cause = "start"       // the first time
)

// Figures are what a position comes to, in whole rights.
type Figures struct {
	Owned, Needed, Idle, Available int64
	Certain                        bool
}

// Short is how many rights are missing.
func (f Figures) Short() int64 { return max(0, -f.Available) }

// Publish says in a transaction that something happened to subject; it is the
// outbox's.
type Publish func(tx *store.Tx, topic, subject string, payload any) error

// Service works positions out and reads them.
type Service struct {
	db      *store.DB
	log     *slog.Logger
	publish Publish
}

// New makes the service.
func New(db *store.DB, log *slog.Logger, publish Publish) *Service {
	return &Service{db: db, log: log, publish: publish}
}

// mostLines is how many lines under each heading are kept.
const mostLines = 200

// moment is when a position is meant for.
type moment struct {
	day  licence.Date
	past time.Time // the end of that day, when it is over; else zero
}

// now is the present moment, on the day that it is where the server stands.
func (s *Service) now() moment { return moment{day: licence.DateOf(s.db.Now())} }

// on is the end of a day, or now when that day is not over. The zero day is
// today.
func (s *Service) on(day time.Time) moment {
	today := s.now()
	if day.IsZero() {
		return today
	}
	at := moment{day: licence.Date(day.Format(time.DateOnly))}
	if at.day >= today.day {
		return moment{day: at.day} // of a day to come: with what is installed now
	}
	year, month, date := day.Date()
	at.past = time.Date(year, month, date+1, 0, 0, 0, 0, time.Local).UTC()
	return at
}

// days counts the days since 1970-01-01.
func (m moment) days() int64 {
	day, err := time.Parse(time.DateOnly, string(m.day))
	if err != nil { // cannot be: made of a time
		return 0
	}
	return day.Unix() / (24 * 60 * 60)
}
