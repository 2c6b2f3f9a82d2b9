package app

import (
	"log/slog"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/intake"
	"holdfast/server/outbox"
	"holdfast/server/position"
	"holdfast/server/recognition"
	"holdfast/server/store"
)

// subscriptions is who hears of what: topic, consumer, handler.
func (a *App) subscriptions() []outbox.Subscription {
	return append([]outbox.Subscription{
		{Topic: device.Reported, Consumer: "asset", Handle: a.assets.Reported},
		{Topic: device.Reported, Consumer: "health", Handle: a.devices.Reported},
		{Topic: intake.Refused, Consumer: "disposal", Handle: a.disposal.Refused},
		{Topic: intake.Returned, Consumer: "disposal", Handle: a.disposal.Returned},
		{Topic: asset.Topic, Consumer: "health", Handle: a.devices.AssetChanged},
		{Topic: device.Reported, Consumer: "position", Handle: a.positions.Reported},
		{Topic: recognition.Topic, Consumer: "position", Handle: a.positions.Recognised},
		{Topic: entitlement.Topic, Consumer: "position", Handle: a.positions.Decided},
		{Topic: asset.Topic, Consumer: "position", Handle: a.positions.AssetChanged},
		{Topic: position.Topic, Consumer: "health", Handle: a.devices.PositionChanged},
	}, a.followAlerts()...)
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

// Publisher hands word of what a command did to the same consumers as the
// server's own; the server that runs beside it delivers.
func Publisher(db *store.DB) func(tx *store.Tx, topic, subject string, payload any) error {
	a := &App{db: db}
	a.outbox = outbox.New(db, slog.New(slog.DiscardHandler), a.subscriptions()...)
	return a.publish
}
