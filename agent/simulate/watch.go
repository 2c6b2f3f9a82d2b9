package simulate

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"time"
)

// Kind is a kind of request that is timed.
type Kind int

// The kinds of requests.
const (
	Enrolment    Kind = iota // enrol
	Announcement             // check-in with something new
	Delivery                 // report
	Checkin                  // check-in with nothing new
	kindCount
)

// String names the kind for people.
func (k Kind) String() string {
	return [...]string{"enrol", "announce", "report", "check-in"}[k]
}

// Kinds lists the kinds in the order in which a fleet does them.
func Kinds() []Kind { return []Kind{Enrolment, Announcement, Delivery, Checkin} }

// Watch counts requests and how long their answers took. It is safe for use
// by many at once; the zero value is ready.
type Watch struct {
	kinds [kindCount]histogram
}

// since says that requests of these kinds were sent from began until now.
func (w *Watch) since(began time.Time, kinds ...Kind) {
	for _, kind := range kinds {
		w.kinds[kind].working.Add(int64(time.Since(began)))
	}
}

// histogram counts durations in steps of two per cent, from a microsecond up.
type histogram struct {
	count, failed, later atomic.Int64
	working              atomic.Int64 // nanoseconds in which requests were sent
	steps                [1000]atomic.Int64
}

const step = 1.02

// tries is how often a request is sent that gets no answer at all: enough to
// outlast a server that is being started again.
const tries = 8

// timed sends a request and counts it. It waits and tries again when the
// server says later, and when it gives no answer.
func (w *Watch) timed(ctx context.Context, c *connection, kind Kind, request []byte, answer any) error {
	h := &w.kinds[kind]
	for try := 1; ; {
		began := time.Now()
		err := c.send(ctx, request, answer)
		took := time.Since(began)
		var no *refused
		switch {
		case err == nil:
			h.count.Add(1)
			at := int(math.Log(max(1, float64(took.Microseconds()))) / math.Log(step))
			h.steps[min(at, len(h.steps)-1)].Add(1)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &no) && (no.status == 429 || no.status == 503):
			h.later.Add(1)
			if err := pause(ctx, max(no.wait, 100*time.Millisecond)); err != nil {
				return err
			}
		case no == nil && try < tries:
			if err := pause(ctx, 50*time.Millisecond<<try); err != nil {
				return err
			}
			try++
		default:
			h.failed.Add(1)
			return err
		}
	}
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Count is what a watch has seen of one kind.
type Count struct {
	Done, Failed  int64
	Later         int64 // answers of 429 or 503, each tried again
	P50, P95, P99 time.Duration
	Working       time.Duration // time in which such requests were sent
}

// Rate is how many a second were done.
func (c Count) Rate() float64 {
	if c.Working == 0 {
		return 0
	}
	return float64(c.Done) / c.Working.Seconds()
}

// Count gives what was seen of a kind so far.
func (w *Watch) Count(kind Kind) Count {
	h := &w.kinds[kind]
	return Count{
		Done: h.count.Load(), Failed: h.failed.Load(), Later: h.later.Load(), Working: time.Duration(h.working.Load()),
		P50: h.below(0.50), P95: h.below(0.95), P99: h.below(0.99),
	}
}

// below is the time that this share of the answers took at most.
func (h *histogram) below(share float64) time.Duration {
	rest := int64(math.Ceil(share * float64(h.count.Load())))
	for i := range h.steps {
		if rest -= h.steps[i].Load(); rest <= 0 {
			return time.Duration(math.Pow(step, float64(i+1)) * float64(time.Microsecond))
		}
	}
	return 0
}
