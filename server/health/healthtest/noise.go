package healthtest

import (
	"encoding/json"
	"time"

	"holdfast/server/device"
	"holdfast/shared/report"
)

const gigabyte = 1 << 30

// troubled reports whether what is wrong with the device is of this check,
// and since when.
func (e *Estate) troubled(one *machine, check string) (time.Duration, bool) {
	c := one.cause
	if c == nil || c.Checks[0] != check || e.clock.now.Before(c.Begins) || !c.Ends.IsZero() && e.clock.now.After(c.Ends) {
		return 0, false
	}
	return e.clock.now.Sub(c.Begins), true
}

// isUp tells whether the agent comes by: computers of people sleep at night
// and on weekends, servers do not, and every one of them misses a turn now and
// then without anything being wrong.
func (e *Estate) isUp(one *machine) bool {
	if _, dead := e.troubled(one, "server_silent"); dead {
		return false
	}
	now := e.clock.now
	if one.kind == device.Server {
		return true
	}
	if now.Weekday() == time.Saturday || now.Weekday() == time.Sunday || now.Hour() < 6 || now.Hour() > 18 {
		return false
	}
	return e.random.IntN(10) > 0
}

// sections are what a device reports this time. Free space and pressure change
// by a step in one of three check-ins; all else is told when it changes.
func (e *Estate) sections(one *machine) (made []heard) {
	state := "on"
	if _, off := e.troubled(one, "encryption_off"); off {
		state = "off"
	}
	for _, section := range []heard{
		e.section(one, e.update(one)), e.section(one, &report.Security{DiskEncryption: state}),
		e.section(one, &report.OS{ID: "debian", Version: "13.1", Family: "linux"}),
	} {
		if text := string(section.outcome) + section.facts; one.told[section.name] != text {
			one.told[section.name] = text
			made = append(made, section)
		}
	}
	if e.random.IntN(3) == 0 {
		made = append(made, e.section(one, e.storage(one)), e.section(one, e.memory(one)))
	}
	return made
}

// section is one section, which could not be read one time in fifty.
func (e *Estate) section(one *machine, facts report.Section) heard {
	if e.random.IntN(50) == 0 {
		return heard{one.key, facts.Name(), report.Denied, "{}"}
	}
	text, err := json.Marshal(facts)
	if err != nil { // cannot be: they are plain facts
		return heard{one.key, facts.Name(), report.Failed, "{}"}
	}
	return heard{one.key, facts.Name(), report.OK, string(text)}
}

// noise is around zero, seldom beyond three.
func (e *Estate) noise() float64 { return e.random.NormFloat64() }

// storage is a drive of 200 GB that is rather full: what is free dances
// between the level at which the check clears and the one at which it raises.
// Where something is wrong it dances around the latter.
func (e *Estate) storage(one *machine) *report.Storage {
	const size = 200
	percent := max(10.2, 11+8*one.level+0.8*e.noise())
	if one.cause != nil && one.cause.Checks[0] == "disk_space" {
		passed, troubled := e.troubled(one, "disk_space")
		switch {
		case troubled && len(one.cause.Checks) > 1: // it fills up slowly
			percent = max(1, 30-2*passed.Hours()/24+0.5*e.noise())
		case troubled:
			percent = min(14, max(1, 9+2*e.noise()))
		case len(one.cause.Checks) > 1:
			percent = 30 + 0.5*e.noise()
		default:
			percent = 25 + 2*e.noise()
		}
	}
	free := int64(percent / 100 * size * gigabyte)
	return &report.Storage{Volumes: []report.Volume{{Mount: "C:", Device: "disk0", SizeBytes: size * gigabyte, FreeBytes: &free}}}
}

// memory is under a little pressure, just short of what would be too much.
func (e *Estate) memory(one *machine) *report.Memory {
	pressure := min(19, max(0, 8+10*one.level+4*e.noise()))
	if one.cause != nil { // once it is mended it is well clear of the limits
		pressure = min(9, max(0, 4+2*e.noise()))
	}
	if _, troubled := e.troubled(one, "memory_pressure"); troubled {
		pressure = min(49, max(11, 25+8*e.noise()))
	}
	return &report.Memory{TotalBytes: 16 * gigabyte, PressurePercent: new(int(pressure))}
}

// update brings something new every few days, which is installed within ten
// days, and wants a restart that is done within six.
func (e *Estate) update(one *machine) *report.Update {
	const installed, restarted = 10 * 24 * time.Hour, 6 * 24 * time.Hour
	since := e.clock.now.Sub(one.updated)
	_, neglected := e.troubled(one, "security_updates")
	_, asleep := e.troubled(one, "restart_pending")
	if !neglected && since > installed {
		one.updated, since = e.clock.now, 0
	}
	made := &report.Update{SecurityCount: new(0), RestartRequired: new(asleep || since < restarted)}
	name := "batch-" + one.updated.Format("0102")
	if neglected || since > 24*time.Hour {
		made.SecurityCount = new(1)
		made.Pending = []report.PendingUpdate{{Title: name, Security: true}}
	}
	return made
}
