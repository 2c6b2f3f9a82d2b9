package software

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
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
	then    []func(ctx context.Context) error
}

// NewCounter makes a Counter. Run makes it work.
func NewCounter(db *store.DB, log *slog.Logger) *Counter {
	return &Counter{db: db, log: log, changed: make(chan struct{}, 1)}
}

// Then has what else reports change counted after each count of ours.
func (c *Counter) Then(count func(ctx context.Context) error) { c.then = append(c.then, count) }

// Changed says that a report has changed something. It never waits.
func (c *Counter) Changed() {
	select {
	case c.changed <- struct{}{}:
	default: // already said
	}
}

// Run counts once, and then after changes, until ctx ends. A small estate is
// counted a second after a change; a large one rests twenty times as long
// as its count took, so that counting takes no more than a twentieth of one core.
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
		case <-time.After(max(time.Second, 20*took)):
		}
	}
}

// Recount counts everything and gives how long that took. It reads beside the
// writers, and writes the differences in one short transaction.
func (c *Counter) Recount(ctx context.Context) (time.Duration, error) {
	began, started := c.db.Now(), time.Now()
	counted, err := c.count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count software: %w", err)
	}
	took := time.Since(started)
	err = c.db.Tx(ctx, func(tx *store.Tx) error {
		if err := counted.save(tx); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO count_runs (name, counted_at, took_ms) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET counted_at = excluded.counted_at, took_ms = excluded.took_ms`,
			CountRun, began, took.Milliseconds()).Error
	})
	if err != nil {
		return 0, fmt.Errorf("save software counts: %w", err)
	}
	for _, count := range c.then {
		if err := count(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(started), nil
}

// tally is the counts of all software, as they are stored and as they are now.
type tally struct {
	releases map[Key]*releaseCount
	titles   map[Key]*titleCount
}

// devices is a number of devices: as stored, and as counted.
type devices struct{ stored, now int32 }

type releaseCount struct {
	devices
	title *titleCount
}

type titleCount struct {
	devices
	last  int32 // the device that was counted last, which may have several releases
	units map[string]*devices
}

func (t *titleCount) in(unit string) *devices {
	if t.units[unit] == nil {
		t.units[unit] = &devices{}
	}
	return t.units[unit]
}

// count reads what is stored, and then the installations device by device, in
// the order of their table and as one row each: a database that counts
// distinct devices sorts all installations first.
func (c *Counter) count(ctx context.Context) (*tally, error) {
	t := &tally{releases: map[Key]*releaseCount{}, titles: map[Key]*titleCount{}}
	var key, title Key
	var number int32
	var unit, list string
	for _, read := range []struct {
		query string
		into  []any
		do    func() error
	}{
		{"SELECT id, devices FROM titles", []any{&key, &number}, func() error {
			t.titles[key] = &titleCount{devices: devices{stored: number}, units: map[string]*devices{}}
			return nil
		}},
		{"SELECT id, title_id, devices FROM releases", []any{&key, &title, &number}, func() error {
			if of := t.titles[title]; of != nil { // otherwise it was made just now
				t.releases[key] = &releaseCount{devices: devices{stored: number}, title: of}
			}
			return nil
		}},
		{"SELECT title_id, CAST(unit_id AS text), devices FROM title_counts", []any{&title, &unit, &number}, func() error {
			if of := t.titles[title]; of != nil {
				of.in(unit).stored = number
			}
			return nil
		}},
		{`SELECT d.id, CAST(d.unit_id AS text), i.list FROM devices d JOIN (
			SELECT device_id, string_agg(CAST(release_id AS text), ',') AS list FROM installations GROUP BY device_id
			) i ON i.device_id = d.id`, []any{&number, &unit, &list}, func() error { return t.add(number, unit, list) }},
	} {
		err := c.each(ctx, read.query, func(rows *sql.Rows) error {
			if err := rows.Scan(read.into...); err != nil {
				return err
			}
			return read.do()
		})
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// add counts the releases of a device.
func (t *tally) add(device int32, unit, list string) error {
	for text := range strings.SplitSeq(list, ",") {
		key, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return err
		}
		release := t.releases[Key(key)]
		if release == nil { // made since, and so the next to be counted
			continue
		}
		release.now++
		if release.title.last != device {
			release.title.last = device
			release.title.now++
			release.title.in(unit).now++
		}
	}
	return nil
}

// save writes the counts that are others now, in the order of keys, so that
// two servers never wait for one another in a circle.
func (t *tally) save(tx *store.Tx) error {
	var ids, numbers []int32
	differ := func(key Key, count devices) {
		if count.now != count.stored {
			ids, numbers = append(ids, key), append(numbers, count.now)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t.releases)) {
		differ(key, t.releases[key].devices)
	}
	if len(ids) > 0 {
		if err := tx.UpdateRows("releases", 1, store.Col("id", ids), store.Col("devices", numbers)); err != nil {
			return err
		}
	}
	ids, numbers = nil, nil
	titles := slices.Sorted(maps.Keys(t.titles))
	for _, key := range titles {
		differ(key, t.titles[key].devices)
	}
	if len(ids) > 0 {
		if err := tx.UpdateRows("titles", 1, store.Col("id", ids), store.Col("devices", numbers)); err != nil {
			return err
		}
	}
	return t.saveUnits(tx, titles)
}

func (t *tally) saveUnits(tx *store.Tx, titles []Key) error {
	var keys, numbers []int32
	var units []string
	for _, key := range titles {
		of := t.titles[key].units
		for _, unit := range slices.Sorted(maps.Keys(of)) {
			if of[unit].now != of[unit].stored {
				keys, units, numbers = append(keys, key), append(units, unit), append(numbers, of[unit].now)
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	err := tx.InsertRows("title_counts", "ON CONFLICT (title_id, unit_id) DO UPDATE SET devices = excluded.devices",
		store.Col("title_id", keys), store.Col("unit_id", units).As("uuid"), store.Col("devices", numbers))
	if err != nil {
		return err
	}
	return tx.Exec("DELETE FROM title_counts WHERE devices = 0").Error
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
