package inventory

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/report"
)

// sectionUser is the section that says something about people.
const sectionUser = "user"

// Summary is one device with what its page says first.
type Summary struct {
	Device
	EnrolledAt time.Time // zero when no agent speaks for it
	RevokedAt  time.Time // zero while its agent may report
	Counts     Counts
}

// Counts says how much there is behind the summary of a device.
type Counts struct {
	Software   int
	Components int // parts and peripherals that it has now
	Changes    int
	Notes      int
}

// Section is the newest facts of one section of a device.
type Section struct {
	Name       string
	Outcome    report.Outcome
	Detail     string // why the outcome is not OK
	Hash       string
	TookMS     int64
	ReportedAt time.Time
	Facts      json.RawMessage // nothing when none were read
}

// Component is a part of a device, or a peripheral on it.
type Component struct {
	Kind      string
	Ident     string // tells it from others of its kind
	Maker     string
	Model     string
	Serial    string
	Size      *int64 // bytes
	FirstSeen time.Time
	LastSeen  time.Time
	RemovedAt time.Time // zero while it is there
}

// Note is a value that a report held and that was not stored.
type Note struct {
	Section string
	Path    string
	Reason  string
	Value   string
	NotedAt time.Time
}

// Device gives one device. Faults: Missing, also for a device of another unit,
// and Denied.
func (r *Reader) Device(ctx context.Context, of device.ID) (Summary, error) {
	row, err := r.find(ctx, of)
	if err != nil {
		return Summary{}, err
	}
	found := Summary{Device: row}
	err = r.db.Read(ctx).Raw(`SELECT c.enrolled_at, c.revoked_at FROM device_contacts c WHERE c.device_id = ?`, row.Key).
		Row().Scan(&found.EnrolledAt, list.Blank(&found.RevokedAt))
	if err != nil && !store.Missing(err) {
		return Summary{}, fmt.Errorf("read contact of device %s: %w", of, err)
	}
	section := "-" // that no section is called; changes of the device itself have none
	if !mayKnowUser(ctx, row) {
		section = sectionUser
	}
	err = r.db.Read(ctx).Raw(`SELECT
		(SELECT COUNT(*) FROM installations WHERE device_id = @key),
		(SELECT COUNT(*) FROM components WHERE device_id = @key AND removed_at IS NULL),
		(SELECT COUNT(*) FROM device_changes WHERE device_id = @key AND section <> @hidden),
		(SELECT COUNT(*) FROM device_notes WHERE device_id = @key AND section <> @hidden)`,
		sql.Named("key", row.Key), sql.Named("hidden", section)).
		Row().Scan(&found.Counts.Software, &found.Counts.Components, &found.Counts.Changes, &found.Counts.Notes)
	if err != nil {
		return Summary{}, fmt.Errorf("count what device %s has: %w", of, err)
	}
	return found, nil
}

// Sections gives the sections of a device, in the order in which people read
// them. Faults as those of Device.
func (r *Reader) Sections(ctx context.Context, of device.ID) ([]Section, error) {
	row, err := r.find(ctx, of)
	if err != nil {
		return nil, err
	}
	order := []string{}
	for _, section := range report.All() {
		order = append(order, section.Name())
	}
	sections, err := query(ctx, r, func(s *Section) []any {
		return []any{&s.Name, &s.Outcome, list.Blank(&s.Detail), &s.Hash, &s.TookMS, &s.ReportedAt, list.JSON(&s.Facts)}
	}, `SELECT name, outcome, detail, hash, took_ms, reported_at, facts FROM device_sections WHERE device_id = ? ORDER BY name`, row.Key)
	if err != nil {
		return nil, fmt.Errorf("read sections of device %s: %w", of, err)
	}
	if !mayKnowUser(ctx, row) {
		sections = slices.DeleteFunc(sections, func(s Section) bool { return s.Name == sectionUser })
	}
	slices.SortStableFunc(sections, func(a, b Section) int { return place(order, a.Name) - place(order, b.Name) })
	return sections, nil
}

// place is where a name stands in an order; unknown names come last.
func place(order []string, name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// Decode reads the facts of one of the sections that we know, such as
// Decode[report.Memory](sections). Facts that were never reported are zero.
func Decode[T any, S interface {
	*T
	report.Section
}](sections []Section) (T, error) {
	var facts T
	name := S(&facts).Name()
	i := slices.IndexFunc(sections, func(s Section) bool { return s.Name == name })
	if i < 0 || len(sections[i].Facts) == 0 {
		return facts, nil
	}
	if err := json.Unmarshal(sections[i].Facts, &facts); err != nil {
		return facts, fmt.Errorf("read section %s: %w", name, err)
	}
	return facts, nil
}

// Components gives the parts and peripherals of a device, those that it has
// now first. Faults as those of Device.
func (r *Reader) Components(ctx context.Context, of device.ID) ([]Component, error) {
	row, err := r.find(ctx, of)
	if err != nil {
		return nil, err
	}
	components, err := query(ctx, r, func(c *Component) []any {
		return []any{
			&c.Kind, &c.Ident, list.Blank(&c.Maker), list.Blank(&c.Model), list.Blank(&c.Serial), &c.Size,
			&c.FirstSeen, &c.LastSeen, list.Blank(&c.RemovedAt),
		}
	}, `SELECT kind, ident, maker, model, serial, size_bytes, first_seen_at, last_seen_at, removed_at FROM components
		WHERE device_id = ? ORDER BY CASE WHEN removed_at IS NULL THEN 0 ELSE 1 END, kind, ident`, row.Key)
	if err != nil {
		return nil, fmt.Errorf("read components of device %s: %w", of, err)
	}
	return components, nil
}

// Notes gives the values of a device that were not stored. Faults as those of
// Get.
func (r *Reader) Notes(ctx context.Context, of device.ID) ([]Note, error) {
	row, err := r.find(ctx, of)
	if err != nil {
		return nil, err
	}
	notes, err := query(ctx, r, func(n *Note) []any {
		return []any{&n.Section, &n.Path, &n.Reason, list.Blank(&n.Value), &n.NotedAt}
	}, `SELECT section, path, reason, value, noted_at FROM device_notes WHERE device_id = ? ORDER BY section, path`, row.Key)
	if err != nil {
		return nil, fmt.Errorf("read notes of device %s: %w", of, err)
	}
	if !mayKnowUser(ctx, row) {
		notes = slices.DeleteFunc(notes, func(n Note) bool { return n.Section == sectionUser })
	}
	return notes, nil
}

// find gives the row of a device that the actor may see.
func (r *Reader) find(ctx context.Context, of device.ID) (Device, error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return Device{}, err
	}
	rows, err := r.rows(ctx, list.All(list.Where("d.uid = ?", of), within(reach)))
	if err != nil {
		return Device{}, err
	}
	if len(rows) == 0 {
		return Device{}, fault.NewMissing("device")
	}
	if !mayKnowUser(ctx, rows[0]) {
		rows[0].LastUser = ""
	}
	return rows[0], nil
}

// rows reads devices by a condition on d.
func (r *Reader) rows(ctx context.Context, where list.Clause) ([]Device, error) {
	rows, err := query(ctx, r, func(row *Device) []any { return row.scan() }, "SELECT "+rowSelect+
		" FROM devices d JOIN units u ON u.id = d.unit_id LEFT JOIN device_contacts c ON c.device_id = d.id "+healthJoin.SQL+" WHERE "+where.SQL, where.Args...)
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	return rows, nil
}
