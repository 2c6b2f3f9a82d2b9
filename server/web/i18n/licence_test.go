package i18n

import (
	"time"

	"holdfast/server/entitlement"
	"holdfast/server/licence"
	"holdfast/server/position"
)

// licenceFamilies lists the keys that the pages of licences put together.
func licenceFamilies() (keys []string) {
	add := func(prefix string, names ...string) {
		for _, name := range names {
			keys = append(keys, prefix+name)
		}
	}
	add("column.licences.", columns(position.Columns().Fields())...)
	add("column.licence_installations.", columns(position.AllInstallationColumns().Fields())...)
	add("column.entitlements.", columns(entitlement.Columns(time.Time{}).Fields())...)
	add("column.papers.", columns(entitlement.PaperColumns().Fields())...)
	for _, name := range []string{"licences", "licence_installations", "entitlements", "papers"} {
		add(name+".", "title", "total", "empty", "empty_why")
	}
	for _, metric := range licence.Metrics() {
		add("value.metric.", metric.Kind())
	}
	for _, status := range []licence.Status{licence.Short, licence.Exact, licence.Ample, licence.Unknown} {
		add("value.status.", string(status))
		add("value.standing.", string(status))
	}
	for _, state := range entitlement.States() {
		add("value.state.", string(state))
	}
	for _, kind := range entitlement.PaperKinds() {
		add("value.kind.", string(kind))
	}
	for _, cause := range []position.Cause{position.ByReport, position.ByRecognition, position.ByDecision, position.ByAsset, position.ByDay, position.ByStart} {
		add("licences.cause.", string(cause))
	}
	add("licence.param.", "floor_per_processor", "floor_per_server", "floor_per_virtual_machine", "by_host", "by_virtual_cores",
		"virtual_machines_per_set", "maintenance_for_virtual", "assigned_only", "organisation")
	return keys
}
