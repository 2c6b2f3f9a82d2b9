package asset

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"holdfast/server/device"
	"holdfast/server/outbox"
	"holdfast/server/store"
)

// Reported is the outbox's handler of topic device.reported: the rule looks
// for the assets of devices that have none, and peripherals follow the devices
// that they hang on. It works from what is stored of the devices; a message
// only says of which.
func (s *Service) Reported(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	var keys []device.Key
	for _, message := range messages {
		var said struct{ Device device.Key }
		if err := json.Unmarshal(message.Payload, &said); err != nil {
			return fmt.Errorf("read message %d: %w", message.ID, err)
		}
		keys = append(keys, said.Device)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if err := s.match(ctx, tx, keys); err != nil {
		return err
	}
	return s.follow(ctx, tx, keys)
}
