package overview

import (
	"context"

	"github.com/a-h/templ"

	"holdfast/server/web/page"
)

// Waiting is the panel of what waits for a person, when anything does.
func Waiting(sources ...page.Tasks) Panel {
	return func(ctx context.Context) (templ.Component, error) {
		var waiting []page.Task
		for _, source := range sources {
			tasks, err := source(ctx)
			if err != nil {
				return nil, err
			}
			for _, task := range tasks {
				if task.Count > 0 {
					waiting = append(waiting, task)
				}
			}
		}
		if len(waiting) == 0 {
			return nil, nil //nolint:nilnil // no panel
		}
		return WaitingPanel(waiting), nil
	}
}
