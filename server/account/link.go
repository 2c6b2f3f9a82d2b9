package account

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// linkLife is how long a one-time link works.
const linkLife = 24 * time.Hour

// Link is what stands behind a one-time link that still works.
type Link struct {
	First     bool // it makes the first administrator
	User      User // whose password it sets, otherwise
	ExpiresAt time.Time
}

type linkRow struct {
	TokenHash []byte `gorm:"primaryKey"`
	UserID    identity.UserID
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

// TableName implements GORM's Tabler.
func (linkRow) TableName() string { return "sign_in_links" }

// Empty reports whether there is no user yet.
func (s *Service) Empty(ctx context.Context) (bool, error) {
	var users int
	if err := s.db.Read(ctx).Raw("SELECT count(*) FROM users").Scan(&users).Error; err != nil {
		return false, fmt.Errorf("count users: %w", err)
	}
	return users == 0, nil
}

// FirstRunLink makes the link for the first administrator and ends those made
// before. Fault: Conflict when there is a user already.
func (s *Service) FirstRunLink(ctx context.Context) (identity.Secret, error) {
	secret := identity.NewSecret(identity.LinkPrefix)
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := noUserYet(tx); err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM sign_in_links WHERE user_id IS NULL").Error; err != nil {
			return fmt.Errorf("replace first link: %w", err)
		}
		return insertLink(tx, secret, identity.UserID{})
	})
	return secret, err
}

// LinkOf says what a link is for, without spending it. Fault: Missing when it
// is unknown, spent or too old.
func (s *Service) LinkOf(ctx context.Context, secret identity.Secret) (Link, error) {
	if !secret.Is(identity.LinkPrefix) {
		return Link{}, fault.NewMissing("link")
	}
	var row linkRow
	err := s.db.Read(ctx).Where("token_hash = ? AND used_at IS NULL AND expires_at > ?", secret.Hash(), s.db.Now()).Take(&row).Error
	if store.Missing(err) {
		return Link{}, fault.NewMissing("link")
	}
	if err != nil {
		return Link{}, fmt.Errorf("read one-time link: %w", err)
	}
	if row.UserID.IsZero() {
		empty, err := s.Empty(ctx)
		if err != nil {
			return Link{}, err
		}
		if !empty {
			return Link{}, fault.NewMissing("link")
		}
		return Link{First: true, ExpiresAt: row.ExpiresAt}, nil
	}
	user, err := findUser(s.db.Read(ctx), row.UserID)
	if err != nil {
		return Link{}, err
	}
	if user.DisabledAt != nil {
		return Link{}, fault.NewMissing("link")
	}
	return Link{User: user, ExpiresAt: row.ExpiresAt}, nil
}

// UseFirstRun spends the first-run link: it makes the first administrator, of
// the whole organisation, and signs them in. Faults: Missing when the link
// does not work or somebody was faster, Invalid.
func (s *Service) UseFirstRun(ctx context.Context, secret identity.Secret, who Newcomer, client Client) (Session, error) {
	link, err := s.LinkOf(ctx, secret)
	if err != nil {
		return Session{}, err
	}
	if !link.First {
		return Session{}, fault.NewMissing("link")
	}
	who, wrong := who.normal()
	wrong = append(wrong, checkPassword(who.Password, who.Login)...)
	if wrong != nil {
		return Session{}, fault.NewInvalid(wrong...)
	}
	hash, err := s.passwords.hash(ctx, who.Password)
	if err != nil {
		return Session{}, err
	}
	var session Session
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := spend(tx, secret); err != nil {
			return err
		}
		if err := lockGrants(tx); err != nil {
			return err
		}
		if err := noUserYet(tx); err != nil {
			return err
		}
		var root identity.UnitID
		if err := tx.Raw("SELECT id FROM units WHERE parent_id IS NULL").Scan(&root).Error; err != nil {
			return fmt.Errorf("read root unit: %w", err)
		}
		user := who.user(tx.Now)
		user.PasswordHash = &hash
		// Nobody was signed in; the newcomer is the one who does this.
		ctx := identity.WithActor(ctx, identity.Actor{Kind: identity.UserKind, ID: user.ID.String(), Name: user.Name})
		if err := insertUser(ctx, tx, user, []GrantWish{{identity.Administrator, root}}); err != nil {
			return err
		}
		session, err = openSession(ctx, tx, user, client)
		return err
	})
	return session, err
}

