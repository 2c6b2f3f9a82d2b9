package health_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"holdfast/server/health"
	"holdfast/server/health/healthtest"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// month lets a month pass over an estate and checks that people heard of
// everything that is really wrong, once, and of nothing else.
func month(ctx context.Context, url string, devices int, seed uint64) (alerts, causes int, problems []string, err error) {
	clock := healthtest.NewClock()
	db, err := store.Open(ctx, url, store.Options{Now: clock.Now})
	if err != nil {
		return 0, 0, nil, err
	}
	defer db.Close() //nolint:errcheck // the test's own
	if _, err := db.Migrate(ctx); err != nil {
		return 0, 0, nil, err
	}
	ctx = identity.WithActor(ctx, identity.System("simulation"))
	service := health.New(db, func(*store.Tx, string, string, any) error { return nil }, health.Options{})
	estate, err := healthtest.New(ctx, db, clock, service, devices, seed)
	if err != nil {
		return 0, 0, nil, err
	}
	if err := estate.Run(ctx, 30); err != nil {
		return 0, 0, nil, err
	}
	var rows []health.Row
	all, err := service.ExportAlerts(ctx, allAlerts())
	if err != nil {
		return 0, 0, nil, err
	}
	for row, err := range all {
		if err != nil {
			return 0, 0, nil, err
		}
		rows = append(rows, row)
	}
	for _, cause := range estate.Causes() {
		heard := map[string]int{}
		rows = slices.DeleteFunc(rows, func(r health.Row) bool {
			if r.Device != cause.Device || !slices.Contains(cause.Checks, r.Check) {
				return false
			}
			heard[r.Check]++
			alerts++
			if mended := !cause.Ends.IsZero() && clock.Now().Sub(cause.Ends) > 5*24*time.Hour; mended && r.State == health.Open {
				problems = append(problems, fmt.Sprintf("%s of %s is still open after %s", r.Check, r.DeviceName, clock.Now().Sub(cause.Ends)))
			}
			return true
		})
		if heard[cause.Checks[0]] != 1 {
			problems = append(problems, fmt.Sprintf("%v of device %d from %s to %s: %d alerts", cause.Checks, cause.Device, cause.Begins, cause.Ends, heard[cause.Checks[0]]))
		}
		for check, times := range heard {
			if times > 1 {
				problems = append(problems, fmt.Sprintf("%d alerts of %s on device %d", times, check, cause.Device))
			}
		}
	}
	for _, noise := range rows {
		problems = append(problems, fmt.Sprintf("noise: %s of %s, seen %d times from %s: %v", noise.Check, noise.DeviceName, noise.Count, noise.FirstSeenAt, noise.Args))
	}
	return alerts, len(estate.Causes()), problems, nil
}

func TestMonthOfNoiseRaisesOnlyWhatIsReallyWrong(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			alerts, causes, problems, err := month(t.Context(), storetest.URL(t, dialect), 120, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range problems {
				t.Error(problem)
			}
			t.Logf("%d alerts of %d causes", alerts, causes)
		})
	}
}

// BenchmarkMonth lets a month pass over 2,000 devices: 480,000 check-ins, a
// third of which report something.
func BenchmarkMonth(b *testing.B) {
	const devices = 2000
	for b.Loop() {
		alerts, causes, problems, err := month(b.Context(), "sqlite:"+b.TempDir()+"/month.db", devices, 1)
		if err != nil {
			b.Fatal(err)
		}
		for _, problem := range problems {
			b.Error(problem)
		}
		b.ReportMetric(float64(causes), "causes")
		b.ReportMetric(float64(alerts)/float64(causes), "alerts/cause")
		b.ReportMetric(float64(len(problems)), "noise")
	}
}
