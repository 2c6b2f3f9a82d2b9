package health

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// Active is a check as it is in force: with the limits and the hold that
// administrators decided on.
type Active struct {
	Check
	Enabled   bool
	ChangedAt time.Time // zero when it is as it comes
	ChangedBy string
}

// Setting is what an administrator wants of a check.
type Setting struct {
	Enabled bool
	Limits  Limits
	Hold    time.Duration // whole minutes
}

// longestHold bounds what an administrator may ask for.
const longestHold = 30 * day

// settingRow is a row of table check_settings.
type settingRow struct {
	CheckID     string `gorm:"primaryKey"`
	Enabled     bool
	Limits      string
	HoldMinutes int
	UpdatedAt   time.Time
	UpdatedBy   string
}

// TableName implements GORM's Tabler.
func (settingRow) TableName() string { return "check_settings" }

// active lists every check as it is in force.
func (s *Service) active(tx *store.Tx) ([]Active, error) {
	var rows []settingRow
	if err := tx.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read settings of checks: %w", err)
	}
	return inForce(rows)
}

func inForce(rows []settingRow) ([]Active, error) {
	all := make([]Active, 0, len(Checks()))
	for _, check := range Checks() {
		one := Active{Check: check, Enabled: true}
		i := slices.IndexFunc(rows, func(r settingRow) bool { return r.CheckID == check.ID })
		if i >= 0 {
			row := rows[i]
			one.Enabled, one.Hold, one.ChangedAt, one.ChangedBy = row.Enabled, time.Duration(row.HoldMinutes)*time.Minute, row.UpdatedAt, row.UpdatedBy
			one.Limits = Limits{}
			if err := json.Unmarshal([]byte(row.Limits), &one.Limits); err != nil {
				return nil, fmt.Errorf("read limits of %s: %w", check.ID, err)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// Checks gives every check as it is in force, in the order of Checks. Fault:
// Denied.
func (s *Service) Checks(ctx context.Context) ([]Active, error) {
	if err := identity.Allow(ctx, identity.AlertsRead); err != nil {
		return nil, err
	}
	var rows []settingRow
	if err := s.db.Read(ctx).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read settings of checks: %w", err)
	}
	return inForce(rows)
}

// Check gives one check as it is in force. Faults: Missing, Denied.
func (s *Service) Check(ctx context.Context, checkID string) (Active, error) {
	all, err := s.Checks(ctx)
	if err != nil {
		return Active{}, err
	}
	i := slices.IndexFunc(all, func(c Active) bool { return c.ID == checkID })
	if i < 0 {
		return Active{}, fault.NewMissing("check")
	}
	return all[i], nil
}

// SetCheck changes how a check works, for the whole organisation. Every device is
// judged by it within minutes. Faults: Missing, Denied, Invalid.
func (s *Service) SetCheck(ctx context.Context, checkID string, wanted Setting) (changed Active, err error) {
	if err := identity.AllowEverywhere(ctx, identity.ChecksManage); err != nil {
		return Active{}, err
	}
	before, err := s.Check(ctx, checkID)
	if err != nil {
		return Active{}, err
	}
	own, err := Find(checkID)
	if err != nil {
		return Active{}, err
	}
	if err := wanted.check(own); err != nil {
		return Active{}, err
	}
	limits, err := json.Marshal(wanted.Limits)
	if err != nil {
		return Active{}, fmt.Errorf("write limits of %s: %w", checkID, err)
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		row := settingRow{
			CheckID: checkID, Enabled: wanted.Enabled, Limits: string(limits), HoldMinutes: int(wanted.Hold / time.Minute),
			UpdatedAt: tx.Now, UpdatedBy: identity.ActorOf(ctx).Name,
		}
		err := tx.Exec(`INSERT INTO check_settings (check_id, enabled, limits, hold_minutes, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (check_id) DO UPDATE SET enabled = excluded.enabled, limits = excluded.limits,
			hold_minutes = excluded.hold_minutes, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
			row.CheckID, row.Enabled, row.Limits, row.HoldMinutes, row.UpdatedAt, row.UpdatedBy).Error
		if err != nil {
			return fmt.Errorf("set check %s: %w", checkID, err)
		}
		if err := tx.Exec("UPDATE device_health SET due_at = ?", tx.Now).Error; err != nil {
			return fmt.Errorf("have devices judged anew: %w", err)
		}
		if checkID == checkLicenceShort {
			if err := s.followAllPositions(ctx, tx); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, "check.changed", audit.Object{Kind: "check", ID: checkID}, before.fields(), Active{
			Check: Check{Limits: wanted.Limits, Hold: wanted.Hold}, Enabled: wanted.Enabled,
		}.fields())
	})
	if err != nil {
		return Active{}, err
	}
	return s.Check(ctx, checkID)
}

func (w *Setting) check(own Check) error {
	wrong := w.Limits.check(own.Limits)
	if w.Hold < 0 || w.Hold > longestHold {
		wrong = append(wrong, fault.Field{Name: "hold_minutes", Key: "fault.check.hold", Args: fault.Args{"Limit": int(longestHold / time.Minute)}})
	}
	if own.Observe == nil && w.Hold != 0 {
		wrong = append(wrong, fault.Field{Name: "hold_minutes", Key: "fault.check.no_hold"})
	}
	if wrong != nil {
		return fault.NewInvalid(wrong...)
	}
	return nil
}

// fields are the values of a check for the audit trail.
func (c Active) fields() audit.Fields {
	fields := audit.Fields{"enabled": c.Enabled, "hold_minutes": int(c.Hold / time.Minute)}
	for name, limit := range map[string]*Limit{"warn": c.Limits.Warn, "crit": c.Limits.Crit} {
		if limit != nil {
			fields[name+".raise"], fields[name+".clear"] = limit.Raise, limit.Clear
		}
	}
	return fields
}
