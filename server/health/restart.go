package health

import (
	"strings"

	"holdfast/shared/report"
)

// restartPending finds devices whose updates have been waiting for a restart.
func restartPending() Check {
	return Check{
		ID: "restart_pending", Reads: []string{"update"}, Unit: Days,
		Limits: Limits{Warn: &Limit{Raise: 7, Clear: 0}, Crit: &Limit{Raise: 30, Clear: 0}},
		Observe: func(f *Facts) Observations {
			update, known := sectionOf[report.Update](f, "update")
			switch {
			case !known:
				return unknown
			case update.RestartRequired == nil:
				return Observations{}
			case !*update.RestartRequired:
				return one(Observation{})
			}
			since, told := f.Remembered("")["since"]
			if !told {
				since = f.Today()
			}
			const most = 3
			titles := update.RestartFor[:min(most, len(update.RestartFor))]
			return one(Observation{
				Value: float64(f.Today() - since), Memory: Memory{"since": since}, Due: f.passes(since),
				Args: Args{"Days": f.Today() - since, "SinceOn": dateOf(since), "Titles": strings.Join(titles, ", ")},
			})
		},
	}
}
