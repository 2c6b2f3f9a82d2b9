package unit

import (
	"context"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// The use cases of this file run inside the transaction of another, such as an
// import that adds many units at once.

// All gives every unit, each parent before its children and siblings by name.
// It asks for no permission: the caller narrows what it shows.
func All(tx *store.Tx) ([]Unit, error) { return list(tx.DB) }

// Add is Service.Create within a transaction.
func Add(ctx context.Context, tx *store.Tx, parent ID, name string) (Unit, error) {
	if err := identity.AllowIn(ctx, identity.UnitsManage, parent); err != nil {
		return Unit{}, err
	}
	name, err := title(name)
	if err != nil {
		return Unit{}, err
	}
	above, err := find(tx, parent)
	if err != nil {
		return Unit{}, err
	}
	if above.Depth()+1 > depthMost {
		return Unit{}, fault.NewConflict("fault.unit.too_deep", fault.Args{"Limit": depthMost})
	}
	made := Unit{ID: id.New[identity.Unit](), ParentID: parent, Name: name, CreatedAt: tx.Now}
	made.Path = above.Path + made.ID.String() + "/"
	if err := tx.Create(&made).Error; err != nil {
		return Unit{}, nameTaken(name, err)
	}
	return made, audit.Record(ctx, tx, "unit.created", object(made), nil, fields(made))
}

// SetUsersPrivate is Service.SetUsersPrivate within a transaction.
func SetUsersPrivate(ctx context.Context, tx *store.Tx, unit ID, private bool) error {
	if err := identity.AllowIn(ctx, identity.UnitsManage, unit); err != nil {
		return err
	}
	return alter(ctx, tx, unit, "unit.changed", func(u *Unit) { u.UsersPrivate = private })
}
