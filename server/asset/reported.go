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
// only says of which, and whether their peripherals may have changed.
func (s *Service) Reported(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	var all, hosts []device.Key
	for _, message := range messages {
		var event device.Event
		if err := json.Unmarshal(message.Payload, &event); err != nil {
			return fmt.Errorf("read message %d: %w", message.ID, err)
		}
		if !event.First && len(event.Sections) == 0 {
			continue // only software changed
		}
		all = append(all, event.Device)
		if event.First || slices.ContainsFunc(event.Sections, tellsPeripherals) {
			hosts = append(hosts, event.Device)
		}
	}
	if err := s.match(ctx, tx, once(all)); err != nil {
		return err
	}
	return s.follow(ctx, tx, once(hosts))
}

func once(keys []device.Key) []device.Key {
	slices.Sort(keys)
	return slices.Compact(keys)
}

func tellsPeripherals(section string) bool {
	return section == "monitor" || section == "usb" || section == "printer"
}
