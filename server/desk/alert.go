package desk

import (
	"slices"
	"time"
)

// Cause is what makes alerts of one check one piece of work.
type Cause string

// The causes.
const (
	ByDevice  Cause = "device"  // each device has its own
	BySubject Cause = "subject" // whatever the device: a product, a certificate
	ByModel   Cause = "model"   // all devices of one model
	ByUnit    Cause = "unit"    // all devices of one unit
)

// Causes lists every cause.
func Causes() []Cause { return []Cause{ByDevice, BySubject, ByModel, ByUnit} }

// Since is how grave an alert must be to become a ticket.
type Since string

// The levels from which alerts become tickets.
const (
	SinceWarn Since = "warn"
	SinceCrit Since = "crit"
	Never     Since = "never"
)

// Sinces lists every one of them.
func Sinces() []Since { return []Since{SinceWarn, SinceCrit, Never} }

// AlertRule says what becomes of the alerts of a check.
type AlertRule struct {
	Check     string
	Topic     string // checks with one topic see one cause from several sides
	Since     Since
	Cause     Cause
	Impact    Impact
	Urgency   Urgency // of a warning; a critical alert is at least high
	Category  string  // key
	ChangedAt time.Time
	ChangedBy string
}

// Concerns reports whether an alert of this severity becomes a ticket.
func (r *AlertRule) Concerns(severity string) bool {
	switch r.Since {
	case SinceWarn:
		return true
	case SinceCrit:
		return severity == "crit"
	case Never:
	}
	return false
}

// standard lists the rules as they come. What somebody must do about one
// device is a ticket for each; what is planned for many at once is one for
// all of a model or unit; what the next restart mends is none.
func standard() []AlertRule {
	return []AlertRule{
		{Check: "disk_space", Topic: "disk", Since: SinceWarn, Cause: ByDevice, Impact: One, Urgency: Medium, Category: "computer"},
		{Check: "disk_trend", Topic: "disk", Since: SinceWarn, Cause: ByDevice, Impact: One, Urgency: Medium, Category: "computer"},
		{Check: "drive_failing", Since: SinceWarn, Cause: ByDevice, Impact: One, Urgency: High, Category: "computer"},
		{Check: "memory_pressure", Since: SinceCrit, Cause: ByDevice, Impact: One, Urgency: Medium, Category: "computer"},
		{Check: "restart_pending", Since: Never, Cause: ByDevice, Impact: One, Urgency: Low, Category: "computer"},
		{Check: "security_updates", Since: SinceCrit, Cause: ByDevice, Impact: One, Urgency: High, Category: "security"},
		{Check: "system_support", Since: SinceCrit, Cause: ByUnit, Impact: Group, Urgency: Low, Category: "computer"},
		{Check: "encryption_off", Since: SinceWarn, Cause: ByDevice, Impact: One, Urgency: High, Category: "security"},
		{Check: "server_silent", Since: SinceWarn, Cause: ByDevice, Impact: Group, Urgency: High, Category: "server"},
		{Check: "device_silent", Since: SinceCrit, Cause: ByUnit, Impact: One, Urgency: Low, Category: "computer"},
		{Check: "warranty_ending", Since: SinceWarn, Cause: ByModel, Impact: Group, Urgency: Low, Category: "computer"},
		{Check: "licence_short", Since: SinceWarn, Cause: BySubject, Impact: Group, Urgency: Medium, Category: "compliance"},
	}
}

// Alert is the rule for a check. One that is not known, as of a later
// release, makes a ticket for each device once it is critical.
func (r *Rules) Alert(check string) AlertRule {
	if i := slices.IndexFunc(r.Alerts, func(rule AlertRule) bool { return rule.Check == check }); i >= 0 {
		return r.Alerts[i]
	}
	return AlertRule{Check: check, Topic: check, Since: SinceCrit, Cause: ByDevice, Impact: One, Urgency: Medium, Category: "computer"}
}

// Settings are the numbers that rules name.
type Settings struct {
	Grace        time.Duration // for how long all alerts of a ticket must be over before it is solved
	StormDevices int           // how many devices with one alert are one storm
	StormWindow  time.Duration // within how long
	CloseAfter   time.Duration // how long a solved ticket can be reopened before it is closed
	WarnPercent  int           // how much of a clock is used up when little is left
}

// The names of settings in the table and in addresses.
const (
	SettingGrace        = "grace_minutes"
	SettingStormDevices = "storm_devices"
	SettingStormWindow  = "storm_minutes"
	SettingCloseAfter   = "close_days"
	SettingWarnPercent  = "warn_percent"
)

// Bound is a setting with what it may be.
type Bound struct {
	Name               string
	Least, Most, Comes int
}

// Bounds lists every setting.
func Bounds() []Bound {
	return []Bound{
		{SettingGrace, 0, 7 * 24 * 60, 30},
		{SettingStormDevices, 2, 100_000, 10},
		{SettingStormWindow, 1, 7 * 24 * 60, 60},
		{SettingCloseAfter, 0, 365, 7},
		{SettingWarnPercent, 10, 100, 75},
	}
}

// Value is the number of a setting by its name.
func (s Settings) Value(name string) int {
	switch name {
	case SettingGrace:
		return int(s.Grace / time.Minute)
	case SettingStormDevices:
		return s.StormDevices
	case SettingStormWindow:
		return int(s.StormWindow / time.Minute)
	case SettingCloseAfter:
		return int(s.CloseAfter / (24 * time.Hour))
	case SettingWarnPercent:
		return s.WarnPercent
	}
	return 0
}

func (s *Settings) set(name string, value int) {
	switch name {
	case SettingGrace:
		s.Grace = time.Duration(value) * time.Minute
	case SettingStormDevices:
		s.StormDevices = value
	case SettingStormWindow:
		s.StormWindow = time.Duration(value) * time.Minute
	case SettingCloseAfter:
		s.CloseAfter = time.Duration(value) * 24 * time.Hour
	case SettingWarnPercent:
		s.WarnPercent = value
	}
}
