package health

import (
	"math/rand/v2"
	"testing"
	"time"

	"holdfast/server/identity"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// The rules that need no database. They are tested from inside, because
// nobody outside may call them one by one.

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func TestLevelRaisesAndClearsAtDifferentValues(t *testing.T) {
	low := Limits{Warn: &Limit{Raise: 10, Clear: 15}, Crit: &Limit{Raise: 3, Clear: 6}}
	high := Limits{Warn: &Limit{Raise: 20, Clear: 10}, Crit: &Limit{Raise: 50, Clear: 30}}
	for _, c := range []struct {
		limits Limits
		value  float64
		held   Level
		want   Level
	}{
		{low, 10, OK, Warn}, {low, 10.1, OK, OK}, {low, 12, Warn, Warn}, {low, 14.9, Warn, Warn}, {low, 15, Warn, OK},
		{low, 3, Warn, Crit}, {low, 5, Crit, Crit}, {low, 6, Crit, Warn}, {low, 14, Crit, Warn}, {low, 15, Crit, OK},
		{low, 4, OK, Warn}, {low, 2, OK, Crit}, {low, 12, Unknown, OK},
		{high, 20, OK, Warn}, {high, 19, OK, OK}, {high, 11, Warn, Warn}, {high, 10, Warn, OK}, {high, 50, OK, Crit},
		{high, 31, Crit, Crit}, {high, 30, Crit, Warn}, {high, 5, Crit, OK},
		{Limits{}, 99, OK, OK},
	} {
		if got := c.limits.level(c.value, c.held); got != c.want {
			t.Errorf("%v at %v after %s: %s, want %s", c.limits, c.value, c.held, got, c.want)
		}
	}
}

func TestLimitsThatMakeNoSenseAreRefused(t *testing.T) {
	own := Limits{Warn: &Limit{Raise: 10, Clear: 15}, Crit: &Limit{Raise: 3, Clear: 6}}
	for _, c := range []struct {
		wanted Limits
		wrong  bool
	}{
		{own, false},
		{Limits{Warn: &Limit{Raise: 8, Clear: 9}, Crit: &Limit{Raise: 2, Clear: 4}}, false},
		{Limits{Warn: &Limit{Raise: 8, Clear: 8}, Crit: own.Crit}, true},
		{Limits{Warn: &Limit{Raise: 15, Clear: 10}, Crit: own.Crit}, true},
		{Limits{Warn: own.Warn}, true},
		{Limits{Warn: own.Warn, Crit: &Limit{Raise: 12, Clear: 14}}, true},
		{Limits{Warn: &Limit{Raise: -1, Clear: 15}, Crit: own.Crit}, true},
	} {
		if wrong := c.wanted.check(own); (wrong != nil) != c.wrong {
			t.Errorf("%+v: %v", c.wanted, wrong)
		}
	}
	if (Limits{Warn: own.Warn}).check(Limits{}) == nil {
		t.Error("a limit is taken that the check does not have")
	}
}

// one check on one device, whatever the facts.
type bench struct {
	check  Active
	facts  Facts
	was    []Finding
	last   *Alert
	raised int
	events int
}

func newBench(check Check) *bench {
	return &bench{check: Active{Check: check, Enabled: true}, facts: Facts{Now: noon, SeenAt: noon, Listening: true, Device: 1}}
}

// look judges once and lets the alert follow.
func (b *bench) look(o Observations) Finding {
	b.check.Observe = func(*Facts) Observations { return o }
	made := judge([]Active{b.check}, &b.facts, b.was)
	b.was = append(made.findings, made.kept...)
	var found Finding
	if len(made.kept) > 0 {
		return made.kept[0]
	}
	if len(made.findings) > 0 {
		found = made.findings[0]
		c := condition{check: b.check.ID, device: 1, unit: id.New[identity.Unit](), level: found.Level, held: found.Held, since: found.Since, hold: b.check.Hold}
		next := c.follow(b.last, b.facts.Now)
		if next.action == Raised {
			b.raised++
		}
		if next.action != "" {
			b.events++
		}
		b.last = next.alert
	}
	return found
}

func (b *bench) pass(d time.Duration) {
	b.facts.Now = b.facts.Now.Add(d)
	b.facts.SeenAt = b.facts.Now
}

func value(v float64) Observations { return one(Observation{Value: v}) }

func TestNoiseWithinTheBandIsOneAlert(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		b := newBench(diskSpace())
		b.look(value(9))
		for range 500 {
			b.pass(time.Duration(1+random.IntN(60)) * time.Minute)
			b.look(value(4 + 10.9*random.Float64())) // from just above crit to just below clear
		}
		if b.raised != 1 || b.events != 1 || b.last == nil || b.last.State != Open {
			t.Fatalf("seed %d: raised %d times, %d events, %+v", seed, b.raised, b.events, b.last)
		}
	}
}

