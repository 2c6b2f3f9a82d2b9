package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"holdfast/server/store"
)

const (
	maxBatch = 500             // messages in one transaction
	poll     = 2 * time.Second // for messages of other servers, and for those tried again
	maxPause = time.Hour       // between two tries of one message

	// Rest after a batch, in which the next grows: at least leastRest, and four
	// times as long as the batch took, up to mostRest. What is told of a moment
	// later still follows within a second.
	leastRest = 200 * time.Millisecond
	mostRest  = 800 * time.Millisecond
)

// Run delivers until ctx ends. A batch under way then is rolled back and
// delivered at the next start.
func (o *Outbox) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range o.consumers {
		group.Go(func() error {
			o.serve(ctx, c)
			return nil
		})
	}
	return group.Wait()
}

// Drain delivers all that is due now and what that brings about, and returns
// when nothing is due any more. It is for the command line and for tests.
func (o *Outbox) Drain(ctx context.Context) error {
	for busy := true; busy; {
		busy = false
		for _, c := range o.consumers {
			count, err := o.batch(ctx, c)
			if err != nil {
				return err
			}
			busy = busy || count > 0
		}
	}
	return nil
}

// serve delivers at once what comes after a quiet moment. While messages keep
// coming it rests after each batch: a batch of many costs little more than one
// of a few, and consumers leave room for the work that they hear of, above all
// on SQLite with its one writer.
func (o *Outbox) serve(ctx context.Context, c *consumer) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		began := time.Now()
		count, err := o.batch(ctx, c)
		if ctx.Err() != nil {
			return
		}
		if err != nil { // the database is away; messages wait in it
			o.log.WarnContext(ctx, "messages not delivered", "consumer", c.name, "error", err)
		}
		if err == nil && count > 0 {
			took := time.Since(began)
			select {
			case <-ctx.Done():
				return
			case <-time.After(max(took, min(4*took, mostRest), leastRest)):
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-c.bell:
		case <-ticker.C:
		}
	}
}

// batch delivers up to maxBatch messages and says how many it found. When the
// handler fails they are delivered one by one, so that only those which cannot
// be dealt with wait for another try.
func (o *Outbox) batch(ctx context.Context, c *consumer) (int, error) {
	count, failed, err := o.attempt(ctx, c, maxBatch)
	if err != nil || failed == nil {
		return count, err
	}
	for range count {
		_, failed, err := o.attempt(ctx, c, 1)
		if err != nil {
			return count, err
		}
		if failed == nil {
			continue
		}
		if err := o.postpone(ctx, *failed); err != nil {
			return count, err
		}
	}
	return count, nil
}

// failure is the first message of a batch that could not be dealt with.
type failure struct {
	row   row
	cause error
}

// errHandler marks an error of the handler, to tell it from the database's.
type errHandler struct{ error }

func (e errHandler) Unwrap() error { return e.error }

func (o *Outbox) attempt(ctx context.Context, c *consumer, limit int) (count int, failed *failure, err error) {
	var rows []row
	err = o.db.Tx(ctx, func(tx *store.Tx) error {
		rows = nil
		if err := due(tx, c, limit).Find(&rows).Error; err != nil {
			return fmt.Errorf("take messages: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		messages := make([]Message, len(rows))
		ids := make([]int64, len(rows))
		for i, r := range rows {
			messages[i], ids[i] = r.message(), r.ID
		}
		if err := c.Handle(ctx, tx, messages); err != nil {
			return errHandler{err}
		}
		if err := tx.Where("id IN ?", ids).Delete(&row{}).Error; err != nil {
			return fmt.Errorf("remove messages: %w", err)
		}
		return nil
	})
	var cause errHandler
	if errors.As(err, &cause) && ctx.Err() == nil {
		return len(rows), &failure{row: rows[0], cause: cause.error}, nil
	}
	return len(rows), nil, err
}

// postpone puts a message off: for a second, then twice as long each time.
func (o *Outbox) postpone(ctx context.Context, f failure) error {
	pause := min(time.Second<<min(f.row.Attempts, 12), maxPause)
	o.log.ErrorContext(ctx, "message not dealt with", "consumer", f.row.Consumer, "subject", f.row.Subject,
		"attempt", f.row.Attempts+1, "error", f.cause)
	return o.db.Tx(ctx, func(tx *store.Tx) error {
		err := tx.Model(&row{}).Where("id = ?", f.row.ID).Updates(map[string]any{
			"attempts": f.row.Attempts + 1, "due_at": tx.Now.Add(pause), "error": f.cause.Error(),
		}).Error
		if err != nil {
			return fmt.Errorf("postpone message: %w", err)
		}
		return nil
	})
}
