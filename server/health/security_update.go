package health

import (
	"cmp"

	"holdfast/shared/report"
)

// securityUpdates finds devices on which an update that mends security has
// been waiting. It follows each update by itself: on a device that is updated
// every week there is always some update waiting, and never for long.
func securityUpdates() Check {
	return Check{
		ID: "security_updates", Reads: []string{"update"}, Unit: Days,
		Limits: Limits{Warn: &Limit{Raise: 14, Clear: 7}, Crit: &Limit{Raise: 45, Clear: 30}},
		Observe: func(f *Facts) Observations {
			update, known := sectionOf[report.Update](f, "update")
			switch {
			case !known:
				return unknown
			case update.SecurityCount == nil:
				return Observations{}
			case *update.SecurityCount == 0:
				return one(Observation{})
			}
			before, waiting := f.Remembered(""), Memory{}
			oldest, title := f.Today(), ""
			note := func(name string) {
				since, told := before[name]
				if !told {
					since = f.Today()
				}
				waiting[name] = since
				if since < oldest || since == oldest && (title == "" || name < title) {
					oldest, title = since, name
				}
			}
			const most = 300 // updates that are followed one by one
			for _, pending := range update.Pending {
				if pending.Security && len(waiting) < most {
					note(cmp.Or(pending.Title, pending.To))
				}
			}
			if len(waiting) == 0 {
				note("")
			}
			return one(Observation{
				Value: float64(f.Today() - oldest), Memory: waiting, Due: f.passes(oldest),
				Args: Args{"Days": f.Today() - oldest, "Count": *update.SecurityCount, "SinceOn": dateOf(oldest), "Title": title},
			})
		},
	}
}
