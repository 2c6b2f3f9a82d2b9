package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// Me gives the user who asks. Fault: SignedOut.
func (s *Service) Me(ctx context.Context) (User, error) {
	user, err := self(ctx)
	if err != nil {
		return User{}, err
	}
	return findUser(s.db.Read(ctx), user)
}

// UpdateMe changes what a user says about themselves. Faults: SignedOut,
// Invalid.
func (s *Service) UpdateMe(ctx context.Context, profile Profile) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	profile.Name = normalName(profile.Name)
	if wrong := checkProfile(profile); wrong != nil {
		return fault.NewInvalid(wrong...)
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := findUser(tx.DB, user)
		if err != nil {
			return err
		}
		after := before
		after.Name, after.Email = profile.Name, store.Null(profile.Email)
		after.Language, after.Theme, after.TimeZone = store.Null(profile.Language), store.Null(profile.Theme), store.Null(profile.TimeZone)
		err = tx.Exec("UPDATE users SET name = ?, email = ?, language = ?, theme = ?, time_zone = ? WHERE id = ?",
			after.Name, after.Email, after.Language, after.Theme, after.TimeZone, user).Error
		if err != nil {
			return fmt.Errorf("update user %s: %w", user, err)
		}
		return audit.Record(ctx, tx, "user.changed", userObject(user), userFields(before), userFields(after))
	})
}

// ChangePassword sets the actor's own password and ends their other sessions.
// Faults: SignedOut, Invalid, TooMany after too many wrong old passwords.
func (s *Service) ChangePassword(ctx context.Context, old, wanted string) error {
	me, err := s.Me(ctx)
	if err != nil {
		return err
	}
	session := identity.ActorOf(ctx).SessionID
	if err := s.db.Tx(ctx, func(tx *store.Tx) error { return countAttempt(tx, me.Login, session) }); err != nil {
		return err
	}
	fits, _, err := s.passwords.verify(ctx, old, me.PasswordHash)
	if err != nil {
		return err
	}
	if !fits {
		return fault.NewInvalid(fault.Field{Name: "old_password", Key: "fault.field.password_wrong"})
	}
	if wrong := checkPassword(wanted, me.Login); wrong != nil {
		return fault.NewInvalid(wrong...)
	}
	hash, err := s.passwords.hash(ctx, wanted)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := forgive(tx, me.Login, session); err != nil {
			return err
		}
		return setPassword(ctx, tx, me.ID, hash, session)
	})
}

func setPassword(ctx context.Context, tx *store.Tx, user identity.UserID, hash, session string) error {
	done := tx.Exec("UPDATE users SET password_hash = ? WHERE id = ? AND disabled_at IS NULL", hash, user)
	if done.Error != nil {
		return fmt.Errorf("set password of %s: %w", user, done.Error)
	}
	if done.RowsAffected == 0 {
		return fault.NewMissing("user")
	}
	if err := revokeSessions(tx, user, session); err != nil {
		return err
	}
	if err := tx.Exec("DELETE FROM sign_in_links WHERE user_id = ? AND used_at IS NULL", user).Error; err != nil {
		return fmt.Errorf("end links of %s: %w", user, err)
	}
	return audit.Record(ctx, tx, "user.password_set", userObject(user), nil, nil)
}

// Users lists the users whose every role lies where the actor manages users,
// by login. Fault: Denied.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	if err := identity.Allow(ctx, identity.UsersManage); err != nil {
		return nil, err
	}
	var all []User
	if err := s.db.Read(ctx).Order("login").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	holders := make([]string, len(all))
	for i, user := range all {
		holders[i] = user.ID.String()
	}
	granted, err := grantsOf(s.db.Read(ctx), holders...)
	if err != nil {
		return nil, err
	}
	seen := all[:0]
	for _, user := range all {
		user.Grants = granted[user.ID.String()]
		if manages(ctx, user) {
			seen = append(seen, user)
		}
	}
	return seen, nil
}

