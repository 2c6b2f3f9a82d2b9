package asset

import (
	"context"

	"holdfast/server/identity"
	"holdfast/server/web/page"
)

// Tasks tells how many devices wait for somebody to say which asset they are.
func (p *Pages) Tasks(ctx context.Context) ([]page.Task, error) {
	actor := identity.ActorOf(ctx)
	if !actor.May(identity.AssetsEdit) || !actor.May(identity.DevicesRead) {
		return nil, nil
	}
	unclear, err := p.Assets.CountUnclear(ctx)
	return []page.Task{{Key: "task.assets", Count: unclear, Href: "/assets/queue?candidates.from=1"}}, err
}
