package place

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Service has the use cases of places.
type Service struct{ db *store.DB }

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db} }

// Wish is what a place is to be.
type Wish struct {
	ParentID ID // none for a site
	Name     string
	UnitID   identity.UnitID
}

// Wish gives the place as it is, to change some of it.
func (p Place) Wish() Wish { return Wish{ParentID: p.ParentID, Name: p.Name, UnitID: p.UnitID} }

const (
	nameLimit = 100 // characters
	depthMost = 8   // places above one another
)

// tidied checks the wish. Fault: Invalid.
func (w Wish) tidied() (Wish, error) {
	var fields check.Fields
	w.Name = fields.Name("name", w.Name, nameLimit)
	if strings.Contains(w.Name, "/") {
		fields.Add("name", "fault.field.slash", nil)
	}
	if w.UnitID.IsZero() {
		fields.Add("unit_id", "fault.field.required", nil)
	}
	return w, fields.Err()
}

// Create adds a place. Faults: Invalid, Denied, Missing, Conflict when there
// is such a place already or the tree would grow too deep.
func (s *Service) Create(ctx context.Context, wish Wish) (made Place, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = Add(ctx, tx, wish)
		return err
	})
	return made, err
}

// Change makes a place as wished; what lies in it goes with it. Faults as
// those of Create, and Conflict when it would come to lie in itself.
func (s *Service) Change(ctx context.Context, of ID, wish Wish) (Place, error) {
	return s.Alter(ctx, of, func(Wish) (Wish, error) { return wish, nil })
}

// Alter is Change of some of what is kept at that moment, so that two who
// change different things at once both do. Faults as those of Change, and of
// alter.
func (s *Service) Alter(ctx context.Context, of ID, alter func(Wish) (Wish, error)) (changed Place, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lockTree(tx); err != nil {
			return err
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

// Remove deletes a place in which nothing is. Faults: Missing, Denied,
// Conflict when places or assets are still there.
func (s *Service) Remove(ctx context.Context, of ID) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		gone, err := manageable(ctx, tx, of)
		if err != nil {
			return err
		}
		var used int
		err = tx.Raw("SELECT (SELECT COUNT(*) FROM places WHERE parent_id = ?) + (SELECT COUNT(*) FROM assets WHERE place_id = ?)", of, of).Scan(&used).Error
		if err != nil {
			return fmt.Errorf("count what is in place %s: %w", of, err)
		}
		if used > 0 {
			return fault.NewConflict("fault.place.in_use", fault.Args{"Name": gone.Path})
		}
		if err := tx.Exec("DELETE FROM places WHERE id = ?", of).Error; err != nil {
			return fmt.Errorf("remove place %s: %w", of, err)
		}
		return audit.Record(ctx, tx, "place.removed", object(gone), fields(gone), nil)
	})
}

// Get gives one place. Faults: Missing, Denied.
func (s *Service) Get(ctx context.Context, of ID) (Place, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return Place{}, err
	}
	return find(s.db.Read(ctx), "p.id = ?", of, reach)
}

// All gives the places, each before those in it and neighbours by name.
// Fault: Denied.
func (s *Service) All(ctx context.Context) ([]Place, error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return nil, err
	}
	all, err := read(s.db.Read(ctx), list.All(list.Where("1 = 1"), within(reach)))
	slices.SortFunc(all, func(a, b Place) int { return slices.CompareFunc(names(a), names(b), byName) })
	return all, err
}

func names(p Place) []string { return strings.Split(p.Path, "/") }

func byName(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }

