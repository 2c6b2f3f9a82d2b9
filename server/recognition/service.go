package recognition

import (
	"context"
	"sync/atomic"

	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/store"
)

// Publish says in a transaction that something happened; it is the outbox's.
type Publish func(tx *store.Tx, topic string, events []outbox.Event) error

// Service has the use cases of recognition.
type Service struct {
	db      *store.DB
	publish Publish
	changed func()
	kept    atomic.Pointer[engine] // of the rules that were last in force
}

// New makes the service. changed is called after rules changed what releases
// are, so that products are counted anew; it must not wait.
func New(db *store.DB, publish Publish, changed func()) *Service {
	return &Service{db: db, publish: publish, changed: changed}
}

// mayManage is nil when the actor may change rules. They hold for the whole
// body, and their preview tells of all of it: the permission in a part of it
// is not enough. Fault: Denied.
func mayManage(ctx context.Context) error {
	return identity.AllowEverywhere(ctx, identity.RecognitionManage)
}
