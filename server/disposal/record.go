package disposal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// recordMark marks the identifiers of records.
type recordMark struct{}

// Record keeps what became of the data on a drive. Another person must check
// it. Faults: Missing, Denied, Invalid when the technique does not achieve that
// on the medium, Conflict when there is a record.
func (s *Service) Record(ctx context.Context, of ID, drive DriveID, wish RecordWish) (*Case, error) {
	return s.act(ctx, of, identity.DisposalRecord, "disposal.recorded", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		d, err := c.bare(drive)
		if err != nil {
			return nil, err
		}
		wish, err := wish.tidied(d, tx.Now)
		if err != nil {
			return nil, err
		}
		who, name, err := signer(ctx, tx)
		if err != nil {
			return nil, err
		}
		var performer *identity.UserID
		if wish.Performer == "" || same(wish.Performer, name) {
			performer, wish.Performer = &who, name
		}
		err = tx.Exec(`INSERT INTO drive_records (id, drive_id, outcome, technique, tool, tool_version, performer_id, performer, performed_on, note,
			recorded_by_id, recorded_by, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id.New[recordMark](), drive, wish.Outcome, wish.Technique, wish.Tool, store.Null(wish.ToolVersion), performer, wish.Performer,
			days(wish.PerformedOn), store.Null(wish.Note), who, name, tx.Now).Error
		if err != nil {
			return nil, fmt.Errorf("record drive %s: %w", drive, err)
		}
		if wish.Medium != d.Medium {
			if err := tx.Exec("UPDATE disposal_drives SET medium = ? WHERE id = ?", wish.Medium, drive).Error; err != nil {
				return nil, fmt.Errorf("record drive %s: %w", drive, err)
			}
		}
		return audit.Fields{
			"drive": d.Name(), "outcome": string(wish.Outcome), "technique": wish.Technique, "tool": wish.Tool, "tool_version": wish.ToolVersion,
			"performer": wish.Performer, "performed_on": wish.PerformedOn.Format(time.DateOnly),
		}, nil
	})
}

// bare finds a drive that has no record. Faults: Missing, Conflict.
func (c *Case) bare(of DriveID) (*Drive, error) {
	d, err := c.driveIn(of, recording()...)
	if err != nil {
		return nil, err
	}
	if d.Record != nil {
		return nil, fault.NewConflict("fault.disposal.recorded", fault.Args{"Drive": d.Name()})
	}
	return d, nil
}

// Name is what people call a drive: its serial number, or what else there is.
func (d Drive) Name() string {
	for _, text := range []string{d.Serial, d.Ident, d.Model} {
		if text != "" {
			return text
		}
	}
	return d.ID.String()
}

// Lose records that a drive cannot be found, with the incident that somebody
// follows up. Faults: Missing, Denied, Invalid when there is no such incident,
// Conflict.
func (s *Service) Lose(ctx context.Context, of ID, drive DriveID, incident, note string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalRecord, "disposal.lost", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		d, err := c.bare(drive)
		if err != nil {
			return nil, err
		}
		var fields check.Fields
		note = fields.Note("note", note, noteLimit)
		if note == "" {
			fields.Add("note", "fault.field.required", nil)
		}
		found, err := findIncident(ctx, tx, incident)
		switch {
		case fault.Is(err, fault.Missing):
			fields.Add("ticket", "fault.disposal.incident", nil)
		case err != nil:
			return nil, err
		}
		if err := fields.Err(); err != nil {
			return nil, err
		}
		who, name, err := signer(ctx, tx)
		if err != nil {
			return nil, err
		}
		err = tx.Exec(`INSERT INTO drive_records (id, drive_id, outcome, performed_on, note, ticket_id, recorded_by_id, recorded_by, recorded_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, id.New[recordMark](), drive, Lost, days(tx.Now), note, found, who, name, tx.Now).Error
		if err != nil {
			return nil, fmt.Errorf("record drive %s: %w", drive, err)
		}
		return audit.Fields{"drive": d.Name(), "ticket": incident, "note": note}, nil
	})
}

// findIncident finds an incident that the actor may read by what people write,
// such as INC-2307 or its number alone, or by its identifier. Fault: Missing.
func findIncident(ctx context.Context, tx *store.Tx, text string) (of TicketID, err error) {
	text = strings.TrimSpace(text)
	query, arg := "SELECT id, unit_id FROM tickets WHERE kind = 'incident' AND merged_into IS NULL AND number = ?", any(nil)
	if parsed, err := id.Parse[TicketMark](text); err == nil {
		query, arg = strings.Replace(query, "number = ?", "id = ?", 1), parsed
	} else {
		digits := strings.TrimPrefix(strings.ToUpper(text), "INC-")
		number := 0
		for _, digit := range digits {
			if digit < '0' || digit > '9' || number > 100_000_000 {
				return of, fault.NewMissing("ticket")
			}
			number = number*10 + int(digit-'0')
		}
		arg = number
	}
	var unit identity.UnitID
	err = tx.Raw(query, arg).Row().Scan(&of, &unit)
	switch {
	case store.Missing(err), err == nil && identity.AllowIn(ctx, identity.TicketsRead, unit) != nil:
		return of, fault.NewMissing("ticket")
	case err != nil:
		return of, fmt.Errorf("find incident: %w", err)
	}
	return of, nil
}

