package unit

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/store"
)

func findRoot(tx *store.Tx) (Unit, error) {
	var root Unit
	if err := tx.Where("parent_id IS NULL").Order("created_at").Take(&root).Error; err != nil {
		return Unit{}, fmt.Errorf("read root unit: %w", err)
	}
	return root, nil
}

func find(tx *store.Tx, unit ID) (Unit, error) {
	var found Unit
	err := tx.Where("id = ?", unit).Take(&found).Error
	if store.Missing(err) {
		return Unit{}, fault.NewMissing("unit")
	}
	if err != nil {
		return Unit{}, fmt.Errorf("read unit %s: %w", unit, err)
	}
	return found, nil
}

// below gives the unit and all below it.
func below(tx *store.Tx, unit Unit) ([]Unit, error) {
	var found []Unit
	if err := tx.Where("path LIKE ?", unit.Path+"%").Find(&found).Error; err != nil {
		return nil, fmt.Errorf("read units below %s: %w", unit.ID, err)
	}
	return found, nil
}

// lockTree keeps other movers out until the transaction ends; on SQLite the
// one writer already does.
func lockTree(tx *store.Tx) error {
	if tx.Dialect() != store.Postgres {
		return nil
	}
	if err := tx.Exec("LOCK TABLE units IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
		return fmt.Errorf("lock units: %w", err)
	}
	return nil
}

func used(tx *store.Tx, unit ID) (bool, error) {
	for _, query := range []string{
		"SELECT count(*) FROM units WHERE parent_id = ?",
		"SELECT count(*) FROM devices WHERE unit_id = ?",
		"SELECT count(*) FROM grants WHERE unit_id = ?",
		"SELECT count(*) FROM enrolment_keys WHERE unit_id = ?",
		"SELECT count(*) FROM assets WHERE unit_id = ?",
		"SELECT count(*) FROM people WHERE unit_id = ?",
		"SELECT count(*) FROM places WHERE unit_id = ?",
	} {
		var rows int
		if err := tx.Raw(query, unit).Scan(&rows).Error; err != nil {
			return false, fmt.Errorf("count what is in unit %s: %w", unit, err)
		}
		if rows > 0 {
			return true, nil
		}
	}
	return false, nil
}

// list gives all units, parents before children, siblings by name.
func list(db *gorm.DB) ([]Unit, error) {
	var all []Unit
	if err := db.Find(&all).Error; err != nil {
		return nil, fmt.Errorf("read units: %w", err)
	}
	children := map[ID][]Unit{}
	for _, u := range all {
		children[u.ParentID] = append(children[u.ParentID], u)
	}
	for _, siblings := range children {
		slices.SortFunc(siblings, func(a, b Unit) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		})
	}
	sorted := make([]Unit, 0, len(all))
	var walk func(parent ID)
	walk = func(parent ID) {
		for _, u := range children[parent] {
			sorted = append(sorted, u)
			walk(u.ID)
		}
	}
	walk(ID{})
	return sorted, nil
}
