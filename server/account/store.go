package account

import (
	"errors"
	"fmt"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// grantsOf gives the grants of each holder with what they reach now.
func grantsOf(db *gorm.DB, holders ...string) (map[string][]identity.Grant, error) {
	granted := map[string][]identity.Grant{}
	if len(holders) == 0 {
		return granted, nil
	}
	var rows []struct {
		HolderID string
		Role     identity.Role
		UnitID   identity.UnitID
		Whole    bool
		BelowID  identity.UnitID
	}
	err := db.Raw(`SELECT g.holder_id, g.role, g.unit_id, top.parent_id IS NULL AS whole, below.id AS below_id
		FROM grants g JOIN units top ON top.id = g.unit_id
		LEFT JOIN units below ON top.parent_id IS NOT NULL AND below.path LIKE top.path || '%'
		WHERE g.holder_id IN ? ORDER BY g.holder_id, g.role, g.unit_id, below.path`, holders).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read grants: %w", err)
	}
	for _, row := range rows {
		grants := granted[row.HolderID]
		last := len(grants) - 1
		if last < 0 || grants[last].Role != row.Role || grants[last].UnitID != row.UnitID {
			grants = append(grants, identity.Grant{Role: row.Role, UnitID: row.UnitID, Reach: identity.Scope{All: row.Whole}})
			last++
		}
		if !row.Whole {
			grants[last].Reach.Units = append(grants[last].Reach.Units, row.BelowID)
		}
		granted[row.HolderID] = grants
	}
	return granted, nil
}

// insertGrants gives roles to a holder; those it has already stay as they are.
func insertGrants(tx *store.Tx, holder string, wishes []GrantWish) error {
	for _, wish := range wishes {
		err := tx.Exec(`INSERT INTO grants (holder_id, role, unit_id, created_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (holder_id, role, unit_id) DO NOTHING`, holder, wish.Role, wish.UnitID, tx.Now).Error
		if errors.Is(err, gorm.ErrForeignKeyViolated) {
			return errors.Join(fault.NewMissing("unit"), err)
		}
		if err != nil {
			return fmt.Errorf("store grant: %w", err)
		}
	}
	return nil
}

// findUser gives one user with grants. Fault: Missing.
func findUser(db *gorm.DB, user identity.UserID) (User, error) {
	return takeUser(db, "id = ?", user)
}

func findLogin(db *gorm.DB, login string) (User, error) { return takeUser(db, "login = ?", login) }

func takeUser(db *gorm.DB, where string, key any) (User, error) {
	var found User
	err := db.Where(where, key).Take(&found).Error
	if store.Missing(err) {
		return User{}, fault.NewMissing("user")
	}
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	granted, err := grantsOf(db, found.ID.String())
	if err != nil {
		return User{}, err
	}
	found.Grants = granted[found.ID.String()]
	return found, nil
}

// lockGrants keeps other changes of who may do what out until the transaction
// ends; on SQLite the one writer already does.
func lockGrants(tx *store.Tx) error {
	if tx.Dialect() != store.Postgres {
		return nil
	}
	if err := tx.Exec("LOCK TABLE grants IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
		return fmt.Errorf("lock grants: %w", err)
	}
	return nil
}

// keepAdministrator is nil when somebody is administrator of the whole
// organisation after the change. Fault: Conflict.
func keepAdministrator(tx *store.Tx) error {
	var left int
	err := tx.Raw(`SELECT count(*) FROM users u JOIN grants g ON g.holder_id = u.id JOIN units top ON top.id = g.unit_id
		WHERE g.role = ? AND top.parent_id IS NULL AND u.disabled_at IS NULL`, identity.Administrator).Scan(&left).Error
	if err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	if left == 0 {
		return fault.NewConflict("fault.user.last_administrator", nil)
	}
	return nil
}

func revokeSessions(tx *store.Tx, user identity.UserID, except string) error {
	query, args := "UPDATE sessions SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", []any{tx.Now, user}
	if except != "" {
		query, args = query+" AND id <> ?", append(args, except)
	}
	if err := tx.Exec(query, args...).Error; err != nil {
		return fmt.Errorf("revoke sessions of %s: %w", user, err)
	}
	return nil
}

func userObject(user identity.UserID) audit.Object {
	return audit.Object{Kind: "user", ID: user.String()}
}

func userFields(u User) audit.Fields {
	return audit.Fields{
		"login": u.Login, "name": u.Name, "email": value(u.Email), "language": value(u.Language),
		"theme": value(u.Theme), "time_zone": value(u.TimeZone), "disabled_at": u.DisabledAt,
	}
}
