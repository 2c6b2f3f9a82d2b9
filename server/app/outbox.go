package app

import (
	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/outbox"
	"holdfast/server/store"
)

// subscriptions is who hears of what: topic, consumer, handler.
func (a *App) subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		{Topic: device.Reported, Consumer: "asset", Handle: a.assets.Reported},
		{Topic: device.Reported, Consumer: "health", Handle: a.devices.Reported},
		{Topic: asset.Topic, Consumer: "health", Handle: a.devices.AssetChanged},
	}
}

// publish hands word of what happened to the outbox. The domains are built
// before it, since it calls them.
func (a *App) publish(tx *store.Tx, topic, subject string, payload any) error {
	return a.outbox.Publish(tx, topic, subject, payload)
}

// publishAll is publish for many events.
func (a *App) publishAll(tx *store.Tx, topic string, events []outbox.Event) error {
	return a.outbox.PublishAll(tx, topic, events)
}
