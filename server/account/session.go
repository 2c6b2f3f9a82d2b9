package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

const (
	sessionIdle = 12 * time.Hour      // after the last request
	sessionMost = 7 * 24 * time.Hour  // after sign-in
	touchEvery  = time.Minute         // how exactly "last seen" is kept
	keepEnded   = 30 * 24 * time.Hour // how long ended sessions stay to be looked at
)

// Session is what a browser gets when somebody has signed in.
type Session struct {
	Secret    identity.Secret
	ExpiresAt time.Time // at the latest
	User      User
}

// SessionRow is one session as its user sees it.
type SessionRow struct {
	ID        id.Of[SessionRow]
	UserID    identity.UserID
	TokenHash []byte `json:"-"`
	Address   *string
	Client    *string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	RevokedAt *time.Time

	Present bool `gorm:"-"` // the one that asks
}

// TableName implements GORM's Tabler.
func (SessionRow) TableName() string { return "sessions" }

// SignIn opens a session for who knows the password. It answers alike, and
// takes as long, whether or not there is such a login. Faults: SignedOut when
// login and password do not fit, TooMany after too many failures.
func (s *Service) SignIn(ctx context.Context, login, password string, client Client) (Session, error) {
	login = normalLogin(login)
	if err := s.db.Tx(ctx, func(tx *store.Tx) error { return countAttempt(tx, login, client.Address) }); err != nil {
		return Session{}, err
	}
	refused := &fault.Fault{Kind: fault.SignedOut, Key: "fault.sign_in"}
	user, err := findLogin(s.db.Read(ctx), login)
	if err != nil && !fault.Is(err, fault.Missing) {
		return Session{}, err
	}
	fits, weak, err := s.passwords.verify(ctx, password, user.PasswordHash)
	if err != nil {
		return Session{}, err
	}
	if !fits || user.DisabledAt != nil {
		return Session{}, refused
	}
	verified := *user.PasswordHash
	renewed := verified
	if weak {
		if renewed, err = s.passwords.hash(ctx, password); err != nil {
			return Session{}, err
		}
	}
	var session Session
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		// Again, since either may have changed while the password was checked.
		done := tx.Exec("UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ? AND disabled_at IS NULL",
			renewed, user.ID, verified)
		if done.Error != nil {
			return fmt.Errorf("sign in: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return refused
		}
		if err := forgive(tx, login, client.Address); err != nil {
			return err
		}
		session, err = openSession(ctx, tx, user, client)
		return err
	})
	return session, err
}

// openSession makes a session and records the sign-in.
func openSession(ctx context.Context, tx *store.Tx, user User, client Client) (Session, error) {
	secret := identity.NewSecret(identity.SessionPrefix)
	row := SessionRow{
		ID: id.New[SessionRow](), UserID: user.ID, TokenHash: secret.Hash(),
		Address: store.Null(client.Address), Client: store.Null(shorten(client.Agent, 300)),
		CreatedAt: tx.Now, SeenAt: tx.Now, ExpiresAt: tx.Now.Add(sessionIdle),
	}
	if err := tx.Create(&row).Error; err != nil {
		return Session{}, fmt.Errorf("store session: %w", err)
	}
	if err := tx.Exec("UPDATE users SET signed_in_at = ? WHERE id = ?", tx.Now, user.ID).Error; err != nil {
		return Session{}, fmt.Errorf("sign in: %w", err)
	}
	ctx = identity.WithActor(ctx, identity.Actor{Kind: identity.UserKind, ID: user.ID.String(), Name: user.Name})
	err := audit.Record(ctx, tx, "user.signed_in", userObject(user.ID), nil, audit.Fields{"address": client.Address})
	if err != nil {
		return Session{}, err
	}
	return Session{Secret: secret, ExpiresAt: tx.Now.Add(sessionMost), User: user}, nil
}

// FromSession gives the actor whose session it is, and keeps the session
// alive. Fault: SignedOut when the session is unknown or has ended.
func (s *Service) FromSession(ctx context.Context, secret identity.Secret) (identity.Actor, error) {
	if !secret.Is(identity.SessionPrefix) {
		return identity.Actor{}, fault.NewSignedOut()
	}
	now := s.db.Now()
	var row SessionRow
	err := s.db.Read(ctx).Where("token_hash = ? AND revoked_at IS NULL AND expires_at > ?", secret.Hash(), now).Take(&row).Error
	if store.Missing(err) {
		return identity.Actor{}, fault.NewSignedOut()
	}
	if err != nil {
		return identity.Actor{}, fmt.Errorf("read session: %w", err)
	}
	user, err := findUser(s.db.Read(ctx), row.UserID)
	if err != nil {
		return identity.Actor{}, err
	}
	if user.DisabledAt != nil {
		return identity.Actor{}, fault.NewSignedOut()
	}
	if now.Sub(row.SeenAt) >= touchEvery {
		if err := s.touch(ctx, row); err != nil {
			return identity.Actor{}, err
		}
	}
	return identity.Actor{
		Kind: identity.UserKind, ID: user.ID.String(), Name: user.Name, Grants: user.Grants,
		Locale: value(user.Language), Theme: value(user.Theme), TimeZone: value(user.TimeZone),
		SessionID: row.ID.String(),
	}, nil
}