// Validate says that the removal of data was checked, by another person than
// who did it and who recorded it. Faults: Missing, Denied, Invalid, Conflict.
func (s *Service) Validate(ctx context.Context, of ID, drive DriveID, verification, note string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalRecord, "disposal.validated", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		d, err := c.driveIn(drive, recording()...)
		if err != nil {
			return nil, err
		}
		if d.Record == nil || d.Record.Outcome == Lost || !d.Record.ValidatedAt.IsZero() {
			return nil, fault.NewConflict("fault.disposal.nothing_to_check", fault.Args{"Drive": d.Name()})
		}
		var fields check.Fields
		note = fields.Note("note", note, noteLimit)
		if !slices.Contains(Verifications(), verification) {
			fields.Add("verification", "fault.field.choice", nil)
		}
		if err := fields.Err(); err != nil {
			return nil, err
		}
		who, name, err := signer(ctx, tx)
		if err != nil {
			return nil, err
		}
		if d.Record.MadeBy(who, name) {
			return nil, fault.NewConflict("fault.disposal.same_person", nil)
		}
		err = tx.Exec(`UPDATE drive_records SET verification = ?, validated_by_id = ?, validated_by = ?, validated_at = ?, validation_note = ?
			WHERE drive_id = ? AND withdrawn_at IS NULL`, verification, who, name, tx.Now, store.Null(note), drive).Error
		if err != nil {
			return nil, fmt.Errorf("check the record of drive %s: %w", drive, err)
		}
		return audit.Fields{"drive": d.Name(), "verification": verification, "note": note}, nil
	})
}

// Withdraw takes a record back that was wrong: the drive blocks again. What
// was recorded is kept. Faults: Missing, Denied, Invalid, Conflict after
// release.
func (s *Service) Withdraw(ctx context.Context, of ID, drive DriveID, reason string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalRecord, "disposal.record_withdrawn", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		d, err := c.driveIn(drive, Draft, Offered, Approved, Cleared)
		if err != nil {
			return nil, err
		}
		if d.Record == nil {
			return nil, fault.NewConflict("fault.disposal.no_record", fault.Args{"Drive": d.Name()})
		}
		if reason, err = required("reason", reason, noteLimit); err != nil {
			return nil, err
		}
		err = tx.Exec("UPDATE drive_records SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_why = ? WHERE drive_id = ? AND withdrawn_at IS NULL",
			tx.Now, identity.ActorOf(ctx).Name, reason, drive).Error
		if err != nil {
			return nil, fmt.Errorf("withdraw the record of drive %s: %w", drive, err)
		}
		return audit.Fields{"drive": d.Name(), "reason": reason}, nil
	})
}

// DriveWish is a drive that a person knows of and no device reported.
type DriveWish struct {
	Serial    string
	Maker     string
	Model     string
	SizeBytes int64
	Medium    Medium
	Note      string // how they know
}

// AddDrive adds a drive that a person knows of. Faults: Missing, Denied,
// Invalid, Conflict when the line has it.
func (s *Service) AddDrive(ctx context.Context, of ID, line LineID, wish DriveWish) (*Case, error) {
	return s.act(ctx, of, identity.DisposalRecord, "disposal.drive_added", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		l, err := c.lineIn(line, working()...)
		if err != nil {
			return nil, err
		}
		var fields check.Fields
		d := Drive{
			ID: id.New[DriveMark](), LineID: line, NotedAt: tx.Now, NotedBy: identity.ActorOf(ctx).Name, SizeBytes: max(0, wish.SizeBytes),
			Serial: fields.Name("serial", wish.Serial, nameLimit), Maker: fields.Text("maker", wish.Maker, nameLimit),
			Model: fields.Text("model", wish.Model, nameLimit), Note: fields.Note("note", wish.Note, noteLimit), Medium: wish.Medium,
		}
		if d.Note == "" {
			fields.Add("note", "fault.field.required", nil)
		}
		if !slices.Contains(Media(), d.Medium) {
			fields.Add("medium", "fault.field.choice", nil)
		}
		if err := fields.Err(); err != nil {
			return nil, err
		}
		d.Ident = strings.ToLower(d.Serial)
		for _, known := range l.Drives {
			if same(known.Serial, d.Serial) {
				return nil, fault.NewConflict("fault.disposal.drive_known", fault.Args{"Drive": d.Serial})
			}
		}
		if err := insertDrive(tx, d); err != nil {
			return nil, fmt.Errorf("add a drive: %w", err)
		}
		return audit.Fields{"asset": l.Tag, "drive": d.Serial, "note": d.Note}, nil
	})
}

// NoData says that a thing holds no data, in which no drive is known. Faults:
// Missing, Denied, Invalid, Conflict when there is nothing to say.
func (s *Service) NoData(ctx context.Context, of ID, line LineID, reason string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalRecord, "disposal.no_data", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		l, err := c.lineIn(line, working()...)
		if err != nil {
			return nil, err
		}
		if !l.NeedsWord() {
			return nil, fault.NewConflict("fault.disposal.no_question", fault.Args{"Tag": l.Tag})
		}
		if reason, err = required("reason", reason, noteLimit); err != nil {
			return nil, err
		}
		who, name, err := signer(ctx, tx)
		if err != nil {
			return nil, err
		}
		err = tx.Exec("UPDATE disposal_lines SET no_data_reason = ?, no_data_by_id = ?, no_data_by = ?, no_data_at = ? WHERE id = ?",
			reason, who, name, tx.Now, line).Error
		if err != nil {
			return nil, fmt.Errorf("keep that line %s holds no data: %w", line, err)
		}
		return audit.Fields{"asset": l.Tag, "reason": reason}, nil
	})
}
