package app

import (
	"holdfast/server/outbox"
	"holdfast/server/store"
)

// subscriptions is who hears of what: topic, consumer, handler.
func (a *App) subscriptions() []outbox.Subscription {
	return []outbox.Subscription{
		{Topic: "device.reported", Consumer: "asset", Handle: a.assets.Reported},
	}
}

// publish hands word of what happened to the outbox. The domains are built
// before it, since it calls them.
func (a *App) publish(tx *store.Tx, topic, subject string, payload any) error {
	return a.outbox.Publish(tx, topic, subject, payload)
}
