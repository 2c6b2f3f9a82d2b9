package health

import (
	"time"

	"holdfast/server/device"
)

// The checks by which a device is silent; see Facts.Listening.
const (
	checkServerSilent = "server_silent"
	checkDeviceSilent = "device_silent"
)

// serverSilent finds servers whose agent has not been heard from: they are
// meant to be up.
func serverSilent() Check {
	return Check{
		ID: checkServerSilent, Reads: []string{"contact"}, Unit: Hours, Standing: true,
		Limits: Limits{Warn: &Limit{Raise: 2, Clear: 1}, Crit: &Limit{Raise: 24, Clear: 1}},
		Observe: func(f *Facts) Observations {
			if !alwaysUp(f.Kind) {
				return Observations{}
			}
			return f.silence(time.Hour)
		},
	}
}

// deviceSilent finds all other devices whose agent has not been heard from:
// they are switched off, carried away, or lost.
func deviceSilent() Check {
	return Check{
		ID: checkDeviceSilent, Reads: []string{"contact"}, Unit: Days, Standing: true,
		Limits: Limits{Warn: &Limit{Raise: 14, Clear: 1}, Crit: &Limit{Raise: 60, Clear: 1}},
		Observe: func(f *Facts) Observations {
			if alwaysUp(f.Kind) {
				return Observations{}
			}
			return f.silence(day)
		},
	}
}

func alwaysUp(kind device.Kind) bool { return kind == device.Server || kind == device.Virtual }

// silence counts from when the agent was expected, in the given units.
func (f *Facts) silence(unit time.Duration) Observations {
	expected := f.SeenAt.Add(f.Interval)
	silent := max(0, f.Now.Sub(expected))
	if !f.Listening {
		return unknown
	}
	o := Observation{Value: float64(silent) / float64(unit), Args: Args{"SeenAt": f.SeenAt.Format(time.RFC3339)}}
	for _, limit := range f.limits.each() {
		if at := expected.Add(time.Duration(limit.Raise * float64(unit))); at.After(f.Now) && (o.Due.IsZero() || at.Before(o.Due)) {
			o.Due = at
		}
	}
	return one(o)
}
