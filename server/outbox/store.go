package outbox

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"holdfast/server/store"
)

// due finds the oldest messages of a consumer that are due. Several servers
// take different ones: those that another has in hand are passed over.
func due(tx *store.Tx, c *consumer, limit int) *gorm.DB {
	query := tx.Where("consumer = ? AND due_at <= ?", c.name, tx.Now).Order("due_at, id").Limit(limit)
	if tx.Dialect() == store.Postgres {
		query = query.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})
	}
	return query
}

// Waiting is the state of one consumer's messages, for doctor and /metrics.
type Waiting struct {
	Consumer string
	Count    int
	Failed   int       // of Count, those whose handling has failed at least once
	Oldest   time.Time // when the oldest of them happened
	Error    string    // of one that failed
}

// Waiting tells of each consumer that has messages.
func (o *Outbox) Waiting(ctx context.Context) ([]Waiting, error) {
	var rows []struct {
		Consumer string
		Count    int
		Failed   int
		OldestID int64
		Error    *string
	}
	err := o.db.Read(ctx).Raw(`SELECT consumer, count(*) AS count,
		count(CASE WHEN attempts > 0 THEN 1 END) AS failed, min(id) AS oldest_id, max(error) AS error
		FROM outbox GROUP BY consumer ORDER BY consumer`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	oldest := make([]int64, len(rows))
	for i, r := range rows {
		oldest[i] = r.OldestID
	}
	var first []row
	if err := o.db.Read(ctx).Where("id IN ?", oldest).Find(&first).Error; err != nil {
		return nil, fmt.Errorf("read oldest messages: %w", err)
	}
	since := map[string]time.Time{}
	for _, r := range first {
		since[r.Consumer] = r.HappenedAt
	}
	waiting := make([]Waiting, len(rows))
	for i, r := range rows {
		waiting[i] = Waiting{Consumer: r.Consumer, Count: r.Count, Failed: r.Failed, Oldest: since[r.Consumer]}
		if r.Error != nil {
			waiting[i].Error = *r.Error
		}
	}
	return waiting, nil
}
