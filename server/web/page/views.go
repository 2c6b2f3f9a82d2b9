package page

import (
	"context"
	"fmt"
	"net/url"

	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// Views gives the built-in views of a list, each with the message key of its
// name and its query, then the reader's own.
func Views[R any](ctx context.Context, views *view.Service, definition *list.Definition[R], builtIn []ui.Choice) ([]ui.View, error) {
	var found []ui.View
	for _, each := range builtIn {
		made, err := viewOf(definition, i18n.T(ctx, each.Label), each.Value)
		if err != nil {
			return nil, fmt.Errorf("read built-in view %s: %w", each.Label, err)
		}
		found = append(found, made)
	}
	if identity.ActorOf(ctx).Kind != identity.UserKind {
		return found, nil
	}
	saved, err := views.List(ctx, definition.Name)
	if err != nil {
		return nil, err
	}
	for _, each := range saved {
		// A view may ask for a column that its owner no longer sees: then it is not shown.
		if made, err := viewOf(definition, each.Name, each.Query); err == nil {
			made.ID = each.ID.String()
			found = append(found, made)
		}
	}
	return found, nil
}

func viewOf[R any](definition *list.Definition[R], name, query string) (ui.View, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ui.View{}, fmt.Errorf("read query: %w", err)
	}
	parsed, err := list.Parse(values, definition)
	return ui.View{Name: name, Query: parsed}, err
}
