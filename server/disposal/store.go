package disposal

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/list"
	"holdfast/server/store"
)

// each gives every row of a query to take.
func each(db *gorm.DB, doing string, take func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := db.Raw(query, args...).Rows()
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return rows.Err()
}

// locked reads a case, and keeps others from changing it until the
// transaction ends. Fault: Missing.
func locked(tx *store.Tx, of ID) (*Case, error) {
	if tx.Dialect() == store.Postgres {
		if err := tx.Exec("SELECT id FROM disposal_cases WHERE id = ? FOR UPDATE", of).Error; err != nil {
			return nil, fmt.Errorf("lock case %s: %w", of, err)
		}
	}
	return load(tx.DB, of)
}

// load reads a case with everything that belongs to it. Fault: Missing.
func load(db *gorm.DB, of ID) (*Case, error) {
	c := &Case{}
	var outcome json.RawMessage
	err := db.Raw(`SELECT c.id, c.number, c.title, c.state, c.unit_id, u.name, c.sensitivity, c.reason, c.version, c.created_by,
		c.created_at, c.updated_at, c.proposed_by_id, c.proposed_by, c.offered_at, c.approved_at, c.cleared_at, c.released_at,
		c.collected_at, c.collector, c.closed_at, c.cancelled_at, c.outcome
		FROM disposal_cases c JOIN units u ON u.id = c.unit_id WHERE c.id = ?`, of).Row().Scan(
		&c.ID, &c.Number, &c.Title, &c.State, &c.UnitID, &c.Unit, list.Blank(&c.Sensitivity), list.Blank(&c.Reason), &c.Version,
		&c.CreatedBy, &c.CreatedAt, &c.UpdatedAt, &c.ProposedByID, list.Blank(&c.ProposedBy), list.Blank(&c.OfferedAt),
		list.Blank(&c.ApprovedAt), list.Blank(&c.ClearedAt), list.Blank(&c.ReleasedAt), list.Blank(&c.CollectedAt),
		list.Blank(&c.Collector), list.Blank(&c.ClosedAt), list.Blank(&c.CancelledAt), list.JSON(&outcome))
	switch {
	case store.Missing(err):
		return nil, fault.NewMissing("disposal_case")
	case err != nil:
		return nil, fmt.Errorf("read case %s: %w", of, err)
	}
	if c.Outcome, err = change(outcome); err != nil {
		return nil, fmt.Errorf("read case %s: %w", of, err)
	}
	for _, part := range []func(*gorm.DB) error{
		c.readLines, c.readOffers, c.readDevices, c.readDrives, c.readRecords, c.readMoves, c.readApprovals, c.readSightings,
	} {
		if err := part(db); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func change(text json.RawMessage) (*Change, error) {
	if len(text) == 0 {
		return nil, nil //nolint:nilnil // nothing was kept
	}
	read := &Change{}
	return read, json.Unmarshal(text, read)
}

func (c *Case) readLines(db *gorm.DB) error {
	return each(db, "read lines", func(rows *sql.Rows) error {
		var l Line
		err := rows.Scan(&l.ID, &l.AssetID, &l.Tag, &l.Kind, list.Blank(&l.Maker), list.Blank(&l.Model), list.Blank(&l.Serial),
			&l.Status, &l.Route, list.Blank(&l.Reason), list.Blank(&l.SettledAt), list.Blank(&l.Taker),
			list.Blank(&l.NoData.Reason), list.Blank(&l.NoData.By), list.Blank(&l.NoData.At))
		c.Lines = append(c.Lines, l)
		return err
	}, `SELECT l.id, l.asset_id, a.tag, a.kind, a.maker, a.model, a.serial, a.status, l.route, l.reason, l.settled_at, l.taker,
		l.no_data_reason, l.no_data_by, l.no_data_at
		FROM disposal_lines l JOIN assets a ON a.id = l.asset_id WHERE l.case_id = ? AND l.removed_at IS NULL ORDER BY a.tag, l.id`, c.ID)
}

func (c *Case) readOffers(db *gorm.DB) error {
	return each(db, "read offers", func(rows *sql.Rows) error {
		var of LineID
		var o Offer
		err := rows.Scan(&of, &o.Route, &o.Outcome, &o.StartedAt, list.Blank(&o.EndsAt), list.Blank(&o.EndedAt),
			list.Blank(&o.Taker), list.Blank(&o.Reason), list.Blank(&o.By))
		if line := c.line(of); line != nil {
			line.Offers = append(line.Offers, o)
		}
		return err
	}, `SELECT o.line_id, o.route, o.outcome, o.started_at, o.ends_at, o.ended_at, o.taker, o.reason, o.ended_by
		FROM disposal_offers o JOIN disposal_lines l ON l.id = o.line_id WHERE l.case_id = ? ORDER BY o.started_at, o.id`, c.ID)
}

func (c *Case) readDevices(db *gorm.DB) error {
	return each(db, "read devices", func(rows *sql.Rows) error {
		var of LineID
		var e Evidence
		err := rows.Scan(&of, &e.Key, &e.ID, &e.Name, list.Blank(&e.Other))
		if line := c.line(of); line != nil {
			line.Devices = append(line.Devices, e)
		}
		return err
	}, `SELECT n.line_id, d.id, d.uid, d.name, x.tag FROM disposal_devices n JOIN disposal_lines l ON l.id = n.line_id
		JOIN devices d ON d.id = n.device_id LEFT JOIN assets x ON x.device_id = d.id AND x.id <> l.asset_id AND x.status <> 'disposed'
		WHERE l.case_id = ? ORDER BY d.name, d.id`, c.ID)
}

func (c *Case) readDrives(db *gorm.DB) error {
	return each(db, "read drives", func(rows *sql.Rows) error {
		var d Drive
		err := rows.Scan(&d.ID, &d.LineID, list.Blank(&d.Device), &d.DeviceID, list.Blank(&d.DeviceName), &d.Ident, list.Blank(&d.Maker),
			list.Blank(&d.Model), list.Blank(&d.Serial), list.Blank(&d.SizeBytes), &d.Medium, list.Blank(&d.FirstSeen),
			list.Blank(&d.LastSeen), list.Blank(&d.RemovedAt), list.Blank(&d.Note), list.Blank(&d.NotedBy), &d.NotedAt)
		if line := c.line(d.LineID); line != nil {
			line.Drives = append(line.Drives, d)
		}
		return err
	}, `SELECT r.id, r.line_id, r.device_id, d.uid, d.name, r.ident, r.maker, r.model, r.serial, r.size_bytes, r.medium,
		r.first_seen_at, r.last_seen_at, r.removed_at, r.note, r.noted_by, r.noted_at
		FROM disposal_drives r JOIN disposal_lines l ON l.id = r.line_id LEFT JOIN devices d ON d.id = r.device_id
		WHERE l.case_id = ? ORDER BY r.noted_at, r.ident, r.id`, c.ID)
}

func (c *Case) readRecords(db *gorm.DB) error {
	return each(db, "read records", func(rows *sql.Rows) error {
		var of DriveID
		r := &Record{}
		err := rows.Scan(&of, &r.Outcome, list.Blank(&r.Technique), list.Blank(&r.Tool), list.Blank(&r.ToolVersion), &r.PerformerID,
			list.Blank(&r.Performer), list.Day(&r.PerformedOn), list.Blank(&r.Note), &r.TicketID, list.Blank(&r.Ticket),
			&r.RecordedByID, &r.RecordedBy, &r.RecordedAt, list.Blank(&r.Verification), &r.ValidatedByID,
			list.Blank(&r.ValidatedBy), list.Blank(&r.ValidatedAt), list.Blank(&r.ValidationNote))
		if drive := c.drive(of); drive != nil {
			drive.Record = r
		}
		return err
	}, `SELECT r.drive_id, r.outcome, r.technique, r.tool, r.tool_version, r.performer_id, r.performer, r.performed_on, r.note,
		r.ticket_id, t.number, r.recorded_by_id, r.recorded_by, r.recorded_at, r.verification, r.validated_by_id, r.validated_by,
		r.validated_at, r.validation_note
		FROM drive_records r JOIN disposal_drives v ON v.id = r.drive_id JOIN disposal_lines l ON l.id = v.line_id
		LEFT JOIN tickets t ON t.id = r.ticket_id WHERE l.case_id = ? AND r.withdrawn_at IS NULL`, c.ID)
}

func (c *Case) readApprovals(db *gorm.DB) error {
	return each(db, "read approvals", func(rows *sql.Rows) error {
		var a Approval
		var saw json.RawMessage
		err := rows.Scan(&a.UserID, &a.Name, &a.Decided, list.Blank(&a.Note), &a.At, &a.Version, list.JSON(&saw), list.Blank(&a.VoidAt))
		if err != nil {
			return err
		}
		a.Saw, err = change(saw)
		c.Approvals = append(c.Approvals, a)
		return err
	}, "SELECT user_id, name, decision, note, at, version, saw, void_at FROM disposal_approvals WHERE case_id = ? ORDER BY at, id", c.ID)
}

func (c *Case) readSightings(db *gorm.DB) error {
	return each(db, "read sightings", func(rows *sql.Rows) error {
		var s Sighting
		err := rows.Scan(&s.Device, &s.DeviceID, &s.Name, &s.How, &s.FirstAt, &s.LastAt, &s.Count, &s.TicketID, list.Blank(&s.Ticket))
		c.Sightings = append(c.Sightings, s)
		return err
	}, `SELECT s.device_id, d.uid, d.name, s.how, s.first_at, s.last_at, s.count, s.ticket_id, t.number
		FROM disposal_sightings s JOIN devices d ON d.id = s.device_id LEFT JOIN tickets t ON t.id = s.ticket_id
		WHERE s.case_id = ? ORDER BY s.first_at, s.device_id`, c.ID)
}

// save writes what a case itself says, not its lines.
func (c *Case) save(tx *store.Tx) error {
	outcome, err := encode(c.Outcome)
	if err != nil {
		return err
	}
	err = tx.Exec(`UPDATE disposal_cases SET title = ?, state = ?, unit_id = ?, sensitivity = ?, reason = ?, version = ?, updated_at = ?,
		proposed_by_id = ?, proposed_by = ?, offered_at = ?, approved_at = ?, cleared_at = ?, released_at = ?, collected_at = ?,
		collector = ?, closed_at = ?, cancelled_at = ?, outcome = ? WHERE id = ?`,
		c.Title, c.State, c.UnitID, store.Null(c.Sensitivity), store.Null(c.Reason), c.Version, tx.Now,
		c.ProposedByID, store.Null(c.ProposedBy), timeOrNull(c.OfferedAt), timeOrNull(c.ApprovedAt), timeOrNull(c.ClearedAt),
		timeOrNull(c.ReleasedAt), timeOrNull(c.CollectedAt), store.Null(c.Collector), timeOrNull(c.ClosedAt), timeOrNull(c.CancelledAt),
		outcome, c.ID).Error
	if err != nil {
		return fmt.Errorf("save case %s: %w", c.ID, err)
	}
	c.UpdatedAt = tx.Now
	return nil
}

func encode(what *Change) (*string, error) {
	if what == nil {
		return nil, nil //nolint:nilnil // NULL in the database
	}
	text, err := json.Marshal(what)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return new(string(text)), nil
}

func timeOrNull(when time.Time) *time.Time {
	if when.IsZero() {
		return nil
	}
	return &when
}

// days counts the days since 1970-01-01.
func days(when time.Time) int64 { return when.Unix() / (24 * 60 * 60) }
