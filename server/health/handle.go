package health

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Bounds on what people write about alerts.
const (
	noteLimit  = 1000                 // characters
	longestNap = 366 * 24 * time.Hour // of a snoozed alert
	mostAtOnce = 500                  // alerts in one deed
)

// Acknowledge says of open alerts that the actor knows of them and deals with
// them. They stay open until they are resolved. Faults: Missing, Denied,
// Conflict when one is resolved, Invalid.
func (s *Service) Acknowledge(ctx context.Context, note string, alerts ...ID) error {
	return s.handle(ctx, Acknowledged, note, alerts, func(tx *store.Tx) map[string]any {
		actor := identity.ActorOf(ctx)
		changes := map[string]any{"acknowledged_at": tx.Now, "acknowledged_as": actor.Name, "acknowledged_by": nil}
		if by, err := id.Parse[identity.User](actor.ID); err == nil && actor.Kind == identity.UserKind {
			changes["acknowledged_by"] = by
		}
		return changes
	})
}

// Unacknowledge takes that back. Faults as those of Acknowledge.
func (s *Service) Unacknowledge(ctx context.Context, alerts ...ID) error {
	return s.handle(ctx, Unacknowledged, "", alerts, func(*store.Tx) map[string]any {
		return map[string]any{"acknowledged_at": nil, "acknowledged_as": nil, "acknowledged_by": nil}
	})
}

// Snooze lets open alerts sleep until a time: lists leave them out by default
// until then. Faults as those of Acknowledge.
func (s *Service) Snooze(ctx context.Context, until time.Time, note string, alerts ...ID) error {
	now := s.db.Now()
	until = until.UTC().Truncate(time.Microsecond)
	if !until.After(now) || until.Sub(now) > longestNap {
		return fault.NewInvalid(fault.Field{Name: "until", Key: "fault.alert.nap", Args: fault.Args{"Days": int(longestNap / day)}})
	}
	return s.handle(ctx, Snoozed, note, alerts, func(*store.Tx) map[string]any { return map[string]any{"snoozed_until": until} })
}

// Wake ends the sleep of alerts. Faults as those of Acknowledge.
func (s *Service) Wake(ctx context.Context, alerts ...ID) error {
	return s.handle(ctx, Woken, "", alerts, func(*store.Tx) map[string]any { return map[string]any{"snoozed_until": nil} })
}

func (s *Service) handle(ctx context.Context, action Action, note string, alerts []ID, changes func(*store.Tx) map[string]any) error {
	reach, err := identity.Reach(ctx, identity.AlertsHandle)
	if err != nil {
		return err
	}
	var fields check.Fields
	note = fields.Note("note", note, noteLimit)
	switch {
	case len(alerts) == 0:
		fields.Add("alerts", "fault.field.required", nil)
	case len(alerts) > mostAtOnce:
		fields.Add("alerts", "fault.alert.too_many", fault.Args{"Limit": mostAtOnce})
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lock(tx); err != nil { // so that none is resolved meanwhile
			return err
		}
		var found []struct {
			ID       ID
			State    State
			Severity Level
		}
		where := list.All(list.Where("a.id IN ?", alerts), within(reach))
		err := tx.Raw("SELECT a.id, a.state, a.severity FROM alerts a LEFT JOIN devices d ON d.id = a.device_id WHERE "+where.SQL, where.Args...).Scan(&found).Error
		if err != nil {
			return fmt.Errorf("read alerts: %w", err)
		}
		w := &writes{now: tx.Now}
		known := map[ID]bool{}
		for _, one := range found {
			known[one.ID] = true
			if one.State != Open {
				return fault.NewConflict("fault.alert.resolved", nil)
			}
			w.events = append(w.events, alertEvent{alert: one.ID, action: action, severity: one.Severity, actor: identity.ActorOf(ctx).Name, note: note})
		}
		for _, wanted := range alerts {
			if !known[wanted] {
				return fault.NewMissing("alert")
			}
		}
		if err := tx.Table("alerts").Where("id IN ?", alerts).Updates(changes(tx)).Error; err != nil {
			return fmt.Errorf("handle alerts: %w", err)
		}
		return w.saveEvents(tx)
	})
}