// User gives one user. Faults: Missing, Denied.
func (s *Service) User(ctx context.Context, user identity.UserID) (User, error) {
	return s.manageable(ctx, user)
}

// ByLogin gives the user with this login. Faults: Missing, Denied.
func (s *Service) ByLogin(ctx context.Context, login string) (User, error) {
	if err := identity.Allow(ctx, identity.UsersManage); err != nil {
		return User{}, err
	}
	found, err := findLogin(s.db.Read(ctx), normalLogin(login))
	if err != nil {
		return User{}, err
	}
	if !manages(ctx, found) {
		return User{}, fault.NewMissing("user")
	}
	return found, nil
}

// manageable gives a user whom the actor manages: one without a role beyond
// the units where the actor manages users. Faults: Missing, Denied.
func (s *Service) manageable(ctx context.Context, user identity.UserID) (User, error) {
	if err := identity.Allow(ctx, identity.UsersManage); err != nil {
		return User{}, err
	}
	found, err := findUser(s.db.Read(ctx), user)
	if err != nil {
		return User{}, err
	}
	if !manages(ctx, found) {
		return User{}, fault.NewMissing("user")
	}
	return found, nil
}

func manages(ctx context.Context, user User) bool {
	reach := identity.ActorOf(ctx).Reach(identity.UsersManage)
	for _, grant := range user.Grants {
		if !reach.Covers(grant.Reach) {
			return false
		}
	}
	return true
}

// CreateUser adds a user with roles; without a password the user sets one
// through MakeLink. Faults: Denied, Invalid, Conflict when the login is taken.
func (s *Service) CreateUser(ctx context.Context, who Newcomer, grants []GrantWish) (User, error) {
	if err := identity.Allow(ctx, identity.UsersManage); err != nil {
		return User{}, err
	}
	for _, wish := range grants {
		if err := identity.AllowIn(ctx, identity.UsersManage, wish.UnitID); err != nil {
			return User{}, err
		}
	}
	who, wrong := who.normal()
	if who.Password != "" {
		wrong = append(wrong, checkPassword(who.Password, who.Login)...)
	}
	wrong = append(wrong, checkRoles(grants)...)
	if wrong != nil {
		return User{}, fault.NewInvalid(wrong...)
	}
	var hash *string
	if who.Password != "" {
		made, err := s.passwords.hash(ctx, who.Password)
		if err != nil {
			return User{}, err
		}
		hash = &made
	}
	var user User
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		user = who.user(tx.Now)
		user.PasswordHash = hash
		if err := insertUser(ctx, tx, user, grants); err != nil {
			return err
		}
		var err error
		user, err = findUser(tx.DB, user.ID)
		return err
	})
	return user, err
}

func insertUser(ctx context.Context, tx *store.Tx, user User, grants []GrantWish) error {
	if err := tx.Create(&user).Error; err != nil {
		if store.Duplicate(err) {
			return errors.Join(fault.NewConflict("fault.user.login_taken", fault.Args{"Login": user.Login}), err)
		}
		return fmt.Errorf("store user: %w", err)
	}
	if err := insertGrants(tx, user.ID.String(), grants); err != nil {
		return err
	}
	after := userFields(user)
	after["grants"] = grantNames(grants)
	return audit.Record(ctx, tx, "user.created", userObject(user.ID), nil, after)
}

func checkRoles(grants []GrantWish) []fault.Field {
	for _, wish := range grants {
		if _, known := identity.ParseRole(string(wish.Role)); !known {
			return []fault.Field{{Name: "role", Key: "fault.field.choice"}}
		}
	}
	return nil
}

func grantNames(grants []GrantWish) []string {
	names := make([]string, len(grants))
	for i, wish := range grants {
		names[i] = strings.Join([]string{string(wish.Role), wish.UnitID.String()}, " in ")
	}
	return names
}

