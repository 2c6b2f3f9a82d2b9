package asset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
)

// Event is one entry in the history of an asset: somebody decided something,
// or a peripheral came to a device or left it.
type Event struct {
	At      time.Time
	Actor   string
	ByRule  bool   // nobody did it: the server did, by its rule
	Action  string // such as "asset.changed", "asset.attached" or "asset.detached"
	Reason  string
	Changes []Change
	Device  string // that it was attached to or detached from
}

// Change is one value before and after.
type Change struct{ Field, Before, After string }

const eventsMost = 200

// History gives what happened to an asset, the newest first. Who holds and
// held it, and which device it is, is left out where the actor may not know.
// Faults: Missing, Denied.
func (s *Service) History(ctx context.Context, of ID) ([]Event, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return nil, err
	}
	row, err := find(s.db.Read(ctx), of, reach)
	if err != nil {
		return nil, err
	}
	secret := map[string]bool{}
	if identity.AllowIn(ctx, identity.PeopleRead, row.UnitID) != nil {
		secret["custodian"] = true
	}
	if row.Device != 0 && identity.AllowIn(ctx, identity.DevicesRead, row.deviceUnit) != nil {
		secret["device"] = true
	}
	attachments, err := s.attachments(ctx, of)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, a := range attachments {
		events = append(events, Event{At: a.Since, ByRule: true, Action: "asset.attached", Device: a.Device})
		if !a.Until.IsZero() {
			events = append(events, Event{At: a.Until, ByRule: true, Action: "asset.detached", Device: a.Device})
		}
	}
	decisions, err := s.decisions(ctx, of, secret)
	if err != nil {
		return nil, err
	}
	events = append(events, decisions...) // last, since what hangs was recorded before
	slices.SortStableFunc(events, func(a, b Event) int { return b.At.Compare(a.At) })
	return events[:min(len(events), eventsMost)], nil
}

func (s *Service) decisions(ctx context.Context, of ID, secret map[string]bool) (events []Event, err error) {
	rows, err := s.db.Read(ctx).Raw(`SELECT e.at, e.actor_kind, e.actor_name, e.action, e.before, e.after FROM audit_entries e
		WHERE e.object_kind = 'asset' AND e.object_id = ? ORDER BY e.at DESC, e.id DESC LIMIT ?`, of.String(), eventsMost).Rows()
	if err != nil {
		return nil, fmt.Errorf("read history of asset %s: %w", of, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Event
		var kind identity.Kind
		var before, after json.RawMessage
		if err := rows.Scan(&e.At, &kind, &e.Actor, &e.Action, list.JSON(&before), list.JSON(&after)); err != nil {
			return nil, fmt.Errorf("read history of asset %s: %w", of, err)
		}
		e.ByRule = kind == identity.SystemKind && e.Actor == rule().Name
		if err := e.read(before, after, secret); err != nil {
			return nil, fmt.Errorf("read history of asset %s: %w", of, err)
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// read takes the values out of an entry. Identifiers are left out: the names
// stand beside them.
func (e *Event) read(before, after json.RawMessage, secret map[string]bool) error {
	was, is := map[string]any{}, map[string]any{}
	for _, document := range []struct {
		text json.RawMessage
		into *map[string]any
	}{{before, &was}, {after, &is}} {
		if len(document.text) == 0 {
			continue
		}
		if err := json.Unmarshal(document.text, document.into); err != nil {
			return err
		}
	}
	if reason, given := is["reason"].(string); given {
		e.Reason = reason
		delete(is, "reason")
	}
	for field := range is {
		if strings.HasSuffix(field, "_id") || secret[field] {
			continue
		}
		change := Change{Field: field, Before: fmt.Sprint(orEmpty(was[field])), After: fmt.Sprint(orEmpty(is[field]))}
		if change.Before != change.After {
			e.Changes = append(e.Changes, change)
		}
	}
	slices.SortFunc(e.Changes, func(a, b Change) int { return placeOf(a.Field) - placeOf(b.Field) })
	return nil
}

func orEmpty(value any) any {
	if value == nil {
		return ""
	}
	return value
}

// placeOf is where a field stands on the page.
func placeOf(field string) int {
	return slices.Index([]string{
		"tag", "status", "kind", "maker", "model", "serial", "custodian", "place", "unit", "device", "purchased_on", "cost",
		"currency", "warranty_ends_on", "order_number", "note",
	}, field)
}

// HeldBy gives the assets that a person holds, by tag. Faults: Denied.
func (s *Service) HeldBy(ctx context.Context, of person.ID) ([]Row, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return nil, err
	}
	found, err := read(s.db.Read(ctx), list.All(list.Where("a.custodian_id = ? AND a.status <> ?", of, Disposed), within(reach)), 500)
	return allHidden(ctx, found, err)
}
