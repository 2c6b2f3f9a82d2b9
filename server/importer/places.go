package importer

import (
	"strings"

	"holdfast/server/fault"
	"holdfast/server/place"
	"holdfast/server/unit"
)

// place brings in one row of places; the places above it that are missing
// come with it.
func (r *run) place(line line) (result, error) {
	cell := line.cells["place"]
	done := result{name: cell}
	if cell == "" {
		return done, required(line, "place")
	}
	if err := r.twice(line, "place", strings.ToLower(cell)); err != nil {
		return done, err
	}
	var wrong cellErrors
	before, err := place.Named(r.tx, cell)
	found := err == nil
	if err != nil && !fault.Is(err, fault.Missing) {
		return done, err
	}
	wish := before.Wish()
	if _, given := line.cells["unit"]; given {
		wish.UnitID = r.unitNamed(line, &wrong)
	} else if !found {
		wish.UnitID = r.homeUnit(line, &wrong)
	}
	if err := wrong.err(); err != nil {
		return done, err
	}
	var after place.Place
	if found {
		done.before = placeValues(before)
		after, err = place.Edit(r.ctx, r.tx, before, wish)
	} else {
		after, err = place.Ensure(r.ctx, r.tx, cell, wish.UnitID)
	}
	done.after = placeValues(after)
	return done, err
}

func placeValues(p place.Place) []value { return []value{{"place", p.Path}, {"unit", p.Unit}} }

func required(line line, column string) error {
	var wrong cellErrors
	wrong.add(line, column, "fault.field.required", nil)
	return wrong.err()
}

// unit brings in one row of units, named from below the root; those above it
// that are missing come with it.
func (r *run) unit(line line) (result, error) {
	cell := line.cells["unit"]
	done := result{name: cell}
	if cell == "" {
		return done, required(line, "unit")
	}
	if err := r.twice(line, "unit", strings.ToLower(cell)); err != nil {
		return done, err
	}
	if len(r.units) == 0 { // before the first start
		return done, fault.NewMissing("unit")
	}
	at, isNew := r.units[0], false // the root comes first
	names := strings.Split(strings.Trim(cell, "/ "), "/")
	if len(names) > 1 && strings.EqualFold(strings.TrimSpace(names[0]), at.Name) {
		names = names[1:]
	}
	for i, name := range names {
		name = strings.Join(strings.Fields(name), " ")
		if i == 0 && len(names) == 1 && strings.EqualFold(name, at.Name) {
			break
		}
		child, found := r.child(at, name)
		if !found {
			var err error
			if child, err = unit.Add(r.ctx, r.tx, at.ID, name); err != nil {
				return done, err
			}
			isNew = true
			r.units = append(r.units, child)
		}
		at = child
	}
	was := at.UsersPrivate
	if text, given := line.cells["users_private"]; given {
		private, ok := yes(text)
		if !ok {
			var wrong cellErrors
			wrong.add(line, "users_private", "fault.import.yes_no", nil)
			return done, wrong.err()
		}
		if err := unit.SetUsersPrivate(r.ctx, r.tx, at.ID, private); err != nil {
			return done, err
		}
		at.UsersPrivate = private
		for i := range r.units {
			if r.units[i].ID == at.ID {
				r.units[i].UsersPrivate = private
			}
		}
	}
	label := unit.Label(r.units, at)
	done.after = []value{{"unit", label}, {"users_private", yesNo(at.UsersPrivate)}}
	if !isNew {
		done.before = []value{{"unit", label}, {"users_private", yesNo(was)}}
	}
	return done, nil
}

func (r *run) child(of unit.Unit, name string) (unit.Unit, bool) {
	for _, u := range r.units {
		if u.ParentID == of.ID && strings.EqualFold(u.Name, name) {
			return u, true
		}
	}
	return unit.Unit{}, false
}