func TestNoiseAcrossBothLimitsIsOneAlertUnlessItRests(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 2))
		b := newBench(diskSpace())
		var before *Alert
		for range 500 {
			b.pass(time.Duration(1+random.IntN(90)) * time.Minute)
			if random.IntN(20) == 0 {
				b.look(unknown)
				continue
			}
			found := b.look(value(30 * random.Float64()))
			if before != nil && b.last.ID != before.ID && found.Since.Sub(before.ResolvedAt) <= Grace {
				t.Fatalf("seed %d: another alert after %s", seed, found.Since.Sub(before.ResolvedAt))
			}
			before = b.last
		}
		if b.raised == 0 {
			t.Fatalf("seed %d: no alert at all", seed)
		}
	}
}

func TestNoiseAboveTheLimitRaisesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	b := newBench(diskSpace())
	for range 2000 {
		b.pass(15 * time.Minute)
		b.look(value(10.01 + 5*random.Float64()))
	}
	if b.raised != 0 {
		t.Errorf("%d alerts of values that never reached the limit", b.raised)
	}
}

func TestAlertWaitsForTheHold(t *testing.T) {
	b := newBench(diskSpace()) // holds for half an hour
	b.look(value(5))
	if b.last != nil {
		t.Fatal("raised at once")
	}
	b.pass(20 * time.Minute)
	b.look(value(20)) // it was a passing thing
	b.pass(20 * time.Minute)
	b.look(value(5))
	b.pass(29 * time.Minute)
	b.look(value(5))
	if b.last != nil {
		t.Fatal("raised before its time")
	}
	b.pass(time.Minute)
	b.look(value(5))
	if b.last == nil || !b.last.FirstSeenAt.Equal(b.facts.Now.Add(-30*time.Minute)) {
		t.Fatalf("not raised, or first seen at another time: %+v", b.last)
	}
}

func TestUnknownNeitherRaisesNorClears(t *testing.T) {
	b := newBench(diskSpace())
	b.look(value(5))
	for range 10 {
		b.pass(time.Hour)
		if found := b.look(unknown); found.Level != Unknown || found.Held != Warn {
			t.Fatalf("the finding lost what was known: %+v", found)
		}
	}
	if b.last != nil {
		t.Fatal("raised while nothing was known")
	}
	b.look(value(5))
	if b.last == nil {
		t.Fatal("not raised when it was known again")
	}
	b.pass(time.Hour)
	b.look(unknown)
	if b.last.State != Open {
		t.Fatal("cleared while nothing was known")
	}
	b.look(value(12))
	if b.last.State != Open || b.was[0].Level != Warn {
		t.Fatal("what was not known meanwhile made the limits forget")
	}
}

func TestSilentDeviceKeepsItsAlerts(t *testing.T) {
	b := newBench(encryptionOff())
	b.look(one(Observation{Level: Warn}))
	b.pass(2 * day)
	b.look(one(Observation{Level: Warn}))
	b.facts.Now = b.facts.Now.Add(30 * day) // and not a word since
	b.look(one(Observation{Level: OK}))
	if b.last == nil || b.last.State != Open {
		t.Fatalf("%+v", b.last)
	}
	b.facts.SeenAt = b.facts.Now
	b.look(one(Observation{Level: OK}))
	if b.last.State != Resolved || b.last.ResolvedBecause != Cleared {
		t.Fatalf("%+v", b.last)
	}
}