// Disable keeps a user out from now on and ends their sessions. Faults:
// Missing, Denied, Conflict when nobody else is administrator of everything.
func (s *Service) Disable(ctx context.Context, user identity.UserID) error {
	return s.setDisabled(ctx, user, "user.disabled")
}

// Enable lets a disabled user in again. Faults: Missing, Denied.
func (s *Service) Enable(ctx context.Context, user identity.UserID) error {
	return s.setDisabled(ctx, user, "user.enabled")
}

func (s *Service) setDisabled(ctx context.Context, user identity.UserID, action string) error {
	before, err := s.manageable(ctx, user)
	if err != nil {
		return err
	}
	disable := action == "user.disabled"
	if disable == (before.DisabledAt != nil) {
		return nil
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		after := before
		after.DisabledAt = nil
		if disable {
			after.DisabledAt = &tx.Now
			if err := lockGrants(tx); err != nil {
				return err
			}
			if err := revokeSessions(tx, user, ""); err != nil {
				return err
			}
		}
		if err := tx.Exec("UPDATE users SET disabled_at = ? WHERE id = ?", after.DisabledAt, user).Error; err != nil {
			return fmt.Errorf("%s %s: %w", action, user, err)
		}
		if disable && administersAll(before) {
			if err := keepAdministrator(tx); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, action, userObject(user), userFields(before), userFields(after))
	})
}

func administersAll(user User) bool {
	return slices.ContainsFunc(user.Grants, func(g identity.Grant) bool {
		return g.Role == identity.Administrator && g.Reach.All
	})
}

// Grant gives a user a role in a unit and all below it. Faults: Missing,
// Denied, Invalid.
func (s *Service) Grant(ctx context.Context, user identity.UserID, role identity.Role, unit identity.UnitID) error {
	return s.changeGrant(ctx, user, GrantWish{role, unit}, "user.granted", func(tx *store.Tx) error {
		return insertGrants(tx, user.String(), []GrantWish{{role, unit}})
	})
}

// Ungrant takes a role in a unit away. Faults: Missing, Denied, Conflict when
// nobody else is administrator of everything.
func (s *Service) Ungrant(ctx context.Context, user identity.UserID, role identity.Role, unit identity.UnitID) error {
	return s.changeGrant(ctx, user, GrantWish{role, unit}, "user.ungranted", func(tx *store.Tx) error {
		if err := lockGrants(tx); err != nil {
			return err
		}
		err := tx.Exec("DELETE FROM grants WHERE holder_id = ? AND role = ? AND unit_id = ?", user, role, unit).Error
		if err != nil {
			return fmt.Errorf("remove grant: %w", err)
		}
		if role != identity.Administrator {
			return nil
		}
		return keepAdministrator(tx)
	})
}

func (s *Service) changeGrant(ctx context.Context, user identity.UserID, wish GrantWish, action string, change func(*store.Tx) error) error {
	if err := identity.AllowIn(ctx, identity.UsersManage, wish.UnitID); err != nil {
		return err
	}
	if wrong := checkRoles([]GrantWish{wish}); wrong != nil {
		return fault.NewInvalid(wrong...)
	}
	if _, err := s.manageable(ctx, user); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := grantsOf(tx.DB, user.String())
		if err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		after, err := grantsOf(tx.DB, user.String())
		if err != nil {
			return err
		}
		held, holds := wishes(before[user.String()]), wishes(after[user.String()])
		if len(held) == len(holds) {
			return nil
		}
		return audit.Record(ctx, tx, action, userObject(user),
			audit.Fields{"grants": grantNames(held)}, audit.Fields{"grants": grantNames(holds)})
	})
}

func wishes(grants []identity.Grant) []GrantWish {
	made := make([]GrantWish, len(grants))
	for i, grant := range grants {
		made[i] = GrantWish{grant.Role, grant.UnitID}
	}
	return made
}
