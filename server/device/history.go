package device

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/server/store"
)

// change is one entry of the history, a row of table device_changes.
type change struct {
	device        Key
	at            time.Time
	seq           int32
	section       string
	action        Action
	subject       string
	field         *string
	before, after *string
}

// compareThings tells what became of a section's facts and things. Only what
// was known before and is known to be another now counts as changed: that
// something is known for the first time is no event of the device.
func compareThings(section string, before, after []thing) (changes []change) {
	type place struct{ list, ident string }
	old := make(map[place]*thing, len(before))
	for i := range before {
		old[place{before[i].list, before[i].ident}] = &before[i]
	}
	for i := range after {
		one := &after[i]
		at := place{one.list, one.ident}
		was, found := old[at]
		delete(old, at)
		switch {
		case one.quiet:
		case found:
			changes = append(changes, compareFacts(section, was, one)...)
		case one.list != "":
			changes = append(changes, change{section: section, action: Added, subject: one.label, field: listField(one), after: one.serial()})
		}
	}
	for i := range before {
		one := &before[i]
		if _, gone := old[place{one.list, one.ident}]; gone && one.list != "" && !one.quiet {
			changes = append(changes, change{section: section, action: Removed, subject: one.label, field: listField(one), before: one.serial()})
		}
	}
	return changes
}

func compareFacts(section string, before, after *thing) (changes []change) {
	for _, now := range after.facts {
		for _, was := range before.facts {
			if was.path == now.path && was.value != now.value {
				field := now.path
				if prefix := listField(after); prefix != nil {
					field = *prefix + "." + field
				}
				changes = append(changes, change{
					section: section, action: Changed, subject: after.label, field: &field,
					before: &was.value, after: &now.value,
				})
			}
		}
	}
	return changes
}

// listField is the list of a thing as the specification writes its path, such
// as "drives[]"; nil for the section itself.
func listField(t *thing) *string {
	if t.list == "" {
		return nil
	}
	_, name, _ := strings.Cut(t.list, ".")
	return new(name + "[]")
}

func (t *thing) serial() *string {
	if t.part == nil {
		return nil
	}
	return t.part.serial
}

// appendHistory numbers the entries and writes them. Entries of one device at
// one time are numbered on from those that are there.
func appendHistory(tx *store.Tx, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	devices := make([]Key, 0, len(changes))
	for i := range changes {
		devices = append(devices, changes[i].device)
	}
	slices.Sort(devices)
	devices = slices.Compact(devices)
	next := make(map[Key]int32, len(devices))
	query := "SELECT device_id, max(seq) FROM device_changes WHERE " + tx.Among("device_id", 1) + " AND at = $2 GROUP BY device_id"
	err := tx.EachRow(query, []any{tx.List(devices), tx.Now}, func(rows *sql.Rows) error {
		var device Key
		var last int32
		err := rows.Scan(&device, &last)
		next[device] = last + 1
		return err
	})
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	for i := range changes {
		one := &changes[i]
		one.at, one.seq = tx.Now, next[one.device]
		next[one.device]++
		one.before, one.after = short(one.before), short(one.after)
		one.subject = *short(&one.subject)
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(cmp.Compare(a.device, b.device), cmp.Compare(a.seq, b.seq)) })
	err = tx.InsertRows("device_changes", "",
		store.ColOf("device_id", changes, func(c *change) Key { return c.device }),
		store.ColOf("at", changes, func(c *change) time.Time { return c.at }),
		store.ColOf("seq", changes, func(c *change) int32 { return c.seq }),
		store.ColOf("section", changes, func(c *change) string { return c.section }),
		store.ColOf("action", changes, func(c *change) string { return string(c.action) }),
		store.ColOf("subject", changes, func(c *change) string { return c.subject }),
		store.ColOf("field", changes, func(c *change) *string { return c.field }),
		store.ColOf("before", changes, func(c *change) *string { return c.before }),
		store.ColOf("after", changes, func(c *change) *string { return c.after }))
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

// column takes one value out of each row.
// short cuts a value to what people read.
func short(text *string) *string {
	const most = 500 // bytes
	if text == nil || len(*text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart((*text)[cut]) {
		cut--
	}
	return new((*text)[:cut] + "…")
}
