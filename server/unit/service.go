package unit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Service has the use cases of the organisation tree.
type Service struct{ db *store.DB }

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db} }

// EnsureRoot gives the root of the tree, made with this name when there is
// none yet.
func (s *Service) EnsureRoot(ctx context.Context, name string) (Unit, error) {
	var root Unit
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lockTree(tx); err != nil { // several servers may start at once
			return err
		}
		var err error
		root, err = findRoot(tx)
		if err == nil || !store.Missing(err) {
			return err
		}
		root = Unit{ID: id.New[identity.Unit](), Name: name, CreatedAt: tx.Now}
		root.Path = "/" + root.ID.String() + "/"
		if err := tx.Create(&root).Error; err != nil {
			return fmt.Errorf("create root unit: %w", err)
		}
		return audit.Record(ctx, tx, "unit.created", object(root), nil, fields(root))
	})
	return root, err
}

// Root gives the root of the tree. Fault: Missing before the first start.
func (s *Service) Root(ctx context.Context) (Unit, error) {
	root, err := findRoot(&store.Tx{DB: s.db.Read(ctx)})
	if store.Missing(err) {
		return Unit{}, fault.NewMissing("unit")
	}
	return root, err
}

// Create adds a unit below parent. Faults: Missing, Invalid name, Conflict
// when the parent has a unit of this name, Denied.
func (s *Service) Create(ctx context.Context, parent ID, name string) (made Unit, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = Add(ctx, tx, parent, name)
		return err
	})
	return made, err
}

// Rename gives a unit another name. Faults as those of Create.
func (s *Service) Rename(ctx context.Context, unit ID, name string) error {
	name, err := title(name)
	if err != nil {
		return err
	}
	return s.change(ctx, unit, "unit.renamed", func(u *Unit) { u.Name = name })
}

// SetUsersPrivate says whether agents of this unit leave out who uses a
// device. Faults: Missing, Denied.
func (s *Service) SetUsersPrivate(ctx context.Context, unit ID, private bool) error {
	return s.change(ctx, unit, "unit.privacy_changed", func(u *Unit) { u.UsersPrivate = private })
}

func (s *Service) change(ctx context.Context, unit ID, action string, change func(*Unit)) error {
	if err := identity.AllowIn(ctx, identity.UnitsManage, unit); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error { return alter(ctx, tx, unit, action, change) })
}

func alter(ctx context.Context, tx *store.Tx, unit ID, action string, change func(*Unit)) error {
	before, err := find(tx, unit)
	if err != nil {
		return err
	}
	after := before
	change(&after)
	if after == before {
		return nil
	}
	if err := tx.Model(&Unit{}).Where("id = ?", unit).
		Updates(map[string]any{"name": after.Name, "users_private": after.UsersPrivate}).Error; err != nil {
		return nameTaken(after.Name, err)
	}
	return audit.Record(ctx, tx, action, object(after), fields(before), fields(after))
}

// Move puts a unit, with all below it, under another parent. Faults: Missing,
// Denied, Conflict when the parent lies below the unit itself, or has a unit
// of this name, or the tree would grow too deep.
func (s *Service) Move(ctx context.Context, unit, parent ID) error {
	for _, touched := range []ID{unit, parent} {
		if err := identity.AllowIn(ctx, identity.UnitsManage, touched); err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lockTree(tx); err != nil {
			return err
		}
		before, err := find(tx, unit)
		if err != nil {
			return err
		}
		above, err := find(tx, parent)
		if err != nil {
			return err
		}
		if before.ParentID == parent {
			return nil
		}
		if before.IsRoot() || before.Contains(above) {
			return fault.NewConflict("fault.unit.below_itself", fault.Args{"Name": before.Name})
		}
		branch, err := below(tx, before)
		if err != nil {
			return err
		}
		for _, u := range branch {
			if u.Depth()-before.Depth()+above.Depth()+1 > depthMost {
				return fault.NewConflict("fault.unit.too_deep", fault.Args{"Limit": depthMost})
			}
		}
		after := before
		after.ParentID, after.Path = parent, above.Path+unit.String()+"/"
		if err := tx.Exec("UPDATE units SET parent_id = ? WHERE id = ?", parent, unit).Error; err != nil {
			return nameTaken(before.Name, err)
		}
		for _, u := range branch {
			path := after.Path + strings.TrimPrefix(u.Path, before.Path)
			if err := tx.Exec("UPDATE units SET path = ? WHERE id = ?", path, u.ID).Error; err != nil {
				return fmt.Errorf("move unit %s: %w", unit, err)
			}
		}
		return audit.Record(ctx, tx, "unit.moved", object(after), fields(before), fields(after))
	})
}

