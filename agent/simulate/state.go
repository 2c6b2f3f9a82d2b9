package simulate

import (
	"math/rand/v2"
	"slices"
	"time"

	"holdfast/shared/report"
)

// state is what changes about a machine in the course of time.
type state struct {
	software []install
	changed  map[int]report.Date // day of the last change of a title, by its number
	free     int64               // bytes free on the system volume
	address  int                 // counts new addresses
	desk     int                 // number of the desk whose monitors it stands at
	booted   time.Time
	pending  int // updates that wait
	security int // those of them that mend security
	cycles   int // of the battery
}

func (m *machine) begin() state {
	random := m.random(m.number, topicSoftware)
	s := state{
		software: m.titles.choose(random, m.family),
		changed:  map[int]report.Date{},
		desk:     m.number,
		booted:   m.epoch.Add(-time.Duration(random.IntN(20*24*60)) * time.Minute),
		pending:  random.IntN(12),
		cycles:   10 + random.IntN(600),
	}
	s.security = min(s.pending, random.IntN(4))
	s.free = m.diskBytes() / 100 * int64(8+random.IntN(70))
	return s
}

// change does one of the things that happen to a device.
func (s *state) change(m *machine, random *rand.Rand) {
	today := report.DateOf(m.epoch)
	switch what := random.IntN(100); {
	case what < 50 && len(s.software) > 0: // an upgrade
		one := &s.software[random.IntN(len(s.software))]
		last := len(m.titles[m.family][one.title].versions) - 1
		if one.version == last { // nothing newer: a roll-back
			one.version = max(0, last-1)
		} else {
			one.version = last
		}
		s.changed[one.title] = today
	case what < 63: // a new title
		fresh := install{title: random.IntN(len(m.titles[m.family]))}
		fresh.version = pickVersion(random, &m.titles[m.family][fresh.title])
		at, there := slices.BinarySearchFunc(s.software, fresh, func(a, b install) int { return a.title - b.title })
		if !there {
			s.software = slices.Insert(s.software, at, fresh)
			s.changed[fresh.title] = today
		}
	case what < 70 && len(s.software) > 1: // one removed
		at := random.IntN(len(s.software))
		s.software = slices.Delete(s.software, at, at+1)
	case what < 80: // space used up or made
		s.free = min(max(s.free+int64(random.IntN(40)-24)<<30, 1<<30), m.diskBytes())
	case what < 87:
		s.address++
	case what < 91: // moved to the desk of somebody else, monitors and all
		s.desk = random.IntN(m.number + 100)
	case what < 96:
		s.booted = s.booted.Add(time.Duration(1+random.IntN(72*60)) * time.Minute)
		s.pending, s.security = 0, 0
	default:
		s.pending += 1 + random.IntN(5)
		s.security += random.IntN(2)
		s.cycles += 10
	}
}
