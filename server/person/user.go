package person

import (
	"context"
	"fmt"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// ForUser gives the person that a user is, within the transaction of something
// that the user does for themselves, and therefore needs no permission. One
// with the same login is linked to the user; when there is none, one is added
// with what is known about the user, in the unit of their first grant. Fault:
// Missing when there is no such user or they have no grant.
func ForUser(ctx context.Context, tx *store.Tx, user identity.UserID) (Person, error) {
	everywhere := identity.Scope{All: true}
	found, err := find(tx.DB, "p.user_id = ?", user, everywhere)
	if !fault.Is(err, fault.Missing) {
		return found, err
	}
	found, err = find(tx.DB, "p.user_id IS NULL AND p.login = (SELECT login FROM users WHERE id = ?)", user, everywhere)
	switch {
	case err == nil:
		return linked(ctx, tx, found, user)
	case !fault.Is(err, fault.Missing):
		return Person{}, err
	}
	var known struct {
		Name, Login     string
		Email, Language *string
		UnitID          identity.UnitID
	}
	err = tx.Raw(`SELECT u.name, u.login, u.email, u.language, g.unit_id FROM users u JOIN grants g ON g.holder_id = u.id
		WHERE u.id = ? ORDER BY g.created_at, g.unit_id LIMIT 1`, user).
		Row().Scan(&known.Name, &known.Login, &known.Email, &known.Language, &known.UnitID)
	if store.Missing(err) {
		return Person{}, fault.NewMissing("person")
	}
	if err != nil {
		return Person{}, fmt.Errorf("read user %s: %w", user, err)
	}
	wish := Wish{Name: known.Name, Login: lower(known.Login), UnitID: known.UnitID, UserID: user, Active: true}
	if known.Language != nil {
		wish.Language = *known.Language
	}
	if known.Email != nil {
		wish.Email = lower(*known.Email)
	}
	made := id.New[Mark]()
	err = insert(tx, made, wish)
	if fault.Is(err, fault.Conflict) && wish.Email != "" { // somebody else has that address
		wish.Email = ""
		err = insert(tx, made, wish)
	}
	if err != nil {
		return Person{}, err
	}
	after, err := stored(tx, made)
	if err != nil {
		return Person{}, err
	}
	return after, audit.Record(ctx, tx, "person.created", object(after), nil, fields(after))
}

func linked(ctx context.Context, tx *store.Tx, before Person, user identity.UserID) (Person, error) {
	if err := tx.Exec("UPDATE people SET user_id = ?, updated_at = ? WHERE id = ?", user, tx.Now, before.ID).Error; err != nil {
		return Person{}, fmt.Errorf("link person %s to their user: %w", before.ID, err)
	}
	after, err := stored(tx, before.ID)
	if err != nil {
		return Person{}, err
	}
	was, is := audit.Differing(fields(before), fields(after))
	return after, audit.Record(ctx, tx, "person.changed", object(after), was, is)
}
