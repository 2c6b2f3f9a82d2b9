package device

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"holdfast/shared/report"
)

// sections are the sections of one report, after merging, by name.
type sections map[string]report.Section

// seenEvery is how old a component's last_seen_at may become while it is
// there: writing it anew with every report would be most of the work.
const seenEvery = 12 * time.Hour

// take works out what a report changes, adds it to the writes and tells of it.
func (s *state) take(in *Incoming, w *writes) Event {
	event := Event{Device: s.key, First: !s.reported}
	first := event.First
	if first {
		w.changes = append(w.changes, change{device: s.key, action: FirstSeen})
	}
	if s.private {
		s.forgetUser(w)
	}
	merged := make(sections, len(in.Parts))
	for i := range in.Parts {
		part := &in.Parts[i]
		if s.private && part.Name == UserSection {
			continue
		}
		if s.hashes[part.Name] != part.Hash {
			event.Sections = append(event.Sections, part.Name)
		}
		s.takeSection(part, merged, w)
	}
	for i := range in.Parts { // in the order of the report, so that it is the same every time
		section, found := merged[in.Parts[i].Name]
		if found && section != nil && in.Parts[i].Outcome != report.Absent {
			s.summary.learn(section, merged)
			s.takeKeys(section, w)
		}
	}
	s.takeNotes(in, w)
	if in.HasList {
		moves := s.takeSoftware(in, first, w)
		event.Added, event.Removed = moves.added, moves.removed
	}
	s.reported = true
	w.finish(s, in)
	return event
}

func (s *state) takeSection(in *Part, merged sections, w *writes) {
	old, had := s.sections[in.Name]
	// A section that is denied every time is read in the same way every time,
	// so that its lists can be compared like complete ones.
	complete := in.Outcome == report.OK || in.Outcome == report.Absent || in.Outcome == report.Denied && old.outcome == report.Denied
	facts, section := in.Facts, in.Section
	switch {
	case in.Outcome == report.Absent:
		facts = []byte("{}")
		section, _, _ = report.Read(in.Name, facts)
	case had:
		if together := merge(in.Name, old.facts, []byte(facts), complete); !bytes.Equal(together, facts) {
			facts = []byte(together)
			if section != nil {
				section, _, _ = report.Read(in.Name, facts)
			}
		}
	}
	w.sections = append(w.sections, newSection{device: s.key, part: *in, facts: string(facts)})
	s.hashes[in.Name] = in.Hash
	merged[in.Name] = section
	if section == nil {
		return
	}
	after := things(section)
	if had {
		before, _, _ := report.Read(in.Name, old.facts)
		if before != nil {
			for _, one := range compareThings(in.Name, things(before), after) {
				one.device = s.key
				w.changes = append(w.changes, one)
			}
		}
	}
	s.takeParts(in.Name, after, complete, w)
}

// takeParts compares the parts that a section lists with those on record.
func (s *state) takeParts(section string, after []thing, complete bool, w *writes) {
	listed := map[partKey]bool{}
	for i := range after {
		found := after[i].part
		if found == nil || found.ident == "" {
			continue
		}
		at := partKey{found.kind, found.ident}
		listed[at] = true
		row, known := s.parts[at]
		if !known {
			row.firstSeen = w.now
		}
		fresh := known && row.removed == nil && w.now.Sub(row.lastSeen) < seenEvery
		filled := row.part.fill(found)
		if fresh && filled.equal(&row.part) {
			continue
		}
		row.device, row.part, row.lastSeen, row.removed = s.key, filled, w.now, nil
		w.parts = append(w.parts, row)
	}
	if !complete {
		return
	}
	for at, row := range s.parts {
		if row.removed == nil && !listed[at] && isPartOf(at.kind, section) {
			row.removed = &w.now
			w.parts = append(w.parts, row)
		}
	}
}

func isPartOf(kind, section string) bool {
	for path, rule := range lists {
		if rule.part == kind && strings.HasPrefix(path, section+".") {
			return true
		}
	}
	return false
}

