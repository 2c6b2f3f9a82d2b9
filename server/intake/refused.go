package intake

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"holdfast/server/outbox"
	"holdfast/server/store"
)

// Refused is the topic on which the outbox hears of an agent that came with a
// credential that was revoked; the subject is the narrow key of its device.
const Refused = "device.refused"

// Returned is the topic on which the outbox hears of a device that was known
// and enrolled again; the subject is its narrow key. It may have nothing new
// to report, so that nobody would hear of it otherwise.
const Returned = "device.returned"

// Heard is the payload of both topics.
type Heard struct {
	Device int32 `json:"device"`
}

// toldEvery is how often the others hear of the same agent at most.
const toldEvery = time.Hour

// tellRefused says that an agent came with a credential that was revoked. A
// credential that nobody ever had is not worth a word.
func (s *Service) tellRefused(ctx context.Context, credential hash) error {
	if s.options.Publish == nil {
		return nil
	}
	var device int32
	err := s.db.Read(ctx).Raw("SELECT device_id FROM device_contacts WHERE credential_hash = ? AND revoked_at IS NOT NULL", credential[:]).
		Scan(&device).Error
	if err != nil {
		return fmt.Errorf("look for a revoked credential: %w", err)
	}
	now := s.db.Now()
	if last, told := s.revoked.get(device); device == 0 || told && now.Sub(last) < toldEvery {
		return nil
	}
	s.revoked.put(device, now)
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		return s.say(tx, Refused, device)
	})
}

func (s *Service) say(tx *store.Tx, topic string, of int32) error {
	if s.options.Publish == nil {
		return nil
	}
	return s.options.Publish(tx, topic, []outbox.Event{{Subject: strconv.Itoa(int(of)), Payload: Heard{of}}})
}
