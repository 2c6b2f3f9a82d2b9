package health

import (
	"math"
	"slices"
)

// forecast is what the free space of a volume lets us expect.
type forecast struct {
	known    bool    // there is enough to go by
	declines bool    // certainly
	days     float64 // until it is full, at the pace that is most likely
	earliest float64
	latest   float64
}

// What a forecast goes by.
const (
	window   = 30  // days
	leastRun = 7   // days from the first to the last of them
	faraway  = 365 // days; nobody asks further ahead
	cleanUp  = 0.05
)

// forecastOf fits a line through the free space of the last days, by the
// method of Theil and Sen: the median of the slopes between all pairs of days,
// which neither a large download nor a forgotten file moves much. The interval
// of confidence (Sen 1968, by Kendall's variance, doubled because neighbouring
// days resemble one another) says how sure it is. A sudden gain is a clean-up:
// what was before it says nothing about what comes.
func forecastOf(samples []Sample, today int32) forecast {
	days := daily(samples, today)
	if len(days) <= leastRun {
		return forecast{}
	}
	free := days[len(days)-1]
	if drop := slices.Max(days) - slices.Min(days); free*leastRun >= faraway*drop {
		return forecast{known: true, days: faraway, earliest: faraway, latest: faraway}
	}
	slopes := make([]float64, 0, len(days)*(len(days)-1)/2)
	for i := range days {
		for j := i + 1; j < len(days); j++ {
			slopes = append(slopes, (days[j]-days[i])/float64(j-i))
		}
	}
	slices.Sort(slopes)
	const confidence = 1.96
	n := float64(len(days))
	spread := confidence * math.Sqrt(2*n*(n-1)*(2*n+5)/18)
	low := max(0, int((float64(len(slopes))-spread)/2))
	high := min(len(slopes)-1, int((float64(len(slopes))+spread)/2))
	return forecast{
		known: true, declines: slopes[high] < 0,
		days: until(free, slopes[len(slopes)/2]), earliest: until(free, slopes[low]), latest: until(free, slopes[high]),
	}
}

func until(free, slope float64) float64 {
	if slope >= 0 {
		return faraway
	}
	return min(faraway, -free/slope)
}

// daily gives the free space of each day since the window began or the volume
// was cleaned up or resized, whichever came last. Between two samples nothing
// changed.
func daily(samples []Sample, today int32) []float64 {
	var days []float64
	for i, sample := range samples {
		next := today + 1
		if i+1 < len(samples) {
			next = samples[i+1].Day
		}
		if i > 0 {
			before := samples[i-1]
			if before.Size != sample.Size || float64(sample.Free-before.Free) > cleanUp*float64(sample.Size) {
				days = nil
			}
		}
		for day := max(sample.Day, today-window+1); day < next; day++ {
			days = append(days, float64(sample.Free))
		}
	}
	return days
}
