package importer

import (
	"holdfast/server/fault"
	"holdfast/server/person"
)

// person brings in one row of people. A person is known by login, else by
// address, else by the whole name.
func (r *run) person(line line) (result, error) {
	before, found, err := r.findPerson(line)
	if err != nil {
		return result{name: line.cells["name"]}, err
	}
	var wrong cellErrors
	wish := before.Wish()
	if !found {
		wish.Active = true
	}
	set(line, "name", &wish.Name)
	set(line, "email", &wish.Email)
	set(line, "login", &wish.Login)
	if cell, given := line.cells["language"]; given {
		wish.Language = language(cell)
		if wish.Language == "" && !emptied(cell) {
			wrong.add(line, "language", "fault.import.language", nil)
		}
	}
	if cell, given := line.cells["active"]; given {
		truth, ok := yes(cell)
		if wish.Active = truth; !ok {
			wrong.add(line, "active", "fault.import.yes_no", nil)
		}
	}
	if _, given := line.cells["unit"]; given {
		wish.UnitID = r.unitNamed(line, &wrong)
	} else if !found {
		wish.UnitID = r.homeUnit(line, &wrong)
	}
	done := result{name: wish.Name}
	if err := wrong.err(); err != nil {
		return done, err
	}
	var after person.Person
	if found {
		done.before = personValues(before)
		after, err = person.Edit(r.ctx, r.tx, before, wish)
	} else {
		after, err = person.Add(r.ctx, r.tx, wish)
		r.seen[after.ID.String()] = line.number
	}
	done.after = personValues(after)
	return done, err
}

func (r *run) findPerson(line line) (person.Person, bool, error) {
	for _, column := range []string{"login", "email", "name"} {
		cell, given := line.cells[column]
		if !given || emptied(cell) {
			continue
		}
		if column == "name" && (line.cells["login"] != "" || line.cells["email"] != "") {
			break // somebody else may have the same name
		}
		found, err := person.Named(r.tx, cell)
		if fault.Is(err, fault.Missing) {
			continue
		}
		if err != nil {
			return person.Person{}, false, err
		}
		return found, true, r.twice(line, column, found.ID.String())
	}
	return person.Person{}, false, nil
}

func personValues(p person.Person) []value {
	return []value{
		{"name", p.Name}, {"email", p.Email}, {"login", p.Login}, {"unit", p.Unit}, {"language", p.Language}, {"active", yesNo(p.Active)},
	}
}

func yesNo(truth bool) string {
	if truth {
		return "yes"
	}
	return "no"
}

func language(cell string) string {
	switch plain(cell) {
	case "en", "english", "anglais", "enca", "engb", "enus":
		return "en"
	case "fr", "french", "francais", "frca", "frfr":
		return "fr"
	}
	return ""
}
