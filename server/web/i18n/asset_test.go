package i18n

import (
	"context"

	"holdfast/server/asset"
	"holdfast/server/importer"
	"holdfast/server/person"
)

// assetFamilies are the keys about assets, people, places and imports that the
// program puts together.
func assetFamilies(ctx context.Context) []string {
	var keys []string
	add := func(prefix string, names ...string) {
		for _, name := range names {
			keys = append(keys, prefix+name)
		}
	}
	add("column.assets.", columns(asset.Columns(ctx).Fields())...)
	add("column.unowned.", columns(asset.QueueColumns().Fields())...)
	add("column.people.", columns(person.Columns().Fields())...)
	for _, name := range []string{"assets", "unowned", "people"} {
		add(name+".", "title", "total", "empty", "empty_why")
	}
	for _, kind := range asset.Kinds() {
		add("value.kind.", string(kind))
	}
	for _, status := range asset.Statuses() {
		add("value.status.", string(status))
	}
	for _, reason := range asset.Reasons() {
		add("value.reason.", string(reason))
	}
	for _, kind := range importer.Kinds() {
		add("import.kind.", string(kind))
		add("import.column.", importer.Columns(kind)...)
	}
	for _, outcome := range importer.Outcomes() {
		add("import.outcome.", string(outcome))
	}
	add("asset.event.", "created", "changed", "status_changed", "custody_ended", "linked", "unlinked")
	add("audit.action.", "asset.created", "asset.changed", "asset.status_changed", "asset.custody_ended", "asset.linked", "asset.unlinked",
		"person.created", "person.changed", "place.created", "place.changed", "place.removed", "import.applied", "unit.changed")
	return keys
}
