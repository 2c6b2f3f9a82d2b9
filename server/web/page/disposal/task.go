package disposal

import (
	"context"

	"holdfast/server/disposal"
	"holdfast/server/identity"
	"holdfast/server/web/page"
)

// Tasks tells how many cases wait for an approval, and how many for records of
// their drives.
func (p *Pages) Tasks(ctx context.Context) (tasks []page.Task, err error) {
	for _, one := range []struct {
		key   string
		state disposal.State
		needs identity.Permission
	}{
		{"task.cases_offered", disposal.Offered, identity.DisposalApprove},
		{"task.cases_drives", disposal.Approved, identity.DisposalRecord},
	} {
		if !identity.ActorOf(ctx).May(one.needs) {
			continue
		}
		count, err := p.cases.Count(ctx, one.needs, one.state)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, page.Task{Key: one.key, Count: count, Href: "/disposal?state=" + string(one.state)})
	}
	return tasks, nil
}