// Add is Create within a transaction.
func Add(ctx context.Context, tx *store.Tx, wish Wish) (Place, error) {
	wish, err := wish.tidied()
	if err != nil {
		return Place{}, err
	}
	if err := identity.AllowIn(ctx, identity.PlacesManage, wish.UnitID); err != nil {
		return Place{}, err
	}
	path, err := pathOf(ctx, tx, wish)
	if err != nil {
		return Place{}, err
	}
	made := Place{ID: id.New[Mark]()}
	err = tx.Exec("INSERT INTO places (id, parent_id, name, path, unit_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		made.ID, wish.ParentID, wish.Name, path, wish.UnitID, tx.Now).Error
	if err != nil {
		return Place{}, failure("add place", path, err)
	}
	if made, err = stored(tx, made.ID); err != nil {
		return Place{}, err
	}
	return made, audit.Record(ctx, tx, "place.created", object(made), nil, fields(made))
}

// Edit is Change within a transaction, for a place just read.
func Edit(ctx context.Context, tx *store.Tx, before Place, wish Wish) (Place, error) {
	wish, err := wish.tidied()
	if err != nil {
		return Place{}, err
	}
	for _, unit := range []identity.UnitID{before.UnitID, wish.UnitID} {
		if err := identity.AllowIn(ctx, identity.PlacesManage, unit); err != nil {
			return Place{}, err
		}
	}
	if wish == before.Wish() {
		return before, nil
	}
	if err := lockTree(tx); err != nil {
		return Place{}, err
	}
	path, err := pathOf(ctx, tx, wish)
	if err != nil {
		return Place{}, err
	}
	if strings.HasPrefix(path+"/", before.Path+"/") && wish.ParentID != before.ParentID {
		return Place{}, fault.NewConflict("fault.place.below_itself", fault.Args{"Name": before.Path})
	}
	err = tx.Exec("UPDATE places SET parent_id = ?, name = ?, unit_id = ? WHERE id = ?", wish.ParentID, wish.Name, wish.UnitID, before.ID).Error
	if err != nil {
		return Place{}, failure("change place", path, err)
	}
	if path != before.Path {
		if err := rename(tx, before.Path, path); err != nil {
			return Place{}, err
		}
	}
	after, err := stored(tx, before.ID)
	if err != nil {
		return Place{}, err
	}
	return after, audit.Record(ctx, tx, "place.changed", object(after), fields(before), fields(after))
}

// Ensure gives the place with these names from the top down, adding what is
// missing of it in a unit. Faults as those of Create.
func Ensure(ctx context.Context, tx *store.Tx, path string, unit identity.UnitID) (Place, error) {
	var at Place
	for _, name := range split(path) {
		found, err := Named(tx, join(at.Path, name))
		if fault.Is(err, fault.Missing) {
			found, err = Add(ctx, tx, Wish{ParentID: at.ID, Name: name, UnitID: unit})
		}
		if err != nil {
			return Place{}, err
		}
		at = found
	}
	if at.ID.IsZero() {
		return Place{}, fault.NewInvalid(fault.Field{Name: "name", Key: "fault.field.required"})
	}
	return at, nil
}

// Named finds a place by the names from the top down. Fault: Missing.
func Named(tx *store.Tx, path string) (Place, error) {
	return find(tx.DB, "LOWER(p.path) = ?", fold(strings.Join(split(path), "/")), identity.Scope{All: true})
}

// pathOf gives the names from the top down that a place is to have.
func pathOf(ctx context.Context, tx *store.Tx, wish Wish) (string, error) {
	if wish.ParentID.IsZero() {
		return wish.Name, nil
	}
	above, err := manageable(ctx, tx, wish.ParentID)
	if err != nil {
		return "", err
	}
	if above.Depth()+1 >= depthMost {
		return "", fault.NewConflict("fault.place.too_deep", fault.Args{"Limit": depthMost})
	}
	return join(above.Path, wish.Name), nil
}

func join(above, name string) string {
	if above == "" {
		return name
	}
	return above + "/" + name
}

// split takes a path apart, whatever the space around its names.
func split(path string) []string {
	var names []string
	for _, name := range strings.Split(path, "/") {
		if name = strings.Join(strings.Fields(name), " "); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// fold gives a text as LOWER does on both databases for a path: only ASCII
// letters change.
func fold(text string) string {
	return strings.Map(func(letter rune) rune {
		if letter >= 'A' && letter <= 'Z' {
			return letter + 'a' - 'A'
		}
		return letter
	}, text)
}

func manageable(ctx context.Context, tx *store.Tx, of ID) (Place, error) {
	reach, err := identity.Reach(ctx, identity.PlacesManage)
	if err != nil {
		return Place{}, err
	}
	return find(tx.DB, "p.id = ?", of, reach)
}

func object(p Place) audit.Object { return audit.Object{Kind: "place", ID: p.ID.String()} }

func fields(p Place) audit.Fields {
	return audit.Fields{"path": p.Path, "unit": p.Unit, "unit_id": p.UnitID.String()}
}

func failure(doing, path string, err error) error {
	if store.Duplicate(err) {
		return errors.Join(fault.NewConflict("fault.place.taken", fault.Args{"Name": path}), err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
