package software

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"holdfast/server/store"
)

// CountRun is the name of our row in count_runs, which says as of when the
// counts are true.
const CountRun = "software"

// Counter keeps titles.devices, releases.devices and title_counts, from which
// lists are sorted and shown. They are counted anew as a whole, set by set,
// because a count that is adjusted row by row makes every report wait for the
// popular titles. What is written is only what differs.
type Counter struct {
	db      *store.DB
	log     *slog.Logger
	changed chan struct{}
	then    func(ctx context.Context) error
}

// NewCounter makes a Counter. Run makes it work.
func NewCounter(db *store.DB, log *slog.Logger) *Counter {
	return &Counter{db: db, log: log, changed: make(chan struct{}, 1)}
}

// Then has what else hangs on installations counted after each count of ours.
func (c *Counter) Then(count func(ctx context.Context) error) { c.then = count }

// Changed says that installations have changed. It never waits.
func (c *Counter) Changed() {
	select {
	case c.changed <- struct{}{}:
	default: // already said
	}
}

// Run counts once, and then after changes, until ctx ends. A small estate is
// counted a second after a change; a large one rests ten times as long as
// its count took, so that counting takes no more than a tenth of one core.
func (c *Counter) Run(ctx context.Context) error {
	c.Changed()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.changed:
		}
		took, err := c.Recount(ctx)
		if err != nil && ctx.Err() == nil {
			c.log.ErrorContext(ctx, "software not counted", "error", err)
			c.Changed()
			took = time.Second
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(max(time.Second, 10*took)):
		}
	}
}

// Recount counts everything and gives how long that took. It reads beside the
// writers, and writes the differences in one short transaction.
func (c *Counter) Recount(ctx context.Context) (time.Duration, error) {
	began, started := c.db.Now(), time.Now()
	releases, err := c.releases(ctx)
	if err != nil {
		return 0, fmt.Errorf("count releases: %w", err)
	}
	titles, err := c.titles(ctx)
	if err != nil {
		return 0, fmt.Errorf("count titles: %w", err)
	}
	took := time.Since(started)
	err = c.db.Tx(ctx, func(tx *store.Tx) error {
		if err := releases.save(tx); err != nil {
			return err
		}
		if err := titles.save(tx); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO count_runs (name, counted_at, took_ms) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET counted_at = excluded.counted_at, took_ms = excluded.took_ms`,
			CountRun, began, took.Milliseconds()).Error
	})
	if err != nil {
		return 0, fmt.Errorf("save software counts: %w", err)
	}
	if c.then != nil {
		if err := c.then(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(started), nil
}

// releaseCounts are the releases whose count is another now.
type releaseCounts struct{ ids, devices []int32 }

func (c *Counter) releases(ctx context.Context) (counts releaseCounts, err error) {
	const query = `SELECT r.id, coalesce(i.devices, 0)
		FROM releases r
		LEFT JOIN (SELECT release_id, count(*) AS devices FROM installations GROUP BY release_id) i ON i.release_id = r.id
		WHERE r.devices <> coalesce(i.devices, 0) ORDER BY r.id`
	err = c.each(ctx, query, func(rows *sql.Rows) error {
		var release, devices int32
		err := rows.Scan(&release, &devices)
		counts.ids, counts.devices = append(counts.ids, release), append(counts.devices, devices)
		return err
	})
	return counts, err
}

func (c releaseCounts) save(tx *store.Tx) error {
	if len(c.ids) == 0 {
		return nil
	}
	return tx.UpdateRows("releases", 1, store.Col("id", c.ids), store.Col("devices", c.devices))
}

// titleCounts are the titles whose count in a unit is another now.
type titleCounts struct {
	titles  []int32
	units   []string
	devices []int32
}

func (c *Counter) titles(ctx context.Context) (counts titleCounts, err error) {
	const query = `SELECT coalesce(n.title_id, t.title_id), CAST(coalesce(n.unit_id, t.unit_id) AS text), coalesce(n.devices, 0)
		FROM (
			SELECT title_id, unit_id, count(*) AS devices FROM (
				SELECT DISTINCT r.title_id, d.unit_id, i.device_id
				FROM installations i JOIN releases r ON r.id = i.release_id JOIN devices d ON d.id = i.device_id
			) each_device GROUP BY title_id, unit_id
		) n
		FULL JOIN title_counts t ON t.title_id = n.title_id AND t.unit_id = n.unit_id
		WHERE coalesce(n.devices, 0) <> coalesce(t.devices, 0)
		ORDER BY 1, 2`
	err = c.each(ctx, query, func(rows *sql.Rows) error {
		var title, devices int32
		var unit string
		err := rows.Scan(&title, &unit, &devices)
		counts.titles, counts.units, counts.devices = append(counts.titles, title), append(counts.units, unit), append(counts.devices, devices)
		return err
	})
	return counts, err
}

func (c titleCounts) save(tx *store.Tx) error {
	if len(c.titles) == 0 {
		return nil
	}
	err := tx.InsertRows("title_counts", "ON CONFLICT (title_id, unit_id) DO UPDATE SET devices = excluded.devices",
		store.Col("title_id", c.titles), store.Col("unit_id", c.units).As("uuid"), store.Col("devices", c.devices))
	if err != nil {
		return err
	}
	if err := tx.Exec("DELETE FROM title_counts WHERE devices = 0").Error; err != nil {
		return err
	}
	sums := map[int32]int32{}
	for _, title := range c.titles {
		sums[title] = 0
	}
	query := "SELECT title_id, sum(devices) FROM title_counts WHERE " + tx.Among("title_id", 1) + " GROUP BY title_id"
	err = tx.EachRow(query, []any{tx.List(c.titles)}, func(rows *sql.Rows) error {
		var title, devices int32
		err := rows.Scan(&title, &devices)
		sums[title] = devices
		return err
	})
	if err != nil {
		return err
	}
	ids, devices := make([]int32, 0, len(sums)), make([]int32, 0, len(sums))
	for title, sum := range sums {
		ids, devices = append(ids, title), append(devices, sum)
	}
	return tx.UpdateRows("titles", 1, store.Col("id", ids), store.Col("devices", devices))
}

func (c *Counter) each(ctx context.Context, query string, each func(rows *sql.Rows) error) (err error) {
	rows, err := c.db.Read(ctx).Raw(query).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has the error of reading
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
