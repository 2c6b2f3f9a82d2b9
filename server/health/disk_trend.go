package health

import (
	"math"
	"time"
)

// diskTrend finds volumes that will be full before long at the pace of the
// last weeks. It says nothing when the pace is not sure, nor of volumes that
// are nearly full already, of which diskSpace speaks.
func diskTrend() Check {
	return Check{
		ID: "disk_trend", Reads: []string{"storage", "history"}, Unit: Days, Hold: day,
		Limits: Limits{Warn: &Limit{Raise: 30, Clear: 45}, Crit: &Limit{Raise: 7, Clear: 14}},
		Observe: func(f *Facts) Observations {
			volumes, known := volumesOf(f)
			if !known {
				return unknown
			}
			var seen Observations
			for _, volume := range volumes {
				o := f.expect(f.Volumes[volume.Mount])
				o.Subject = volume.Mount
				if o.Args != nil {
					o.Args["Volume"], o.Args["FreeBytes"] = volume.Mount, *volume.FreeBytes
				}
				if f.found(checkDiskSpace, volume.Mount).Bad() {
					o.Level = Unknown
				}
				seen.Each = append(seen.Each, o)
			}
			return seen
		},
	}
}

// expect makes an observation of the samples of a volume.
func (f *Facts) expect(samples []Sample) Observation {
	expected := forecastOf(samples, f.Today())
	if !expected.known || expected.days >= faraway {
		return Observation{Level: OK}
	}
	o := Observation{Value: expected.days, Due: startOf(f.Today() + 1).Add(time.Duration(f.Device%1440) * time.Minute)}
	const vague = 3
	if !expected.declines || expected.latest > vague*expected.days {
		o.Level = Unknown
		return o
	}
	o.Args = Args{
		"Days": int(math.Round(expected.days)), "Earliest": int(math.Floor(expected.earliest)), "Latest": int(math.Ceil(expected.latest)),
		"FullOn": startOf(f.Today() + int32(expected.days)).Format(time.DateOnly),
	}
	return o
}
