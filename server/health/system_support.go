package health

import (
	"holdfast/server/support"
	"holdfast/shared/report"
)

// systemSupport finds operating systems that get no security updates any
// more, or not for long. Systems whose dates are not known are passed over.
func systemSupport() Check {
	return Check{
		ID: "system_support", Reads: []string{"os"}, Unit: Days, Standing: true,
		Limits: Limits{Warn: &Limit{Raise: 90, Clear: 120}, Crit: &Limit{Raise: 0, Clear: 30}},
		Observe: func(f *Facts) Observations {
			system, known := sectionOf[report.OS](f, "os")
			if !known {
				return unknown
			}
			dates, found := support.Of(system)
			if !found {
				return Observations{}
			}
			left := dayOf(dates.EndsOn) - f.Today()
			args := Args{"System": dates.Title, "EndsOn": dateOf(dayOf(dates.EndsOn)), "Days": left}
			if left < 0 {
				args["Ended"] = true
			}
			if !dates.ExtendedEndsOn.IsZero() {
				args["ExtendedOn"] = dateOf(dayOf(dates.ExtendedEndsOn))
			}
			return one(Observation{Value: float64(left), Args: args, Due: f.approaches(dates.EndsOn)})
		},
	}
}
