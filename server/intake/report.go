package intake

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/outbox"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// mostReports is how many reports share one transaction.
const mostReports = 64

// submission is one report that waits for its batch.
type submission struct {
	wait
	report   *device.Incoming
	packages []report.Package // whose releases are not numbered yet
	stored   device.Stored
}

func (r *submission) device() int32 { return r.report.Device }

// Report stores a report, once, however often it comes. body is compressed as
// encoding says. Reading and checking is done here, in the caller's turn;
// only then does the report wait for a transaction. Faults: SignedOut,
// TooMany, TooLarge, Unavailable, Invalid; ErrEncoding.
func (s *Service) Report(ctx context.Context, agent Agent, encoding string, body []byte) (protocol.Reported, error) {
	if err := s.allow(agent.Device); err != nil {
		return protocol.Reported{}, err
	}
	one, err := s.prepare(ctx, agent, encoding, body)
	if err != nil {
		return protocol.Reported{}, internal("read a report", err)
	}
	if err := s.reports.put(one); err != nil {
		s.metrics.refused("busy")
		return protocol.Reported{}, err
	}
	if err := one.until(ctx, s.stopped); err != nil {
		return protocol.Reported{}, internal("store a report", err)
	}
	if one.stored.Refused {
		s.known.forget(hash(agent.Credential.Hash()))
		s.metrics.refused("unknown")
		return protocol.Reported{}, fault.NewSignedOut()
	}
	if one.stored.Twice {
		s.metrics.repeated.Inc()
	} else {
		s.metrics.stored.Inc()
		s.metrics.notes.Add(float64(len(one.report.Notes)))
	}
	if one.stored.Event.Changed() && s.counter != nil {
		s.counter.Changed()
	}
	return protocol.Reported{Next: s.next(), Notes: one.report.Notes, Skip: one.stored.Skip}, nil
}

// prepare reads and checks a report. Few are read at a time, so that memory
// is bounded and those that are read are soon done.
func (s *Service) prepare(ctx context.Context, agent Agent, encoding string, body []byte) (*submission, error) {
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	content, release, err := Unpack(encoding, body)
	if err != nil {
		s.metrics.refused(reasonOf(err))
		return nil, err
	}
	defer release()
	message, err := readReport(content)
	if err != nil {
		s.metrics.refused(reasonOf(err))
		return nil, err
	}
	parts, packages, listed, notes := readParts(message)
	in := &device.Incoming{
		Device: agent.Device, Credential: agent.Credential.Hash(), Report: message.ID, Agent: message.Agent,
		Digest: message.Digest, Parts: parts, Notes: notes, HasList: listed,
	}
	one := &submission{wait: newWait(), report: in}
	if keys, complete := s.releases.Remembered(packages); complete {
		in.Software = numbered(packages, keys)
	} else {
		one.packages = packages
	}
	return one, nil
}

// numbered gives the listed software as releases, in their order.
func numbered(packages []report.Package, keys []software.Key) []device.Installation {
	list := make([]device.Installation, len(keys))
	for i, key := range keys {
		list[i] = device.Installation{Release: key, On: dayOf(packages[i].InstalledOn)}
	}
	slices.SortStableFunc(list, func(a, b device.Installation) int { return cmp.Compare(a.Release, b.Release) })
	return list
}

// number makes the releases that reports of a batch are the first to name.
// They are committed before the reports, so that two servers never wait for
// one another's reports over a title.
func (s *Service) number(ctx context.Context, batch []*submission) error {
	var packages []report.Package
	for _, one := range batch {
		packages = append(packages, one.packages...)
	}
	if len(packages) == 0 {
		return nil
	}
	keys, err := s.releases.Keys(ctx, packages)
	if err != nil {
		return err
	}
	for _, one := range batch {
		if one.packages != nil {
			one.report.Software = numbered(one.packages, keys[:len(one.packages)])
			keys, one.packages = keys[len(one.packages):], nil
		}
	}
	return nil
}

// storeReports commits a batch of reports and answers them. When the batch
// fails each report is tried alone, so that one that cannot be stored takes no
// other with it.
func (s *Service) storeReports(ctx context.Context, batch []*submission) {
	err := s.commit(ctx, batch)
	if err != nil && len(batch) > 1 {
		s.log.WarnContext(ctx, "reports stored one by one", "reports", len(batch), "error", err)
		for _, one := range batch {
			one.finish(s.commit(ctx, []*submission{one}))
		}
		return
	}
	for _, one := range batch {
		one.finish(err)
	}
}

func (s *Service) commit(ctx context.Context, batch []*submission) error {
	started := time.Now()
	if err := s.number(ctx, batch); err != nil {
		return err
	}
	reports := make([]*device.Incoming, len(batch))
	for i, one := range batch {
		reports[i] = one.report
	}
	var results []device.Stored
	err := s.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if results, err = device.Store(tx, reports); err != nil {
			return err
		}
		return s.tell(tx, results)
	})
	if err != nil {
		return err
	}
	for i, one := range batch {
		one.stored = results[i]
	}
	s.metrics.batch("report", len(batch), time.Since(started))
	return nil
}

// tell hands word of what the reports changed to the outbox, in their own
// transaction, so that neither is ever without the other.
func (s *Service) tell(tx *store.Tx, results []device.Stored) error {
	if s.options.Publish == nil {
		return nil
	}
	var events []outbox.Event
	for _, result := range results {
		event := result.Event
		if !event.Changed() {
			continue
		}
		if event.First {
			event.Added = nil // everything that is installed
		}
		events = append(events, outbox.Event{Subject: strconv.Itoa(int(event.Device)), Payload: event})
	}
	return s.options.Publish(tx, device.Reported, events)
}

func reasonOf(err error) string {
	switch found := fault.Of(err); {
	case found == nil:
		return "encoding"
	case found.Kind == fault.TooLarge:
		return "too_large"
	}
	return "malformed"
}
