package ticket

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/person"
	"holdfast/server/store"
)

// Live changes are announced as counts: how many tickets that a reader may see
// were opened or touched since they began to listen. Each server asks the
// table what was touched lately, at once when it was itself and every other
// second otherwise, and only while somebody listens; so several servers need
// nothing between them.

const (
	livePoll    = 2 * time.Second
	liveOverlap = 15 * time.Second // for transactions that commit late
	liveMost    = 2000             // listeners on one server
	liveBuffer  = 8                // announcements that a slow listener may lag behind
)

// Touched is an announcement.
type Touched struct {
	Ticket ID
	Opened bool // it is new
}

// Listener hears of tickets.
type Listener struct {
	C       <-chan Touched // closed when the listener was too slow, or the server stops
	c       chan Touched
	reach   identity.Scope
	person  person.ID // the tickets of whom are heard of besides
	ticket  ID        // only this one, if given
	stopped bool
}

type live struct {
	db        *store.DB
	bell      chan struct{}
	mutex     sync.Mutex
	listeners map[*Listener]struct{}
	since     time.Time
	seen      map[ID]time.Time // what was announced, by when it was touched
}

func newLive(db *store.DB) *live {
	return &live{db: db, bell: make(chan struct{}, 1), listeners: map[*Listener]struct{}{}, seen: map[ID]time.Time{}}
}

func (l *live) ring() {
	select {
	case l.bell <- struct{}{}:
	default: // it is going to look anyway
	}
}

// Listen lets the actor hear of tickets: those of their units, and those that
// they asked for; of one alone when it is given. Stop must be called. Faults:
// SignedOut, Denied, TooMany.
func (s *Service) Listen(ctx context.Context, of ID) (*Listener, error) {
	actor := identity.ActorOf(ctx)
	made := &Listener{c: make(chan Touched, liveBuffer), reach: actor.Reach(identity.TicketsRead), ticket: of}
	made.C = made.c
	if me, err := s.me(ctx); err == nil {
		made.person = me.ID
	}
	if made.reach.Empty() {
		if err := identity.Allow(ctx, identity.TicketsOwn); err != nil {
			return nil, err
		}
	}
	l := s.live
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.listeners) >= liveMost {
		return nil, fault.NewTooMany(time.Minute)
	}
	if len(l.listeners) == 0 { // nobody has listened: what happened till now is old
		l.since = l.db.Now()
	}
	l.listeners[made] = struct{}{}
	return made, nil
}

// Stop ends listening.
func (s *Service) Stop(listener *Listener) {
	s.live.mutex.Lock()
	defer s.live.mutex.Unlock()
	s.live.drop(listener)
}

// drop ends a listener; the mutex is held.
func (l *live) drop(listener *Listener) {
	delete(l.listeners, listener)
	if !listener.stopped {
		listener.stopped = true
		close(listener.c)
	}
}

// Announce tells listeners what happens until ctx ends, and then ends them.
func (s *Service) Announce(ctx context.Context) error {
	ticker := time.NewTicker(livePoll)
	defer ticker.Stop()
	defer s.live.end()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.live.bell:
		case <-ticker.C:
		}
		if err := s.live.look(ctx); err != nil && ctx.Err() == nil {
			s.options.Log.WarnContext(ctx, "live changes not announced", "error", err)
		}
	}
}

func (l *live) end() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for listener := range l.listeners {
		l.drop(listener)
	}
}

// touched is a ticket that was touched lately.
type touched struct {
	ID          ID
	UnitID      identity.UnitID
	RequesterID person.ID
	OpenedAt    time.Time
	UpdatedAt   time.Time
}

// look asks what was touched and tells those who may know.
func (l *live) look(ctx context.Context) error {
	l.mutex.Lock()
	since, count := l.since, len(l.listeners)
	l.mutex.Unlock()
	if count == 0 {
		return nil
	}
	var found []touched
	err := l.db.Read(ctx).Raw(`SELECT id, unit_id, requester_id, opened_at, updated_at FROM tickets
		WHERE updated_at > ? ORDER BY updated_at, id LIMIT 1000`, since).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("read what was touched: %w", err)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, each := range found {
		if l.seen[each.ID].Equal(each.UpdatedAt) {
			continue
		}
		_, before := l.seen[each.ID]
		l.seen[each.ID] = each.UpdatedAt
		l.tell(each, Touched{Ticket: each.ID, Opened: !before && each.OpenedAt.Equal(each.UpdatedAt)})
		if newest := each.UpdatedAt.Add(-liveOverlap); newest.After(l.since) {
			l.since = newest
		}
	}
	for id, at := range l.seen {
		if at.Before(l.since) {
			delete(l.seen, id)
		}
	}
	return nil
}

func (l *live) tell(about touched, what Touched) {
	var slow []*Listener
	for listener := range l.listeners {
		mine := !listener.person.IsZero() && listener.person == about.RequesterID
		if !mine && !listener.reach.Has(about.UnitID) || !listener.ticket.IsZero() && listener.ticket != about.ID {
			continue
		}
		select {
		case listener.c <- what:
		default:
			slow = append(slow, listener)
		}
	}
	for _, listener := range slices.Clip(slow) {
		l.drop(listener)
	}
}
