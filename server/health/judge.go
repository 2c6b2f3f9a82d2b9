package health

import (
	"slices"
	"time"
)

// judgement is what is found on one device.
type judgement struct {
	findings []Finding
	kept     []Finding // of before, of which nothing new is known: alerts do not follow them
	gone     []Finding // of before, that no longer concern the device
	due      time.Time // when to judge again at the latest; zero: when it reports
}

// again is after how long a device is judged anew of which something is not
// known.
const again = time.Hour

// judge runs the checks on one device. was are its findings so far.
func judge(checks []Active, facts *Facts, was []Finding) judgement {
	var made judgement
	before := map[string]map[string]*Finding{}
	facts.levels = map[[2]string]Level{}
	for i := range was {
		of := was[i].Check
		if before[of] == nil {
			before[of] = map[string]*Finding{}
		}
		before[of][was[i].Subject] = &was[i]
	}
	for _, check := range checks {
		if check.Observe == nil {
			continue
		}
		facts.was, facts.limits = before[check.ID], check.Limits
		made.take(check, facts)
		delete(before, check.ID)
	}
	for _, rest := range before { // of checks that are switched off, or no longer there
		for _, finding := range rest {
			made.gone = append(made.gone, *finding)
		}
	}
	if !facts.Stale() {
		made.call(facts.SeenAt.Add(staleAfter + time.Minute))
	}
	return made
}

// take adds what one check finds.
func (j *judgement) take(check Active, facts *Facts) {
	if !check.Standing && !facts.Present() { // its next word is waited for
		j.keep(facts, facts.Stale())
		return
	}
	seen := check.Observe(facts)
	if seen.Unknown {
		j.keep(facts, true)
		j.call(facts.Now.Add(again))
		return
	}
	listed := map[string]bool{}
	for _, observation := range seen.Each {
		listed[observation.Subject] = true
		found := check.find(observation, facts)
		facts.levels[[2]string{check.ID, found.Subject}] = found.Held
		j.findings = append(j.findings, found)
		j.call(observation.Due)
	}
	for subject, finding := range facts.was {
		if !listed[subject] {
			j.gone = append(j.gone, *finding)
		}
	}
}

// keep leaves the findings of a check as they were, or as not known any more.
func (j *judgement) keep(facts *Facts, forgotten bool) {
	for _, finding := range facts.was {
		if forgotten {
			finding.Level = Unknown
		}
		j.kept = append(j.kept, *finding)
	}
}

// find makes a finding of an observation.
func (c Active) find(o Observation, facts *Facts) Finding {
	made := Finding{
		Device: facts.Device, Check: c.ID, Subject: o.Subject, Held: OK,
		Args: o.Args, Memory: o.Memory, Since: facts.Now, SeenAt: facts.Now,
	}
	was := facts.was[o.Subject]
	if was != nil {
		made.Held, made.Since = was.Held, was.Since
	}
	level := o.Level
	if level == "" {
		level = c.Limits.level(o.Value, made.Held)
	}
	made.Level = level
	if level == Unknown {
		if was == nil {
			made.Held = Unknown
		} else {
			made.Args, made.SeenAt = was.Args, was.SeenAt
		}
		return made
	}
	if level.Bad() != made.Held.Bad() || was == nil || made.Held == Unknown {
		made.Since = facts.Now
	}
	made.Held = level
	return made
}

// call asks for a judgement at that time or sooner.
func (j *judgement) call(at time.Time) {
	if !at.IsZero() && (j.due.IsZero() || at.Before(j.due)) {
		j.due = at
	}
}

// worst is the finding that the device is summed up by: the worst level, and
// of equals the one that has lasted longest. It is nil when all is in order.
func (j *judgement) worst() *Finding {
	var worst *Finding
	all := slices.Concat(j.findings, j.kept)
	for i := range all {
		f := &all[i]
		if f.Level.Bad() && (worst == nil || f.Level.rank() < worst.Level.rank() ||
			f.Level == worst.Level && f.Since.Before(worst.Since)) {
			worst = f
		}
	}
	return worst
}
