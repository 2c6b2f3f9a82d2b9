package app

import (
	"context"

	"holdfast/server/asset"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/fault"
	devicehealth "holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/ticket"
)

// newDisposal gives disposal what the other domains do for it.
func (a *App) newDisposal() *disposal.Service {
	return disposal.New(a.db, disposal.Peers{
		EndCustody: a.assets.EndCustody, SetStatus: a.assets.SetStatus, RevokeAgent: device.NewAgents(a.db).RevokeIn,
		CloseAlerts: func(ctx context.Context, tx *store.Tx, of device.Key) error {
			return a.devices.CloseForDevice(ctx, tx, of, devicehealth.Closed)
		},
		PreviewRights: a.previewRights,
		ReleaseRights: func(ctx context.Context, tx *store.Tx, assets []asset.ID) error {
			_, err := a.rights.ReleaseRights(ctx, tx, assets, tx.Now)
			return err
		},
		OpenTicket: a.openAlarm,
	})
}

// previewRights tells what a release does to licences. Whoever may approve a
// disposal sees that much of positions, whatever else they may read.
func (a *App) previewRights(ctx context.Context, assets []asset.ID) ([]disposal.RightChange, error) {
	effects, err := a.positions.PreviewRelease(identity.WithActor(ctx, identity.System("disposal")), assets)
	if err != nil {
		return nil, err
	}
	changes := make([]disposal.RightChange, len(effects))
	for i, effect := range effects {
		changes[i] = disposal.RightChange{
			Product: effect.Name, Leave: max(0, effect.Before.Owned-effect.After.Owned), Return: effect.Returning(),
			Before: effect.Before.Available, After: effect.After.Available,
		}
	}
	return changes, nil
}

// openAlarm opens a security incident about a device that was released and was
// heard of afterwards.
func (a *App) openAlarm(ctx context.Context, tx *store.Tx, alarm disposal.Alarm) (of disposal.TicketID, err error) {
	opened, err := a.tickets.Open(ctx, tx, ticket.Wish{
		Kind: desk.Incident, TitleKey: "ticket.disposal." + alarm.How,
		TitleArgs: fault.Args{"Device": alarm.Name, "Tag": alarm.Tag, "Number": alarm.Number},
		Impact:    desk.One, Urgency: desk.High, Keyed: "security", Device: alarm.Device, Unit: alarm.UnitID, Source: ticket.FromDisposal,
	})
	if err != nil {
		return of, err
	}
	err = of.UnmarshalText([]byte(opened.ID.String()))
	return of, err
}
