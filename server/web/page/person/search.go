package person

import (
	"context"
	"strings"

	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page/search"
)

// Search finds people for the search box.
func (p *Pages) Search(ctx context.Context, text string, limit int) (search.Group, error) {
	group := search.Group{Name: "people", Icon: "address-book"}
	if !identity.ActorOf(ctx).May(identity.PeopleRead) {
		return group, nil
	}
	found, err := p.people.Suggest(ctx, text, limit)
	for _, one := range found {
		group.Found = append(group.Found, search.Thing{
			Href: path(one.ID), Name: one.Name, More: strings.Trim(one.Login+", "+one.Unit, ", "), Remark: i18n.Count(ctx, "person.holds", one.Assets),
		})
	}
	return group, err
}