func (s *Service) touch(ctx context.Context, row SessionRow) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		until := tx.Now.Add(sessionIdle)
		if last := row.CreatedAt.Add(sessionMost); until.After(last) {
			until = last
		}
		err := tx.Exec("UPDATE sessions SET seen_at = ?, expires_at = ? WHERE id = ? AND revoked_at IS NULL AND expires_at > ?",
			tx.Now, until, row.ID, tx.Now).Error
		if err != nil {
			return fmt.Errorf("keep session alive: %w", err)
		}
		return nil
	})
}

// SignOut ends the session that asks. Fault: SignedOut.
func (s *Service) SignOut(ctx context.Context) error {
	session, err := id.Parse[SessionRow](identity.ActorOf(ctx).SessionID)
	if err != nil {
		return errors.Join(fault.NewSignedOut(), err)
	}
	return s.RevokeSession(ctx, session)
}

// Sessions lists the actor's own open sessions, the last used first. Fault:
// SignedOut.
func (s *Service) Sessions(ctx context.Context) ([]SessionRow, error) {
	user, err := self(ctx)
	if err != nil {
		return nil, err
	}
	return s.openSessions(ctx, user)
}

// SessionsOf lists the open sessions of a user. Faults: Missing, Denied.
func (s *Service) SessionsOf(ctx context.Context, user identity.UserID) ([]SessionRow, error) {
	if _, err := s.manageable(ctx, user); err != nil {
		return nil, err
	}
	return s.openSessions(ctx, user)
}

func (s *Service) openSessions(ctx context.Context, user identity.UserID) ([]SessionRow, error) {
	var rows []SessionRow
	err := s.db.Read(ctx).Where("user_id = ? AND revoked_at IS NULL AND expires_at > ?", user, s.db.Now()).
		Order("seen_at DESC, id DESC").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read sessions of %s: %w", user, err)
	}
	present := identity.ActorOf(ctx).SessionID
	for i := range rows {
		rows[i].Present = rows[i].ID.String() == present
	}
	return rows, nil
}

// RevokeSession ends one session: one's own, or with users.manage that of
// another. Faults: Missing, SignedOut, Denied.
func (s *Service) RevokeSession(ctx context.Context, session id.Of[SessionRow]) error {
	actor := identity.ActorOf(ctx)
	if actor.Kind == identity.Nobody {
		return fault.NewSignedOut()
	}
	var row SessionRow
	err := s.db.Read(ctx).Where("id = ?", session).Take(&row).Error
	if store.Missing(err) {
		return fault.NewMissing("session")
	}
	if err != nil {
		return fmt.Errorf("read session %s: %w", session, err)
	}
	if row.UserID.String() != actor.ID {
		if _, err := s.manageable(ctx, row.UserID); err != nil {
			if fault.Is(err, fault.Denied) {
				return fault.NewMissing("session")
			}
			return err
		}
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		done := tx.Exec("UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", tx.Now, session)
		if done.Error != nil {
			return fmt.Errorf("revoke session %s: %w", session, done.Error)
		}
		if done.RowsAffected == 0 {
			return nil
		}
		return audit.Record(ctx, tx, "session.revoked", audit.Object{Kind: "session", ID: session.String()},
			audit.Fields{"user_id": row.UserID, "address": value(row.Address)}, nil)
	})
}

// RevokeOtherSessions ends all of the actor's sessions but the one that asks.
// Fault: SignedOut.
func (s *Service) RevokeOtherSessions(ctx context.Context) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := revokeSessions(tx, user, identity.ActorOf(ctx).SessionID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "user.other_sessions_revoked", userObject(user), nil, nil)
	})
}

// Cleanup removes what has ended: links past their time, sessions ended a
// month ago, failures that no longer count.
func (s *Service) Cleanup(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		for _, old := range []struct {
			query string
			until time.Time
		}{
			{"DELETE FROM sessions WHERE expires_at < ?", tx.Now.Add(-keepEnded)},
			{"DELETE FROM sessions WHERE revoked_at < ?", tx.Now.Add(-keepEnded)},
			{"DELETE FROM sign_in_links WHERE expires_at < ?", tx.Now},
			{"DELETE FROM sign_in_failures WHERE last_at < ?", tx.Now.Add(-forgetAfter)},
		} {
			if err := tx.Exec(old.query, old.until).Error; err != nil {
				return fmt.Errorf("remove ended sessions: %w", err)
			}
		}
		return nil
	})
}

func shorten(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most])
}

// self gives the user who is acting. Fault: SignedOut, also for a token.
func self(ctx context.Context) (identity.UserID, error) {
	actor := identity.ActorOf(ctx)
	if actor.Kind != identity.UserKind {
		return identity.UserID{}, fault.NewSignedOut()
	}
	return id.Parse[identity.User](actor.ID)
}
