package recognition

import (
	"context"

	"holdfast/server/fault"
	"holdfast/server/web/page"
)

// Tasks tells how many titles wait for a rule.
func (p *Pages) Tasks(ctx context.Context) ([]page.Task, error) {
	unknown, err := p.rules.CountQueue(ctx)
	if fault.Is(err, fault.Denied) {
		return nil, nil
	}
	return []page.Task{{Key: "task.titles", Count: unknown, Href: "/recognition"}}, err
}
