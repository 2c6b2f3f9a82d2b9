package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"holdfast/server/asset"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/unit"
)

// run is one file on its way in, inside one transaction.
type run struct {
	ctx    context.Context //nolint:containedctx // lives as long as the call
	tx     *store.Tx
	assets *asset.Service
	rights *entitlement.Service
	sheet  *sheet
	units  []unit.Unit          // each parent before its children
	labels map[unit.ID]string   // their names from below the root
	named  map[string][]unit.ID // by name and by label, in lower case
	seen   map[string]int       // lines by what they are about
}

func newRun(ctx context.Context, tx *store.Tx, s *Service, sheet *sheet) (*run, error) {
	r := &run{ctx: ctx, tx: tx, assets: s.assets, rights: s.rights, sheet: sheet, seen: map[string]int{}}
	return r, r.readUnits()
}

func (r *run) readUnits() (err error) {
	if r.units, err = unit.All(r.tx); err != nil {
		return err
	}
	r.labels, r.named = map[unit.ID]string{}, map[string][]unit.ID{}
	for _, u := range r.units {
		label := u.Name
		if above := r.labels[u.ParentID]; above != "" && u.Depth() > 1 {
			label = above + "/" + u.Name
		}
		r.labels[u.ID] = label
		r.named[strings.ToLower(label)] = append(r.named[strings.ToLower(label)], u.ID)
		if label != u.Name {
			r.named[strings.ToLower(u.Name)] = append(r.named[strings.ToLower(u.Name)], u.ID)
		}
	}
	return nil
}

// all brings in the rows, each by itself: one that is wrong takes back what it
// did and nothing else.
func (r *run) all() (Report, error) {
	report := Report{Kind: r.sheet.kind, Unknown: r.sheet.unknown, Known: r.sheet.known, Counts: map[Outcome]int{}}
	for _, line := range r.sheet.lines {
		row, err := r.one(line)
		if err != nil {
			return Report{}, fmt.Errorf("line %d: %w", line.number, err)
		}
		report.Rows = append(report.Rows, row)
		report.Counts[row.Outcome]++
	}
	return report, nil
}

func (r *run) one(line line) (Row, error) {
	if err := r.tx.Exec("SAVEPOINT import_row").Error; err != nil {
		return Row{}, err
	}
	row := Row{Line: line.number}
	result, err := r.bring(line)
	row.Name, row.Changes = result.name, differences(result.before, result.after)
	switch {
	case err != nil:
		if row.Problems = problems(line, err); len(row.Problems) == 0 {
			return Row{}, err
		}
		row.Outcome, row.Changes = Failed, nil
		if err := r.tx.Exec("ROLLBACK TO SAVEPOINT import_row").Error; err != nil {
			return Row{}, err
		}
		if r.sheet.kind == Units { // some may be gone again
			if err := r.readUnits(); err != nil {
				return Row{}, err
			}
		}
	case result.before == nil:
		row.Outcome = Created
	case len(row.Changes) > 0:
		row.Outcome = Changed
	default:
		row.Outcome = Unchanged
	}
	return row, r.tx.Exec("RELEASE SAVEPOINT import_row").Error
}

// result is what a row did to its thing, whose values stand in the order of
// the columns.
type result struct {
	name          string
	before, after []value // before is nil for a new thing
}

type value struct{ column, text string }

func (r *run) bring(line line) (result, error) {
	switch r.sheet.kind {
	case People:
		return r.person(line)
	case Places:
		return r.place(line)
	case Units:
		return r.unit(line)
	case Assets:
		return r.asset(line)
	case Rights:
		return r.entitlement(line)
	}
	return result{}, fmt.Errorf("no such kind: %q", r.sheet.kind)
}

func differences(before, after []value) []Change {
	var changes []Change
	for i, now := range after {
		was := ""
		if before != nil {
			was = before[i].text
		}
		if was != now.text {
			changes = append(changes, Change{now.column, was, now.text})
		}
	}
	return changes
}

// cellErrors gathers what is wrong with the cells of a row.
type cellErrors []Problem

// Error implements error.
func (c cellErrors) Error() string { return fmt.Sprintf("%d cells are wrong", len(c)) }

func (c *cellErrors) add(line line, column, key string, args fault.Args) {
	*c = append(*c, Problem{Column: column, Value: line.cells[column], Key: key, Args: args})
}

// err is nil when nothing is wrong.
func (c cellErrors) err() error {
	if len(c) == 0 {
		return nil
	}
	return c
}

// problems turns what went wrong into lines of the report; there are none
// when it is the server's own trouble.
func problems(line line, err error) []Problem {
	var cells cellErrors
	if errors.As(err, &cells) {
		return cells
	}
	found := fault.Of(err)
	if found == nil {
		return nil
	}
	if found.Kind != fault.Invalid {
		return []Problem{{Key: found.Key, Args: found.Args}}
	}
	var all []Problem
	for _, field := range found.Fields {
		column := strings.TrimSuffix(field.Name, "_id")
		all = append(all, Problem{Column: column, Value: line.cells[column], Key: field.Key, Args: field.Args})
	}
	return all
}

// twice says that an earlier line of the file is about the same thing, which
// the column shows.
func (r *run) twice(line line, column, of string) error {
	if first, seen := r.seen[of]; seen {
		var wrong cellErrors
		wrong.add(line, column, "fault.import.twice", fault.Args{"Line": first})
		return wrong.err()
	}
	r.seen[of] = line.number
	return nil
}

// unitNamed finds the unit that a cell names: by the names from below the
// root, or by a name that only one unit has.
func (r *run) unitNamed(line line, wrong *cellErrors) identity.UnitID {
	cell := line.cells["unit"]
	wanted := strings.ToLower(strings.Join(strings.Fields(strings.Trim(cell, "/ ")), " "))
	switch found := r.named[wanted]; len(found) {
	case 0:
		wrong.add(line, "unit", "fault.import.unit_missing", fault.Args{"Value": cell})
	case 1:
		return found[0]
	default:
		if r.labels[found[0]] == cell { // the whole of its names, and not only the last
			return found[0]
		}
		wrong.add(line, "unit", "fault.import.unit_several", fault.Args{"Value": cell, "Known": r.labels[found[1]]})
	}
	return identity.UnitID{}
}

// homeUnit is the unit of a new thing whose row names none: the one above all
// others in which the actor may add such things.
func (r *run) homeUnit(line line, wrong *cellErrors) identity.UnitID {
	reach := identity.ActorOf(r.ctx).Reach(r.sheet.kind.Needs())
	for _, u := range r.units { // parents come before their children
		if !reach.Has(u.ID) {
			continue
		}
		if slices.ContainsFunc(r.units, func(other unit.Unit) bool { return reach.Has(other.ID) && !u.Contains(other) }) {
			break
		}
		return u.ID
	}
	wrong.add(line, "unit", "fault.import.unit_needed", nil)
	return identity.UnitID{}
}

// set gives a text its new value: a blank cell leaves it alone.
func set(line line, column string, into *string) {
	cell, given := line.cells[column]
	switch {
	case !given:
	case emptied(cell):
		*into = ""
	default:
		*into = cell
	}
}