// Remove deletes a unit that has nothing in it. Faults: Missing, Denied,
// Conflict when units, devices, roles or enrolment keys are still there.
func (s *Service) Remove(ctx context.Context, unit ID) error {
	if err := identity.AllowIn(ctx, identity.UnitsManage, unit); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		gone, err := find(tx, unit)
		if err != nil {
			return err
		}
		if gone.IsRoot() {
			return fault.NewConflict("fault.unit.root", nil)
		}
		inUse, err := used(tx, unit)
		if err != nil {
			return err
		}
		if inUse {
			return fault.NewConflict("fault.unit.in_use", fault.Args{"Name": gone.Name})
		}
		if err := tx.Exec("DELETE FROM units WHERE id = ?", unit).Error; err != nil {
			return fmt.Errorf("remove unit %s: %w", unit, err)
		}
		return audit.Record(ctx, tx, "unit.removed", object(gone), fields(gone), nil)
	})
}

// Get gives one unit that the actor may see. Fault: Missing.
func (s *Service) Get(ctx context.Context, unit ID) (Unit, error) {
	units, err := s.List(ctx)
	if err != nil {
		return Unit{}, err
	}
	for _, u := range units {
		if u.ID == unit {
			return u, nil
		}
	}
	return Unit{}, fault.NewMissing("unit")
}

// List gives the units in which the actor holds any role, each parent before
// its children and siblings by name. Fault: SignedOut.
func (s *Service) List(ctx context.Context) ([]Unit, error) {
	actor := identity.ActorOf(ctx)
	if actor.Kind == identity.Nobody {
		return nil, fault.NewSignedOut()
	}
	all, err := list(s.db.Read(ctx))
	if err != nil {
		return nil, err
	}
	if actor.Kind == identity.SystemKind {
		return all, nil
	}
	var seen []Unit
	for _, u := range all {
		for _, grant := range actor.Grants {
			if grant.Reach.Has(u.ID) {
				seen = append(seen, u)
				break
			}
		}
	}
	return seen, nil
}

// ByName finds a unit by its names from below the root, such as
// "Finance/Payroll"; the root's own name, "" and "/" are the root. Fault: Missing.
func (s *Service) ByName(ctx context.Context, path string) (Unit, error) {
	units, err := s.List(ctx)
	if err != nil {
		return Unit{}, err
	}
	wanted := strings.ToLower(strings.Trim(path, "/ "))
	for _, u := range units {
		if strings.ToLower(Label(units, u)) == wanted || u.IsRoot() && (wanted == "" || strings.ToLower(u.Name) == wanted) {
			return u, nil
		}
	}
	return Unit{}, fault.NewMissing("unit")
}

// Label names a unit by its names from below the root, "Finance/Payroll", as
// far as units holds them. The root is labelled by its own name.
func Label(units []Unit, u Unit) string { return label(byID(units), u) }

// Labels is Label for each of the units.
func Labels(units []Unit) map[ID]string {
	names, labels := byID(units), make(map[ID]string, len(units))
	for _, u := range units {
		labels[u.ID] = label(names, u)
	}
	return labels
}

func byID(units []Unit) map[ID]Unit {
	names := make(map[ID]Unit, len(units))
	for _, each := range units {
		names[each.ID] = each
	}
	return names
}

func label(names map[ID]Unit, u Unit) string {
	label := u.Name
	for {
		above, found := names[u.ParentID]
		if !found || above.IsRoot() {
			return label
		}
		label = above.Name + "/" + label
		u = above
	}
}

func object(u Unit) audit.Object { return audit.Object{Kind: "unit", ID: u.ID.String()} }

func fields(u Unit) audit.Fields {
	return audit.Fields{"name": u.Name, "parent_id": u.ParentID, "users_private": u.UsersPrivate}
}

func nameTaken(name string, err error) error {
	if store.Duplicate(err) {
		return errors.Join(fault.NewConflict("fault.unit.name_taken", fault.Args{"Name": name}), err)
	}
	return fmt.Errorf("store unit: %w", err)
}
