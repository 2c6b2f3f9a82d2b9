package health

import (
	"math"
	"math/rand/v2"
	"testing"
)

const gb = 1_000_000_000

// days makes samples of free space, one a day up to today, in gigabytes.
func days(today int32, free ...float64) []Sample {
	made := make([]Sample, len(free))
	for i, value := range free {
		made[i] = Sample{Day: today - int32(len(free)-1-i), Free: int64(value * gb), Size: 500 * gb}
	}
	return made
}

func TestSteadyDeclineIsForeseen(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var free []float64
	for i := range 30 {
		free = append(free, 100-2*float64(i)+random.NormFloat64()) // 42 GB are left on the last day
	}
	got := forecastOf(days(1000, free...), 1000)
	if !got.known || !got.declines || math.Abs(got.days-21) > 3 || got.earliest > got.days || got.latest < got.days {
		t.Errorf("%+v, want about 21 days", got)
	}
}

func TestOneLargeDownloadIsNoTrend(t *testing.T) {
	free := make([]float64, 30)
	for i := range free {
		free[i] = 100
		if i >= 20 {
			free[i] = 60
		}
	}
	if got := forecastOf(days(1000, free...), 1000); got.declines && got.days < 60 {
		t.Errorf("%+v", got)
	}
}

func TestNoiseIsNoTrend(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 2))
		var free []float64
		for range 30 {
			free = append(free, 80+5*random.NormFloat64())
		}
		f := Facts{Now: startOf(1000)}
		if o := f.expect(days(1000, free...)); o.Level == "" && o.Value <= 30 {
			t.Errorf("seed %d: full in %f days", seed, o.Value)
		}
	}
}

func TestSixDaysSayNothing(t *testing.T) {
	if got := forecastOf(days(1000, 100, 90, 80, 70, 60, 50), 1000); got.known {
		t.Errorf("%+v", got)
	}
}

func TestCleanUpEndsTheTrend(t *testing.T) {
	free := []float64{90, 85, 80, 75, 70, 65, 60, 55, 50, 45, 40, 35, 30, 200, 199}
	f := Facts{Now: startOf(1000)}
	if o := f.expect(days(1000, free...)); o.Level != OK {
		t.Errorf("%+v", o)
	}
}

func TestDaysWithoutASampleAreAsTheDayBefore(t *testing.T) {
	samples := []Sample{{Day: 990, Free: 90 * gb, Size: 500 * gb}, {Day: 994, Free: 80 * gb, Size: 500 * gb}}
	got := daily(samples, 996)
	want := []float64{90 * gb, 90 * gb, 90 * gb, 90 * gb, 80 * gb, 80 * gb, 80 * gb}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

func BenchmarkForecast(b *testing.B) {
	var free []float64
	for i := range 30 {
		free = append(free, 100-2*float64(i))
	}
	samples := days(1000, free...)
	for b.Loop() {
		forecastOf(samples, 1000)
	}
}
