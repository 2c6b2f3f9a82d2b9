package disposal

import (
	"context"
	"encoding/json"
	"fmt"

	"holdfast/server/audit"
	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/outbox"
	"holdfast/server/store"
)

// Alarm is what a security incident tells about a device that was released and
// was heard of afterwards.
type Alarm struct {
	Device device.Key
	Name   string // of the device
	Tag    string // of its asset
	UnitID identity.UnitID
	Number string // of the case
	How    string // refused or reported
}

// The ways in which a released device is heard of.
const (
	Refused  = "refused"  // its agent came with the credential that was revoked
	Reported = "reported" // it enrolled again
)

// Refused handles the topic "device.refused" of the outbox: an agent came with
// a revoked credential. When its device was released, that is an incident.
func (s *Service) Refused(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	return s.sight(ctx, tx, messages, Refused)
}

// Returned handles the topic "device.returned" of the outbox: a device that
// was released enrolled again. Its agent was revoked at the release, so that it
// cannot report without.
func (s *Service) Returned(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	return s.sight(ctx, tx, messages, Reported)
}

// sight notes the released devices among those that were heard of. Each gets
// one incident, however often it comes back.
func (s *Service) sight(ctx context.Context, tx *store.Tx, messages []outbox.Message, how string) error {
	heard := map[device.Key]outbox.Message{}
	var keys []device.Key
	for _, message := range messages {
		var what struct {
			Device device.Key `json:"device"`
		}
		if err := json.Unmarshal(message.Payload, &what); err != nil {
			return fmt.Errorf("read message %d: %w", message.ID, err)
		}
		if _, known := heard[what.Device]; !known {
			keys = append(keys, what.Device)
		}
		heard[what.Device] = message
	}
	for _, key := range keys {
		if err := s.note(ctx, tx, key, heard[key], how); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) note(ctx context.Context, tx *store.Tx, key device.Key, message outbox.Message, how string) error {
	var found struct {
		CaseID ID
		Number string
		Tag    string
		UnitID identity.UnitID
		Name   string
	}
	// What was heard before the release, and is only dealt with now, is no
	// sighting; nor is a device that belongs to another thing by now.
	err := tx.Raw(`SELECT c.id AS case_id, c.number, a.tag, d.unit_id, d.name FROM disposal_devices n
		JOIN disposal_lines l ON l.id = n.line_id AND l.removed_at IS NULL JOIN disposal_cases c ON c.id = l.case_id
		JOIN assets a ON a.id = l.asset_id JOIN devices d ON d.id = n.device_id
		WHERE n.device_id = ? AND c.released_at < ? AND a.status = 'disposed'
		AND NOT EXISTS (SELECT 1 FROM assets x WHERE x.device_id = d.id AND x.id <> a.id AND x.status <> 'disposed')
		ORDER BY c.released_at DESC LIMIT 1`, key, message.HappenedAt).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("look for the case of device %d: %w", key, err)
	}
	if found.CaseID.IsZero() {
		return nil
	}
	var count int
	err = tx.Raw(`INSERT INTO disposal_sightings (device_id, case_id, how, first_at, last_at, count) VALUES (?, ?, ?, ?, ?, 1)
		ON CONFLICT (device_id) DO UPDATE SET last_at = excluded.last_at, count = disposal_sightings.count + 1 RETURNING count`,
		key, found.CaseID, how, message.HappenedAt, message.HappenedAt).Scan(&count).Error
	if err != nil {
		return fmt.Errorf("note a sighting of device %d: %w", key, err)
	}
	if count > 1 {
		return nil
	}
	ctx = identity.WithActor(ctx, identity.System("disposal rule"))
	fields := audit.Fields{"device": found.Name, "asset": found.Tag, "how": how}
	if err := audit.Record(ctx, tx, "disposal.sighted", object(found.CaseID), nil, fields); err != nil {
		return err
	}
	if s.peers.OpenTicket == nil {
		return nil
	}
	opened, err := s.peers.OpenTicket(ctx, tx, Alarm{
		Device: key, Name: found.Name, Tag: found.Tag, UnitID: found.UnitID, Number: found.Number, How: how,
	})
	if err != nil {
		return err
	}
	if err := tx.Exec("UPDATE disposal_sightings SET ticket_id = ? WHERE device_id = ?", opened, key).Error; err != nil {
		return fmt.Errorf("note the ticket about device %d: %w", key, err)
	}
	return nil
}
