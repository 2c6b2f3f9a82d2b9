package person

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Service has the use cases of people.
type Service struct{ db *store.DB }

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db} }

// Wish is what a person is to be.
type Wish struct {
	Name     string
	Email    string
	Login    string
	UnitID   identity.UnitID
	Language string
	UserID   identity.UserID
	Active   bool
}

// Wish gives the person as they are, to change some of it.
func (p Person) Wish() Wish {
	return Wish{
		Name: p.Name, Email: p.Email, Login: p.Login, UnitID: p.UnitID, Language: p.Language,
		UserID: p.UserID, Active: p.Active,
	}
}

const (
	nameLimit  = 200 // characters
	loginLimit = 200
)

// tidied checks the wish. Fault: Invalid.
func (w Wish) tidied() (Wish, error) {
	var fields check.Fields
	w.Name = fields.Name("name", w.Name, nameLimit)
	w.Email = fields.Email("email", w.Email)
	w.Login = lower(fields.Text("login", w.Login, loginLimit))
	w.Language = fields.Choice("language", w.Language, "en", "fr")
	if w.UnitID.IsZero() {
		fields.Add("unit_id", "fault.field.required", nil)
	}
	return w, fields.Err()
}

// Create adds a person. Faults: Invalid; Denied; Missing unit; Conflict when
// the address or the login is another person's.
func (s *Service) Create(ctx context.Context, wish Wish) (made Person, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = Add(ctx, tx, wish)
		return err
	})
	return made, err
}

// Change makes a person as wished. Faults as those of Create, and Missing.
func (s *Service) Change(ctx context.Context, of ID, wish Wish) (Person, error) {
	return s.Alter(ctx, of, func(Wish) (Wish, error) { return wish, nil })
}

// Alter is Change of some of what is kept at that moment, so that two who
// change different things at once both do. Faults as those of Change, and of
// alter.
func (s *Service) Alter(ctx context.Context, of ID, alter func(Wish) (Wish, error)) (changed Person, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if tx.Dialect() == store.Postgres {
			if err := tx.Exec("SELECT id FROM people WHERE id = ? FOR UPDATE", of).Error; err != nil {
				return fmt.Errorf("lock person %s: %w", of, err)
			}
		}
		before, err := manageable(ctx, tx, of)
		if err != nil {
			return err
		}
		wish, err := alter(before.Wish())
		if err != nil {
			return err
		}
		changed, err = Edit(ctx, tx, before, wish)
		return err
	})
	return changed, err
}

// Get gives one person. Faults: Missing, Denied.
func (s *Service) Get(ctx context.Context, of ID) (Person, error) {
	reach, err := identity.Reach(ctx, identity.PeopleRead)
	if err != nil {
		return Person{}, err
	}
	return find(s.db.Read(ctx), "p.id = ?", of, reach)
}

// OfUser gives the person that a user is: the one linked to them, or else the
// one with the same login. It is for the user themselves and needs no
// permission. Fault: Missing.
func (s *Service) OfUser(ctx context.Context, user identity.UserID) (Person, error) {
	everywhere := identity.Scope{All: true}
	found, err := find(s.db.Read(ctx), "p.user_id = ?", user, everywhere)
	if fault.Is(err, fault.Missing) {
		return find(s.db.Read(ctx), "p.user_id IS NULL AND p.login = (SELECT login FROM users WHERE id = ?)", user, everywhere)
	}
	return found, err
}

// Add is Create within a transaction.
func Add(ctx context.Context, tx *store.Tx, wish Wish) (Person, error) {
	wish, err := wish.tidied()
	if err != nil {
		return Person{}, err
	}
	if err := identity.AllowIn(ctx, identity.PeopleManage, wish.UnitID); err != nil {
		return Person{}, err
	}
	made := Person{ID: id.New[Mark]()}
	if err := insert(tx, made.ID, wish); err != nil {
		return Person{}, err
	}
	if made, err = stored(tx, made.ID); err != nil {
		return Person{}, err
	}
	return made, audit.Record(ctx, tx, "person.created", object(made), nil, fields(made))
}

// Edit is Change within a transaction, for a person just read.
func Edit(ctx context.Context, tx *store.Tx, before Person, wish Wish) (Person, error) {
	wish, err := wish.tidied()
	if err != nil {
		return Person{}, err
	}
	for _, unit := range []identity.UnitID{before.UnitID, wish.UnitID} {
		if err := identity.AllowIn(ctx, identity.PeopleManage, unit); err != nil {
			return Person{}, err
		}
	}
	if wish == before.Wish() {
		return before, nil
	}
	if err := update(tx, before.ID, wish); err != nil {
		return Person{}, err
	}
	after, err := stored(tx, before.ID)
	if err != nil {
		return Person{}, err
	}
	was, is := audit.Differing(fields(before), fields(after))
	return after, audit.Record(ctx, tx, "person.changed", object(after), was, is)
}

// Named finds the one person that a text names: by login, by address, or by
// the whole name. Faults: Missing, and Conflict when several have that name.
func Named(tx *store.Tx, text string) (Person, error) {
	return named(tx.DB, text, identity.Scope{All: true})
}

func named(db *gorm.DB, text string, reach identity.Scope) (Person, error) {
	for _, column := range []string{"p.login = ?", "p.email = ?"} {
		found, err := find(db, column, lower(text), reach)
		if !fault.Is(err, fault.Missing) {
			return found, err
		}
	}
	return find(db, "p.name = ?", strings.Join(strings.Fields(text), " "), reach)
}

// manageable reads a person that the actor may change; one whom they may not
// even see does not exist.
func manageable(ctx context.Context, tx *store.Tx, of ID) (Person, error) {
	reach, err := identity.Reach(ctx, identity.PeopleManage)
	if err != nil {
		return Person{}, err
	}
	return find(tx.DB, "p.id = ?", of, reach)
}

func object(p Person) audit.Object { return audit.Object{Kind: "person", ID: p.ID.String()} }

func fields(p Person) audit.Fields {
	return audit.Fields{
		"name": p.Name, "email": p.Email, "login": p.Login, "unit": p.Unit, "unit_id": p.UnitID.String(),
		"language": p.Language, "user_id": p.UserID.String(), "active": p.Active,
	}
}
