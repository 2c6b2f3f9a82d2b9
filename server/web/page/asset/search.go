package asset

import (
	"context"
	"strings"

	"holdfast/server/asset"
	"holdfast/server/web/page/search"
	"holdfast/server/web/ui"
)

// Search finds assets for the search box.
func (p *Pages) Search(ctx context.Context, text string, limit int) (search.Group, error) {
	group := search.Group{Name: "assets", Icon: "box"}
	found, err := p.Assets.Search(ctx, text, limit)
	for _, row := range found {
		group.Found = append(group.Found, search.Thing{
			Href: path(row.ID), Name: row.Tag, More: more(row), Remark: ui.EnumWord(ctx, "assets", "status", string(row.Status)),
		})
	}
	return group, err
}

func more(row asset.Row) string {
	var parts []string
	for _, part := range []string{strings.TrimSpace(row.Maker + " " + row.Model), row.Serial, row.Custodian, row.Place} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
