package place

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
)

const selected = `p.id, p.parent_id, p.name, p.path, p.unit_id, u.name,
	(SELECT COUNT(*) FROM assets a WHERE a.place_id = p.id AND a.status <> 'disposed'), p.created_at`

// within keeps to the places, as p, of a part of the organisation.
func within(scope identity.Scope) list.Clause { return list.Within("p.unit_id", scope) }

func find(db *gorm.DB, condition string, value any, reach identity.Scope) (Place, error) {
	found, err := read(db, list.All(list.Where(condition, value), within(reach)))
	if err != nil {
		return Place{}, err
	}
	if len(found) == 0 {
		return Place{}, fault.NewMissing("place")
	}
	return found[0], nil
}

func read(db *gorm.DB, where list.Clause) (found []Place, err error) {
	rows, err := db.Raw("SELECT "+selected+" FROM places p JOIN units u ON u.id = p.unit_id WHERE "+where.SQL, where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p Place
		if err := rows.Scan(&p.ID, &p.ParentID, &p.Name, &p.Path, &p.UnitID, &p.Unit, &p.Assets, &p.CreatedAt); err != nil {
			return nil, fmt.Errorf("read places: %w", err)
		}
		found = append(found, p)
	}
	return found, rows.Err()
}

// stored reads a place that was just written.
func stored(tx *store.Tx, of ID) (Place, error) {
	return find(tx.DB, "p.id = ?", of, identity.Scope{All: true})
}

// rename gives a place and all below it their new paths.
func rename(tx *store.Tx, before, after string) error {
	var moved []struct {
		ID   ID
		Path string
	}
	prefix := before + "/"
	err := tx.Raw("SELECT id, path FROM places WHERE path = ? OR SUBSTR(path, 1, CAST(? AS integer)) = ?",
		before, utf8.RuneCountInString(prefix), prefix).Scan(&moved).Error
	if err != nil {
		return fmt.Errorf("read places below %q: %w", before, err)
	}
	for _, one := range moved {
		path := after + one.Path[len(before):]
		if err := tx.Exec("UPDATE places SET path = ? WHERE id = ?", path, one.ID).Error; err != nil {
			return failure("move place", path, err)
		}
	}
	return nil
}

// lockTree keeps other movers out until the transaction ends; on SQLite the
// one writer already does.
func lockTree(tx *store.Tx) error {
	if tx.Dialect() != store.Postgres {
		return nil
	}
	if err := tx.Exec("LOCK TABLE places IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
		return fmt.Errorf("lock places: %w", err)
	}
	return nil
}
