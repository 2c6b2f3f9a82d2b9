package i18n

import (
	"holdfast/server/disposal"
)

// disposalFamilies are the keys about disposal that the program puts together.
func disposalFamilies() []string {
	var keys []string
	add := func(prefix string, names ...string) {
		for _, name := range names {
			keys = append(keys, prefix+name)
		}
	}
	add("column.cases.", columns(disposal.Columns().Fields())...)
	add("cases.", "title", "total", "empty", "empty_why")
	for _, state := range disposal.States() {
		add("value.cases.state.", string(state))
	}
	for _, medium := range disposal.Media() {
		add("value.medium.", string(medium))
	}
	for _, outcome := range append(disposal.Outcomes(), disposal.Lost) {
		add("value.outcome.", string(outcome))
	}
	for _, technique := range disposal.Techniques() {
		add("value.technique.", technique.Key)
	}
	add("value.verification.", disposal.Verifications()...)
	for _, need := range []disposal.Need{disposal.Unrecorded, disposal.Unchecked, disposal.Verified, disposal.Gone, disposal.Elsewhere} {
		add("value.need.", string(need))
	}
	add("ticket.disposal.", disposal.Refused, disposal.Reported)
	add("case.sighted.", disposal.Refused, disposal.Reported)
	for _, deed := range []string{
		"change", "add", "remove", "route", "settle", "pass", "offer", "revise", "clear", "release", "collect", "close", "cancel",
		"approve", "decline", "record", "lose", "validate", "withdraw", "empty", "drive",
	} {
		add("deed."+deed, "", ".why", ".done")
	}
	actions := []string{
		"created", "changed", "assets_added", "line_removed", "routed", "offered", "settled", "passed", "approved", "declined", "revised", "cleared",
		"released", "collected", "closed", "cancelled", "recorded", "validated", "record_withdrawn", "lost", "drive_added", "no_data", "certified", "sighted",
	}
	add("case.event.", actions...)
	add("audit.action.disposal.", actions...)
	return keys
}
