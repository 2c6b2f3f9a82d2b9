package entitlement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// AssignmentMark marks the identifiers of assignments.
type AssignmentMark struct{}

// AssignmentID identifies an assignment.
type AssignmentID = id.Of[AssignmentMark]

// Assignment is a right given to a named user.
type Assignment struct {
	ID        AssignmentID
	ProductID ProductID
	PersonID  person.ID
	Person    string // name; empty for readers who may not know
	UnitID    identity.UnitID
	Unit      string
	StartsOn  time.Time
	EndsOn    time.Time
	CreatedAt time.Time
	CreatedBy string
}

const selectedAssignment = `SELECT g.id, g.product_id, g.person_id, n.name, n.unit_id, u.name, g.starts_on, g.ends_on, g.created_at, g.created_by
	FROM assignments g JOIN people n ON n.id = g.person_id JOIN units u ON u.id = n.unit_id WHERE g.removed_at IS NULL AND `

func readAssignments(db *gorm.DB, where list.Clause) (found []Assignment, err error) {
	rows, err := db.Raw(selectedAssignment+where.SQL+" ORDER BY n.name, g.id LIMIT 5000", where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read assignments: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var g Assignment
		err := rows.Scan(&g.ID, &g.ProductID, &g.PersonID, &g.Person, &g.UnitID, &g.Unit, list.Day(&g.StartsOn), list.Day(&g.EndsOn), &g.CreatedAt, &g.CreatedBy)
		if err != nil {
			return nil, fmt.Errorf("read assignments: %w", err)
		}
		found = append(found, g)
	}
	return found, rows.Err()
}

// Assignments gives who is assigned a right of a product, by name; people of
// elsewhere are not named. Fault: Denied.
func (s *Service) Assignments(ctx context.Context, product ProductID) ([]Assignment, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	found, err := readAssignments(s.db.Read(ctx), list.Where("g.product_id = ?", product))
	for i := range found {
		if identity.AllowIn(ctx, identity.PeopleRead, found[i].UnitID) != nil {
			found[i].Person, found[i].PersonID = "", person.ID{}
		}
	}
	return found, err
}

// Assign gives a person a right of a product from a day on; a zero day is
// always. Who has one already keeps it. Faults: Invalid, Denied.
func (s *Service) Assign(ctx context.Context, product ProductID, to person.ID, from time.Time) (made Assignment, err error) {
	var fields check.Fields
	from = dayOf(from)
	checkDay(&fields, "starts_on", from)
	if to.IsZero() {
		fields.Add("person_id", "fault.field.required", nil)
	}
	if err := fields.Err(); err != nil {
		return Assignment{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := checkReferences(tx, productThere(product)); err != nil {
			return err
		}
		if err := mayMeet(ctx, tx, to); err != nil {
			return err
		}
		if err := hold(tx, "people", to); err != nil { // so that nobody is assigned twice
			return err
		}
		has, err := readAssignments(tx.DB, list.Where("g.product_id = ? AND g.person_id = ? AND g.ends_on IS NULL", product, to))
		if err != nil {
			return err
		}
		if len(has) > 0 {
			made = has[0]
			return nil
		}
		one, actor := id.New[AssignmentMark](), identity.ActorOf(ctx).Name
		err = tx.Exec(`INSERT INTO assignments (id, product_id, person_id, starts_on, created_at, created_by, updated_at, updated_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, one, product, to, days(from), tx.Now, actor, tx.Now, actor).Error
		if err := failure("assign", to.String(), err); err != nil {
			return err
		}
		if made, err = findAssignment(tx.DB, one); err != nil {
			return err
		}
		return s.saidAssignment(ctx, tx, "assignment.created", made, nil, made.fields())
	})
	return made, err
}

func findAssignment(db *gorm.DB, of AssignmentID) (Assignment, error) {
	found, err := readAssignments(db, list.Where("g.id = ?", of))
	if err != nil {
		return Assignment{}, err
	}
	if len(found) == 0 {
		return Assignment{}, fault.NewMissing("assignment")
	}
	return found[0], nil
}

// Unassign lets an assignment end with a day; a zero day takes it back, as if
// it had never been. Faults: Missing, Denied, Invalid.
func (s *Service) Unassign(ctx context.Context, of AssignmentID, day time.Time) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := hold(tx, "assignments", of); err != nil {
			return err
		}
		before, err := findAssignment(tx.DB, of)
		if err != nil {
			return err
		}
		if err := identity.AllowIn(ctx, identity.LicencesEdit, before.UnitID); err != nil {
			return err
		}
		var fields check.Fields
		day = dayOf(day)
		if checkTerm(&fields, before.StartsOn, day); fields.Err() != nil {
			return fields.Err()
		}
		after, action := before, "assignment.ended"
		actor := identity.ActorOf(ctx).Name
		change := tx.Exec("UPDATE assignments SET ends_on = ?, updated_at = ?, updated_by = ? WHERE id = ?", days(day), tx.Now, actor, of)
		if after.EndsOn = day; day.IsZero() {
			action = "assignment.removed"
			change = tx.Exec("UPDATE assignments SET removed_at = ?, updated_at = ?, updated_by = ? WHERE id = ?", tx.Now, tx.Now, actor, of)
		}
		if change.Error != nil {
			return fmt.Errorf("end assignment %s: %w", of, change.Error)
		}
		return s.saidAssignment(ctx, tx, action, after, before.fields(), after.fields())
	})
}

func (s *Service) saidAssignment(ctx context.Context, tx *store.Tx, action string, g Assignment, before, after audit.Fields) error {
	if err := audit.Record(ctx, tx, action, audit.Object{Kind: "assignment", ID: g.ID.String()}, before, after); err != nil {
		return err
	}
	return s.tell(tx, g.ProductID)
}

func (g Assignment) fields() audit.Fields {
	return audit.Fields{
		"product_id": g.ProductID.String(), "person": g.Person, "person_id": g.PersonID.String(),
		"starts_on": dayText(g.StartsOn), "ends_on": dayText(g.EndsOn),
	}
}
