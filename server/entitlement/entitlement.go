// Package entitlement keeps what people decide about licences: the rights that
// were bought and the papers that prove them, who is assigned one, which uses
// need none, and by which rule a product is counted. It owns the tables
// papers, entitlements, exemptions, assignments, product_metrics and
// licence_numbers. What follows from all that is package position's.
//
// Nothing is ever deleted. A right ends on a day, what was recorded by mistake
// is taken back and counts on no day, and the last change of each can be
// undone. Each change is in the trail and is said to the outbox (Topic), so
// that positions follow at once.
//
// Rights are pooled over the whole organisation: whoever may read licences
// anywhere reads all of them, and licences.edit in the unit that bought a right
// is needed to change it.
package entitlement

import (
	"time"

	"holdfast/server/asset"
	"holdfast/server/identity"
	"holdfast/server/recognition"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Mark marks the identifiers of entitlements.
type Mark struct{}

// ID identifies an entitlement.
type ID = id.Of[Mark]

// ProductID identifies a product.
type ProductID = recognition.ProductID

// Topic is where the outbox hears that something was decided; the subject is
// the identifier of the product.
const Topic = "licence.changed"

// Publish says in a transaction that something happened to subject; it is the
// outbox's.
type Publish func(tx *store.Tx, topic, subject string, payload any) error

// Service has the use cases of rights, papers, exemptions, assignments and
// ways of counting.
type Service struct {
	db      *store.DB
	publish Publish
}

// New makes the service.
func New(db *store.DB, publish Publish) *Service { return &Service{db: db, publish: publish} }

// Entitlement is rights of one product, as one line of a purchase. Zero times
// and identifiers are not known, or none.
type Entitlement struct {
	ID        ID
	Reference string // by which people and explanations call it, such as R-0012
	Wish
	CreatedAt time.Time
	CreatedBy string // name
	UpdatedAt time.Time
	UpdatedBy string // name
	RemovedAt time.Time
}

// Wish is what is decided about an entitlement.
type Wish struct {
	ProductID       ProductID
	Quantity        int64  // packs; single rights where PackSize is 1
	PackSize        int64  // 0 is 1
	Metric          string // kind it was bought by; empty is the product's
	StartsOn        time.Time
	EndsOn          time.Time // the last day; zero is perpetual
	MaintainedUntil time.Time
	CostCents       *int64 // of the whole quantity
	Currency        string
	UnitID          identity.UnitID // that bought it; of a site licence, the site
	PaperID         PaperID
	AssetID         asset.ID // that it is bound to and leaves with
	Note            string
}

// Rights is how many single rights it is.
func (w Wish) Rights() int64 { return w.Quantity * max(w.PackSize, 1) }

// State says where an entitlement stands on a day.
type State string

// The states.
const (
	Coming  State = "coming" // its term has not begun
	InForce State = "in_force"
	Ended   State = "ended"
	Removed State = "removed" // taken back
)

// States lists the states in the order of forms.
func States() []State { return []State{InForce, Coming, Ended, Removed} }

// StateOn gives the state on a day, which is midnight UTC.
func (e Entitlement) StateOn(day time.Time) State {
	switch {
	case !e.RemovedAt.IsZero():
		return Removed
	case e.StartsOn.After(day):
		return Coming
	case !e.EndsOn.IsZero() && e.EndsOn.Before(day):
		return Ended
	}
	return InForce
}