// MakeLink makes a link with which a user sets a new password, and ends the
// one made before. Faults: Missing, Denied, Conflict when the user is disabled.
func (s *Service) MakeLink(ctx context.Context, user identity.UserID) (identity.Secret, error) {
	target, err := s.manageable(ctx, user)
	if err != nil {
		return "", err
	}
	if target.DisabledAt != nil {
		return "", fault.NewConflict("fault.user.disabled", fault.Args{"Login": target.Login})
	}
	secret := identity.NewSecret(identity.LinkPrefix)
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Exec("DELETE FROM sign_in_links WHERE user_id = ?", user).Error; err != nil {
			return fmt.Errorf("replace link of %s: %w", user, err)
		}
		if err := insertLink(tx, secret, user); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "user.link_made", userObject(user), nil, audit.Fields{"expires_at": tx.Now.Add(linkLife)})
	})
	return secret, err
}

// UseLink spends a link: it sets the password, ends all sessions of the user
// and signs them in anew. Faults: Missing, Invalid.
func (s *Service) UseLink(ctx context.Context, secret identity.Secret, password string, client Client) (Session, error) {
	link, err := s.LinkOf(ctx, secret)
	if err != nil {
		return Session{}, err
	}
	if link.First {
		return Session{}, fault.NewMissing("link")
	}
	user := link.User
	if wrong := checkPassword(password, user.Login); wrong != nil {
		return Session{}, fault.NewInvalid(wrong...)
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return Session{}, err
	}
	ctx = identity.WithActor(ctx, identity.Actor{Kind: identity.UserKind, ID: user.ID.String(), Name: user.Name})
	var session Session
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := spend(tx, secret); err != nil {
			return err
		}
		if err := setPassword(ctx, tx, user.ID, hash, ""); err != nil {
			return err
		}
		if err := forgive(tx, user.Login, ""); err != nil {
			return err
		}
		session, err = openSession(ctx, tx, user, client)
		return err
	})
	return session, err
}

// spend marks a link as used. Fault: Missing, when another was faster too.
func spend(tx *store.Tx, secret identity.Secret) error {
	done := tx.Exec("UPDATE sign_in_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?",
		tx.Now, secret.Hash(), tx.Now)
	if done.Error != nil {
		return fmt.Errorf("use one-time link: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return fault.NewMissing("link")
	}
	return nil
}

func insertLink(tx *store.Tx, secret identity.Secret, user identity.UserID) error {
	row := linkRow{TokenHash: secret.Hash(), UserID: user, CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(linkLife)}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("store one-time link: %w", err)
	}
	return nil
}

func noUserYet(tx *store.Tx) error {
	var users int
	if err := tx.Raw("SELECT count(*) FROM users").Scan(&users).Error; err != nil {
		return fmt.Errorf("count users: %w", err)
	}
	if users > 0 {
		return fault.NewConflict("fault.user.not_first", nil)
	}
	return nil
}

func (n Newcomer) normal() (Newcomer, []fault.Field) {
	n.Login, n.Name = normalLogin(n.Login), normalName(n.Name)
	wrong := checkLogin(n.Login)
	wrong = append(wrong, checkProfile(Profile{Name: n.Name, Email: n.Email, Language: n.Language})...)
	return n, wrong
}

func (n Newcomer) user(now time.Time) User {
	return User{
		ID: id.New[identity.User](), Login: n.Login, Name: n.Name,
		Email: store.Null(n.Email), Language: store.Null(n.Language), CreatedAt: now,
	}
}
