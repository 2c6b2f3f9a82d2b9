package health

import "time"

// Setting is what an administrator decided about a check.
type Setting struct {
	Enabled bool
	Limits  Limits
	Hold    time.Duration
}

// Active is a check as it is in force: with the limits and the hold that
// administrators decided on.
type Active struct {
	Check
	Enabled   bool
	ChangedAt time.Time // zero when it is as it comes
	ChangedBy string
}

// withSetting is the check as a setting wants it.
func (c Check) withSetting(s Setting) Active {
	made := Active{Check: c, Enabled: s.Enabled}
	made.Limits, made.Hold = s.Limits, s.Hold
	return made
}

// asItComes is the check without a setting.
func (c Check) asItComes() Active { return Active{Check: c, Enabled: true} }
