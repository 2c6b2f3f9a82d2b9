// Package intake takes in what agents send: enrolments, check-ins, reports.
// It authenticates, checks, and hands over to the domains in large
// transactions; it owns no tables.
//
// An answer without error means that what was sent is committed. To make that
// cheap, requests that wait at the same moment share one transaction: the
// queue gathers while the last commit runs, so that nothing waits for a timer
// and the batches grow with the load. Queues are bounded; beyond them the
// answer is "later".
//
// The HTTP side is in package api (agent.go).
package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/software"
	"holdfast/server/store"
)

// Admit spends one use of an enrolment key inside the transaction, and says
// which unit it lets into and its own identifier. Fault: SignedOut.
type Admit func(tx *store.Tx, key identity.Secret) (unit identity.UnitID, keyID string, err error)

// Options are the settings of the intake. The zero value of a number means
// its default, but of a rate: no limit.
type Options struct {
	Interval  time.Duration // between check-ins of an agent; 15 minutes
	AgentRate int           // requests of one agent in a minute
	EnrolRate int           // enrolments of one address in a minute that may fail
	Waiting   int           // requests that may wait for the database; 20,000
	Decoders  int           // reports that are decoded at once; two a processor
	Writers   int           // transactions of reports at once, on PostgreSQL; 2
	Publish   Publish       // where word of reports goes; nil when nobody wants it
	Log       *slog.Logger
}

// Publish tells the other domains of events, in the transaction that made them.
type Publish func(tx *store.Tx, topic string, events []outbox.Event) error

// Service has the use cases of the agent protocol. Run must run for any but
// Enrol to be answered.
type Service struct {
	db       *store.DB
	admit    Admit
	releases *software.Interner
	counter  *software.Counter
	options  Options
	log      *slog.Logger
	metrics  *Metrics

	known    *generations[hash, int32] // which device a credential is of
	agents   *limiter[int32]
	strays   *limiter[string]
	revoked  *generations[int32, time.Time] // when agents with a revoked credential were last told of
	checkins *queue[*checkin]
	reports  *queue[*submission]
	decoding chan struct{} // one token for each report that is decoded
	private  *privateUnits
	stopped  chan struct{} // closed when Run has ended
}

// New makes the service. counter learns of changed installations and may be
// nil.
func New(db *store.DB, admit Admit, releases *software.Interner, counter *software.Counter, options Options) *Service {
	defaults(&options)
	s := &Service{
		db: db, admit: admit, releases: releases, counter: counter, options: options, log: options.Log,
		known:    newGenerations[hash, int32](200_000),
		agents:   newLimiter[int32](options.AgentRate, 200_000),
		strays:   newLimiter[string](options.EnrolRate, 20_000),
		revoked:  newGenerations[int32, time.Time](20_000),
		checkins: newQueue[*checkin](options.Waiting, mostCheckins),
		reports:  newQueue[*submission](max(1, options.Waiting/40), mostReports),
		decoding: make(chan struct{}, options.Decoders),
		private:  &privateUnits{db: db},
		stopped:  make(chan struct{}),
	}
	s.metrics = newMetrics(s)
	return s
}

func defaults(options *Options) {
	set := func(number *int, fallback int) {
		if *number <= 0 {
			*number = fallback
		}
	}
	set(&options.Waiting, 20_000)
	set(&options.Decoders, 2*runtime.GOMAXPROCS(0))
	set(&options.Writers, 2)
	if options.Interval <= 0 {
		options.Interval = 15 * time.Minute
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
}

// Run answers what waits until ctx ends. What is in a transaction then is
// still finished; what waits behind it is told to come again. It may run once.
func (s *Service) Run(ctx context.Context) error {
	defer close(s.stopped)
	var group errgroup.Group
	group.Go(func() error {
		s.checkins.serve(ctx, s.storeCheckins, func(one *checkin) { one.finish(fault.NewUnavailable(retryAfter)) })
		return nil
	})
	writers := 1 // SQLite has one writer
	if s.db.Dialect() == store.Postgres {
		writers = s.options.Writers
	}
	for range writers {
		group.Go(func() error {
			s.reports.serve(ctx, s.storeReports, func(one *submission) { one.finish(fault.NewUnavailable(retryAfter)) })
			return nil
		})
	}
	return group.Wait()
}

// Authenticate tells which device's agent a credential is of. It may answer
// from memory: check-ins and reports look again in their transaction. Fault:
// SignedOut.
func (s *Service) Authenticate(ctx context.Context, credential string) (identity.Actor, error) {
	secret := identity.Secret(credential)
	if !secret.Is(identity.AgentPrefix) {
		s.metrics.refused("unknown")
		return identity.Actor{}, fault.NewSignedOut()
	}
	key := hash(secret.Hash())
	device, found := s.known.get(key)
	if !found {
		err := s.db.Read(ctx).Raw("SELECT device_id FROM device_contacts WHERE credential_hash = ? AND revoked_at IS NULL", key[:]).
			Scan(&device).Error
		if err != nil {
			return identity.Actor{}, fmt.Errorf("look for a credential: %w", err)
		}
		if device == 0 {
			s.metrics.refused("unknown")
			return identity.Actor{}, errors.Join(s.tellRefused(ctx, key), fault.NewSignedOut())
		}
		s.known.put(key, device)
	}
	return identity.Actor{Kind: identity.AgentKind, DeviceID: int64(device)}, nil
}

// Agent is who sends a check-in or a report.
type Agent struct {
	Device     int32
	Credential identity.Secret
}

// hash is the hash of a credential.
type hash [32]byte

// retryAfter is how long agents stay away when there is no room for them.
const retryAfter = 30 * time.Second

// allow refuses an agent that comes too often. Fault: TooMany.
func (s *Service) allow(device int32) error {
	if wait := s.agents.spend(device); wait > 0 {
		s.metrics.refused("too_many")
		return fault.NewTooMany(wait)
	}
	return nil
}

// next is the seconds until an agent's next check-in: the interval, spread by
// a tenth either way, so that agents that were started together drift apart.
func (s *Service) next() int {
	return max(1, int(s.options.Interval.Seconds()*(0.9+0.2*rand.Float64())))
}

// internal logs nothing: the edge does. It keeps faults and cancellations as
// they are, and names the rest.
func internal(what string, err error) error {
	if err == nil || fault.Of(err) != nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
