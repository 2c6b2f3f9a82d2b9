package panel

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"holdfast/server/device"
	"holdfast/server/job"
	"holdfast/server/store"
)

// Change is something that changed on a device lately.
type Change struct {
	At      time.Time
	Section string
	Action  device.Action
	Subject string
	Field   string
	Before  string
	After   string
	Devices int  // on how many devices the same changed within the window, this one included
	Counted bool // false: it is newer than the last count
	Unusual bool // few devices of many have it
}

const (
	mostChanges = 8
	mostRead    = 3000
	fewEnough   = 2  // per cent of the estate are unusual
	manyEnough  = 10 // devices make an estate in which something can be unusual
)

type changeKey struct {
	section string
	action  device.Action
	subject string
	field   string
}

func (c *Change) key() changeKey { return changeKey{c.Section, c.Action, c.Subject, c.Field} }

// readChanges reads what changed within the window and ranks it.
func (p *Panel) readChanges(db *gorm.DB, now time.Time, people bool) error {
	if err := db.Raw("SELECT COUNT(*) FROM devices").Row().Scan(&p.Estate); err != nil {
		return err
	}
	var counted *time.Time
	err := db.Raw("SELECT counted_at FROM change_counts WHERE section = '' AND action = '' AND subject = '' AND field = ''").Row().Scan(&counted)
	if err != nil && !store.Missing(err) {
		return err
	}
	hidden := "-" // that no section is called
	if !people {
		hidden = "user"
	}
	newest := map[changeKey]*Change{}
	err = each(db, fmt.Sprintf(`SELECT c.at, c.section, c.action, c.subject, COALESCE(c.field, ''), COALESCE(c.before, ''), COALESCE(c.after, ''),
		COALESCE(n.devices, 1)
		FROM device_changes c LEFT JOIN change_counts n ON n.section = c.section AND n.action = c.action
			AND n.subject = c.subject AND n.field = COALESCE(c.field, '')
		WHERE c.device_id = ? AND c.at >= ? AND c.section <> ? AND c.action NOT IN ('enrolled', 'reenrolled', 'first_seen', 'possibly_same')
		ORDER BY c.at DESC, c.seq LIMIT %d`, mostRead), []any{p.Device.Key, now.Add(-Window), hidden}, func(rows *sql.Rows) error {
		var c Change
		err := rows.Scan(&c.At, &c.Section, &c.Action, &c.Subject, &c.Field, &c.Before, &c.After, &c.Devices)
		c.Counted = counted != nil && !c.At.After(*counted)
		if newest[c.key()] == nil {
			newest[c.key()] = &c
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Changes, p.More = rank(newest, p.Estate)
	return nil
}

// rank puts the most unusual changes first, and tells how many it leaves out.
func rank(changes map[changeKey]*Change, estate int) ([]Change, int) {
	all := make([]Change, 0, len(changes))
	for _, c := range changes {
		c.Unusual = c.Counted && estate >= manyEnough && c.Devices*100 <= estate*fewEnough || c.Counted && estate >= manyEnough && c.Devices == 1
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Devices, b.Devices), b.At.Compare(a.At),
			cmp.Compare(a.Section, b.Section), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Action, b.Action))
	})
	if len(all) > mostChanges {
		return all[:mostChanges], len(all) - mostChanges
	}
	return all, 0
}

// Jobs lists the periodic work of panels.
func (r *Reader) Jobs() []job.Job {
	return []job.Job{{Name: "panel.count_changes", Every: 15 * time.Minute, Run: r.CountChanges}}
}

// CountChanges counts on how many devices each change was seen within the
// window. What was seen on one device only is not kept: it counts one. One row
// without names says when it was counted.
func (r *Reader) CountChanges(ctx context.Context) error {
	now := r.db.Now()
	var sections, actions, subjects, fields []string
	var devices []int
	add := func(section, action, subject, field string, count int) {
		sections, actions, subjects, fields = append(sections, section), append(actions, action), append(subjects, subject), append(fields, field)
		devices = append(devices, count)
	}
	add("", "", "", "", 0)
	// Read apart from the writing: it takes long on a large estate, and would
	// hold up the one writer of SQLite.
	err := each(r.db.Read(ctx), `SELECT section, action, subject, COALESCE(field, ''), COUNT(DISTINCT device_id) FROM device_changes
		WHERE at >= ? AND at <= ? GROUP BY section, action, subject, COALESCE(field, '') HAVING COUNT(DISTINCT device_id) > 1`,
		[]any{now.Add(-Window), now}, func(rows *sql.Rows) error {
			var section, action, subject, field string
			var count int
			err := rows.Scan(&section, &action, &subject, &field, &count)
			add(section, action, subject, field, count)
			return err
		})
	if err != nil {
		return fmt.Errorf("count changes: %w", err)
	}
	at := make([]time.Time, len(sections))
	for i := range at {
		at[i] = now
	}
	return r.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Exec("DELETE FROM change_counts").Error; err != nil {
			return fmt.Errorf("forget old counts of changes: %w", err)
		}
		err := tx.InsertRows("change_counts", "", store.Col("section", sections), store.Col("action", actions), store.Col("subject", subjects),
			store.Col("field", fields), store.Col("devices", devices), store.Col("counted_at", at))
		if err != nil {
			return fmt.Errorf("keep counts of changes: %w", err)
		}
		return nil
	})
}