func TestSeverityIsNoPartOfTheKey(t *testing.T) {
	b := newBench(restartPending())
	b.look(value(8))
	first := b.last.ID
	b.pass(23 * day)
	b.look(value(31))
	if b.last.ID != first || b.last.Severity != Crit || b.raised != 1 || b.events != 2 {
		t.Fatalf("%+v after %d events", b.last, b.events)
	}
	b.pass(time.Hour)
	b.look(value(0))
	if b.last.ID != first || b.last.State != Resolved || b.last.Count != 2 {
		t.Fatalf("%+v", b.last)
	}
}

func TestAlertComesBackWithinGraceAsTheSame(t *testing.T) {
	b := newBench(restartPending())
	b.look(value(8))
	first := b.last.ID
	b.pass(time.Hour)
	b.look(value(0))
	b.pass(Grace - time.Hour)
	b.look(value(8))
	if b.last.ID != first || b.last.State != Open || b.last.Reopened != 1 || !b.last.ResolvedAt.IsZero() {
		t.Fatalf("%+v", b.last)
	}
	b.look(value(0))
	b.pass(Grace + time.Hour)
	b.look(value(8))
	if b.last.ID == first || b.last.Reopened != 0 {
		t.Fatalf("what came back much later is the same: %+v", b.last)
	}
}

func TestSubjectThatIsGoneResolvesItsAlert(t *testing.T) {
	check := Active{Check: diskSpace(), Enabled: true}
	check.Observe = func(*Facts) Observations { return Observations{} }
	made := judge([]Active{check}, &Facts{Now: noon, SeenAt: noon}, []Finding{{Check: "disk_space", Subject: "D:", Level: Warn, Held: Warn}})
	if len(made.gone) != 1 || len(made.findings) != 0 {
		t.Fatalf("%+v", made)
	}
	c := condition{gone: Gone}
	next := c.follow(&Alert{State: Open}, noon)
	if next.alert.State != Resolved || next.alert.ResolvedBecause != Gone || next.action != ClearedAway {
		t.Errorf("%+v", next)
	}
	if next := c.follow(nil, noon); next.alert != nil || next.action != "" {
		t.Errorf("an alert out of nothing: %+v", next)
	}
}

func TestEveryCheckIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, check := range Checks() {
		if check.ID == "" || seen[check.ID] || len(check.Reads) == 0 {
			t.Errorf("%+v", check)
		}
		seen[check.ID] = true
		if wrong := check.Limits.check(check.Limits); wrong != nil {
			t.Errorf("%s comes with limits that it would refuse: %v", check.ID, wrong)
		}
		if (check.Unit != "") != (check.Limits.Warn != nil || check.Limits.Crit != nil) {
			t.Errorf("%s has a unit without limits, or limits without a unit", check.ID)
		}
		for _, section := range check.Reads {
			known := section == "asset" || section == "contact" || section == "history" || section == "position"
			for _, w := range watched() {
				known = known || w == section
			}
			if !known {
				t.Errorf("%s reads %s, which nobody loads", check.ID, section)
			}
		}
		if check.Observe == nil {
			continue
		}
		if seen := check.Observe(&Facts{Now: noon, SeenAt: noon, Listening: true}); len(seen.Each) > 0 && seen.Each[0].Level.Bad() {
			t.Errorf("%s finds fault with a device of which nothing is known", check.ID)
		}
	}
}

func TestSectionThatWasDeniedIsNotKnown(t *testing.T) {
	f := &Facts{Sections: map[string]Part{"memory": {Outcome: report.Denied, Facts: []byte(`{"total_bytes": 1}`)}}}
	if _, known := sectionOf[report.Memory](f, "memory"); known {
		t.Error("known all the same")
	}
	f.Sections["memory"] = Part{Outcome: report.Absent}
	if _, known := sectionOf[report.Memory](f, "memory"); !known {
		t.Error("a machine without the thing is not known to be without it")
	}
}
