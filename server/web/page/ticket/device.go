package ticket

import (
	"context"

	"github.com/a-h/templ"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// shownOnDevice is how many tickets the page of a device lists.
const shownOnDevice = 5

// OfDevice draws the panel that the page of a device has of the tickets on it,
// the newest first; nothing when there are none, or for readers without
// tickets.read.
func (p *Pages) OfDevice(ctx context.Context, of device.ID) (templ.Component, error) {
	if !identity.ActorOf(ctx).May(identity.TicketsRead) {
		return nil, nil //nolint:nilnil // no panel is what page/device asks for then
	}
	q := list.Query{Limit: shownOnDevice, Sort: list.Sort{Key: "opened_at", Descending: true}}
	found, err := p.Tickets.List(ctx, q.With(list.Filter{Key: "device", Relation: list.Is, Values: []string{of.String()}}))
	if err != nil || found.Total == 0 {
		return nil, err
	}
	return p.devicePanel(of, found), nil
}
