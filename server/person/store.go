package person

import (
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
)

const selected = `p.id, p.name, p.email, p.login, p.unit_id, u.name, p.language, p.user_id, p.active,
	(SELECT COUNT(*) FROM assets a WHERE a.custodian_id = p.id AND a.status <> 'disposed'), p.created_at, p.updated_at`

const joinUnit = "JOIN units u ON u.id = p.unit_id"

// scan gives the places of selected.
func (p *Person) scan() []any {
	return []any{
		&p.ID, &p.Name, list.Blank(&p.Email), list.Blank(&p.Login), &p.UnitID, &p.Unit, list.Blank(&p.Language), &p.UserID,
		&p.Active, &p.Assets, &p.CreatedAt, &p.UpdatedAt,
	}
}

// within keeps to the people, as p, of a part of the organisation.
func within(scope identity.Scope) list.Clause { return list.Within("p.unit_id", scope) }

// find reads the one person of a condition. Faults: Missing, and Conflict when
// several fit.
func find(db *gorm.DB, condition string, value any, reach identity.Scope) (Person, error) {
	where := list.All(list.Where(condition, value), within(reach))
	found, err := read(db, where, 2)
	switch {
	case err != nil:
		return Person{}, err
	case len(found) == 0:
		return Person{}, fault.NewMissing("person")
	case len(found) > 1:
		return Person{}, fault.NewConflict("fault.person.several", fault.Args{"Name": found[0].Name})
	}
	return found[0], nil
}

func read(db *gorm.DB, where list.Clause, limit int) (found []Person, err error) {
	rows, err := db.Raw("SELECT "+selected+" FROM people p "+joinUnit+" WHERE "+where.SQL+
		fmt.Sprintf(" ORDER BY p.name, p.id LIMIT %d", limit), where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Person
		if err := rows.Scan(one.scan()...); err != nil {
			return nil, fmt.Errorf("read people: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// stored reads a person that was just written.
func stored(tx *store.Tx, of ID) (Person, error) {
	return find(tx.DB, "p.id = ?", of, identity.Scope{All: true})
}

func insert(tx *store.Tx, as ID, w Wish) error {
	if err := free(tx, as, w); err != nil {
		return err
	}
	err := tx.Exec(`INSERT INTO people (id, name, email, login, unit_id, language, user_id, active, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		as, w.Name, store.Null(w.Email), store.Null(w.Login), w.UnitID, store.Null(w.Language), w.UserID, w.Active, tx.Now, tx.Now).Error
	return failure("add person", err)
}

func update(tx *store.Tx, of ID, w Wish) error {
	if err := free(tx, of, w); err != nil {
		return err
	}
	err := tx.Exec(`UPDATE people SET name = ?, email = ?, login = ?, unit_id = ?, language = ?, user_id = ?, active = ?,
		updated_at = ? WHERE id = ?`,
		w.Name, store.Null(w.Email), store.Null(w.Login), w.UnitID, store.Null(w.Language), w.UserID, w.Active, tx.Now, of).Error
	return failure("change person", err)
}

// free checks that the address and the login are nobody else's, so that the
// answer can say which is; the unique indexes have the last word.
func free(tx *store.Tx, of ID, w Wish) error {
	for _, unique := range []struct{ column, value, key string }{
		{"email", w.Email, "fault.person.email_taken"},
		{"login", w.Login, "fault.person.login_taken"},
	} {
		var others int
		err := tx.Raw("SELECT COUNT(*) FROM people WHERE "+unique.column+" = ? AND id <> ?", unique.value, of).Scan(&others).Error
		if err != nil {
			return fmt.Errorf("look for people with the same %s: %w", unique.column, err)
		}
		if others > 0 {
			return fault.NewConflict(unique.key, fault.Args{"Value": unique.value})
		}
	}
	return nil
}

func failure(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case store.Duplicate(err):
		return errors.Join(fault.NewConflict("fault.person.taken", nil), err)
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return errors.Join(fault.NewMissing("unit"), err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func lower(text string) string { return strings.ToLower(strings.TrimSpace(text)) }
