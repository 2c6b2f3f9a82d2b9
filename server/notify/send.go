package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"holdfast/server/store"
)

const (
	maxBatch = 20               // notices over one connection
	poll     = 15 * time.Second // for those of other servers, and those tried again
	lease    = 5 * time.Minute  // for how long nobody else takes what one server is sending
	giveUp   = 3 * 24 * time.Hour
)

// Run sends notices until ctx ends. Without a mail server there is nothing to
// do.
func (s *Service) Run(ctx context.Context) error {
	if s.options.Mail == nil {
		<-ctx.Done()
		return nil
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		count, err := s.batch(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil: // the database is away; notices wait in it
			s.options.Log.WarnContext(ctx, "notices not sent", "error", err)
		case count == maxBatch:
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.bell:
		case <-ticker.C:
		}
	}
}

// Drain sends all that is due now. It is for tests and the command line.
func (s *Service) Drain(ctx context.Context) error {
	for {
		count, err := s.batch(ctx)
		if err != nil || count < maxBatch {
			return err
		}
	}
}

// batch sends some notices and says how many it took.
func (s *Service) batch(ctx context.Context) (int, error) {
	if s.options.Mail == nil {
		return 0, nil
	}
	taken, err := s.take(ctx)
	if err != nil || len(taken) == 0 {
		return 0, err
	}
	outcomes := s.options.Mail.send(ctx, taken)
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return len(taken), s.db.Tx(ctx, func(tx *store.Tx) error {
		for i := range taken {
			if err := s.conclude(ctx, tx, &taken[i], outcomes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// take claims the notices that are due, for as long as the lease.
func (s *Service) take(ctx context.Context) (taken []Notice, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		var due []string
		query := tx.Table("notices").Where("due_at <= ?", tx.Now).Order("due_at, id").Limit(maxBatch)
		if tx.Dialect() == store.Postgres {
			query = query.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})
		}
		if err := query.Pluck("id", &due).Error; err != nil {
			return fmt.Errorf("find notices to send: %w", err)
		}
		if len(due) == 0 {
			return nil
		}
		if err := tx.Exec("UPDATE notices SET attempts = attempts + 1, due_at = ? WHERE id IN ?", tx.Now.Add(lease), due).Error; err != nil {
			return fmt.Errorf("take notices: %w", err)
		}
		taken, err = read(tx.DB, "id IN ? ORDER BY created_at, id", due)
		return err
	})
	return taken, err
}

// conclude writes down what became of a notice.
func (s *Service) conclude(ctx context.Context, tx *store.Tx, n *Notice, failure error) error {
	state, text := Sent, ""
	var due, sent *time.Time
	switch {
	case failure == nil:
		sent = &tx.Now
	case final(failure) || tx.Now.Sub(n.CreatedAt) > giveUp:
		state, text = Refused, failure.Error()
		s.options.Log.WarnContext(ctx, "notice refused", "notice", n.ID.String(), "error", failure)
	default:
		state, text = Waiting, failure.Error()
		due = new(tx.Now.Add(pause(n.Attempts)))
		s.options.Log.InfoContext(ctx, "notice not sent", "notice", n.ID.String(), "attempts", n.Attempts, "error", failure)
	}
	err := tx.Exec("UPDATE notices SET state = ?, error = ?, due_at = ?, sent_at = ? WHERE id = ?", state, store.Null(text), due, sent, n.ID).Error
	if err != nil {
		return fmt.Errorf("conclude notice %s: %w", n.ID, err)
	}
	return nil
}

// pause is for how long a notice rests after it has failed so often: a minute,
// two, four, up to four hours.
func pause(attempts int) time.Duration {
	const longest = 4 * time.Hour
	if attempts > 8 {
		return longest
	}
	return min(longest, time.Minute<<max(0, attempts-1))
}

// errRefused marks what another try would not mend.
var errRefused = errors.New("refused")

func final(err error) bool { return errors.Is(err, errRefused) }
