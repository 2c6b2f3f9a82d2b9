package health

import (
	"slices"
	"time"

	"holdfast/server/fault"
)

// Check is one thing that is looked after on devices. Its texts are in the
// catalogues under check.ID.
type Check struct {
	ID    string
	Reads []string // sections of the report; "asset", "contact" and "history" for what else there is
	Unit  Unit     // of the value that is held against the limits; "" when there are none

	// Limits, and for how long a level must last before it is an alert, unless
	// an administrator says otherwise.
	Limits Limits
	Hold   time.Duration

	// Standing checks are true of devices that are not heard from, too.
	Standing bool

	// Observe looks at a device. It must be pure. It is nil for a check that is
	// not about devices.
	Observe func(*Facts) Observations
}

// Unit is what a value counts.
type Unit string

// The units.
const (
	Percent Unit = "percent"
	Days    Unit = "days"
	Hours   Unit = "hours"
)

// Observations is what a check sees on a device: one for each subject. None
// means that the check does not concern the device; Unknown, that it cannot be
// told what there is.
type Observations struct {
	Each    []Observation
	Unknown bool
}

// Observation is what a check sees of one subject. Either Value is held
// against the limits of the check, or Level says it outright.
type Observation struct {
	Subject string
	Value   float64
	Level   Level // "" when Value counts
	Args    Args
	Memory  Memory    // handed back at the next look
	Due     time.Time // when to look again at the latest; zero: when something is reported
}

// unknown is what cannot be told at present.
var unknown = Observations{Unknown: true} //nolint:gochecknoglobals // a constant that Go cannot write as one

// one is the only observation of a check.
func one(o Observation) Observations { return Observations{Each: []Observation{o}} }

// Limits are the limits of a check; a level without a limit does not occur.
type Limits struct {
	Warn *Limit `json:"warn,omitempty"`
	Crit *Limit `json:"crit,omitempty"`
}

// Limit is where a level begins and where it ends. Which side is the worse one
// follows from the two: whoever raises at 10 and clears at 15 fears low values.
type Limit struct {
	Raise float64 `json:"raise"`
	Clear float64 `json:"clear"`
}

// lower reports whether low values are the bad ones.
func (l Limit) lower() bool { return l.Raise < l.Clear }

// reached reports whether a value raises, and left whether it clears.
func (l Limit) reached(value float64) bool {
	return l.lower() && value <= l.Raise || !l.lower() && value >= l.Raise
}

func (l Limit) left(value float64) bool {
	return l.lower() && value >= l.Clear || !l.lower() && value <= l.Clear
}

// level is the level of a value, given the one that it had.
func (l Limits) level(value float64, held Level) Level {
	switch {
	case l.Crit != nil && (l.Crit.reached(value) || held == Crit && !l.Crit.left(value)):
		return Crit
	case l.Warn != nil && (l.Warn.reached(value) || held.Bad() && !l.Warn.left(value)):
		return Warn
	}
	return OK
}

// each lists the limits that there are.
func (l Limits) each() (limits []Limit) {
	for _, limit := range []*Limit{l.Warn, l.Crit} {
		if limit != nil {
			limits = append(limits, *limit)
		}
	}
	return limits
}

// check finds what is wrong with limits that somebody wants for a check whose
// own limits are these.
func (l Limits) check(own Limits) []fault.Field {
	var wrong []fault.Field
	for _, pair := range []struct {
		name        string
		wanted, own *Limit
	}{{"limits.warn", l.Warn, own.Warn}, {"limits.crit", l.Crit, own.Crit}} {
		switch {
		case pair.wanted == nil && pair.own == nil:
		case pair.wanted == nil:
			wrong = append(wrong, fault.Field{Name: pair.name, Key: "fault.field.required"})
		case pair.own == nil:
			wrong = append(wrong, fault.Field{Name: pair.name, Key: "fault.check.no_such_limit"})
		case pair.wanted.Raise < 0 || pair.wanted.Clear < 0 || pair.wanted.Raise > maxLimit || pair.wanted.Clear > maxLimit:
			wrong = append(wrong, fault.Field{Name: pair.name, Key: "fault.check.limit_range", Args: fault.Args{"Limit": maxLimit}})
		case pair.own.lower() && pair.wanted.Clear <= pair.wanted.Raise:
			wrong = append(wrong, fault.Field{Name: pair.name, Key: "fault.check.clear_above"})
		case !pair.own.lower() && pair.wanted.Clear >= pair.wanted.Raise:
			wrong = append(wrong, fault.Field{Name: pair.name, Key: "fault.check.clear_below"})
		}
	}
	if wrong == nil && l.Warn != nil && l.Crit != nil && (l.Warn.lower() && l.Crit.Raise >= l.Warn.Raise || !l.Warn.lower() && l.Crit.Raise <= l.Warn.Raise) {
		wrong = append(wrong, fault.Field{Name: "limits.crit", Key: "fault.check.crit_worse"})
	}
	return wrong
}

const maxLimit = 10_000

// Find gives the check with this identifier. Fault: Missing.
func Find(checkID string) (Check, error) {
	i := slices.IndexFunc(Checks(), func(c Check) bool { return c.ID == checkID })
	if i < 0 {
		return Check{}, fault.NewMissing("check")
	}
	return Checks()[i], nil
}