// fill gives what is found, and what was known where that says nothing.
func (p part) fill(found *part) part {
	filled := *found
	if filled.maker == nil {
		filled.maker = p.maker
	}
	if filled.model == nil {
		filled.model = p.model
	}
	if filled.serial == nil {
		filled.serial = p.serial
	}
	if filled.size == nil {
		filled.size = p.size
	}
	return filled
}

func (p part) equal(other *part) bool {
	return equal(p.maker, other.maker) && equal(p.model, other.model) && equal(p.serial, other.serial) && equal(p.size, other.size)
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// takeKeys replaces the keys of each kind that the section speaks of. A kind
// of which it has none stays as it was.
func (s *state) takeKeys(section report.Section, w *writes) {
	found := keysOf(section)
	kinds := map[string]bool{}
	wanted := make(map[key]bool, len(found))
	for _, one := range found {
		kinds[one.kind] = true
		if !wanted[one] && !s.keys[one] {
			w.keys = append(w.keys, deviceKey{s.key, one})
		}
		wanted[one] = true
	}
	for one := range s.keys {
		if kinds[one.kind] && !wanted[one] {
			w.keysGone = append(w.keysGone, deviceKey{s.key, one})
			delete(s.keys, one)
		}
	}
	for one := range wanted {
		s.keys[one] = true
	}
}

// takeNotes keeps the notes of the sections that were reported, and ends
// those that the report no longer calls for.
func (s *state) takeNotes(in *Incoming, w *writes) {
	stored := map[string]bool{}
	for i := range in.Parts {
		stored[in.Parts[i].Name] = !s.private || in.Parts[i].Name != UserSection
	}
	kept := map[noteKey]bool{}
	for _, note := range in.Notes {
		at := noteKey{note.Section, note.Path}
		if stored[note.Section] && !kept[at] {
			kept[at] = true
			w.notes = append(w.notes, deviceNote{s.key, note})
		}
	}
	for at := range s.notes {
		if _, reported := stored[at.section]; reported && !kept[at] {
			w.notesGone = append(w.notesGone, deviceNote{s.key, report.Note{Section: at.section, Path: at.path}})
		}
	}
}

// takeSoftware compares the releases of a report with those on record. A list
// that is not complete ends nothing.
func (s *state) takeSoftware(in *Incoming, first bool, w *writes) softwareMoves {
	moves := softwareMoves{device: s.key}
	at := slices.IndexFunc(in.Parts, func(p Part) bool { return p.Name == SoftwareSection })
	if at < 0 {
		return moves
	}
	old := s.sections[SoftwareSection]
	outcome := in.Parts[at].Outcome
	complete := outcome == report.OK || outcome == report.Absent || outcome == report.Denied && old.outcome == report.Denied
	listed := make(map[int32]bool, len(in.Software))
	for _, one := range in.Software {
		was, known := s.installed[one.Release]
		switch {
		case listed[one.Release]:
			continue
		case !known:
			w.installed = append(w.installed, installation{s.key, one.Release, w.now, one.On})
			moves.added = append(moves.added, one.Release)
		case one.On != nil && !equal(one.On, was.on):
			w.redated = append(w.redated, installation{s.key, one.Release, was.since, one.On})
		}
		listed[one.Release] = true
	}
	if complete {
		for release, was := range s.installed {
			if !listed[release] {
				w.ended = append(w.ended, installation{s.key, release, was.since, was.on})
				moves.removed = append(moves.removed, release)
			}
		}
	}
	if len(moves.added) == 0 && len(moves.removed) == 0 {
		return moves
	}
	_, had := s.sections[SoftwareSection]
	switch {
	case first:
	case !had && len(s.installed) == 0:
		w.changes = append(w.changes, change{device: s.key, section: SoftwareSection, action: FirstSeen})
	default:
		w.software = append(w.software, moves)
	}
	return moves
}

// forgetUser removes what is known of who uses the device.
func (s *state) forgetUser(w *writes) {
	had := s.hashes[UserSection] != "" || s.summary.lastUser != nil
	for one := range s.keys {
		if one.kind == KeyUser {
			had = true
			delete(s.keys, one)
		}
	}
	delete(s.hashes, UserSection)
	s.summary.lastUser = nil
	if had {
		w.forget = append(w.forget, s.key)
	}
}
