package account

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Token is an API token, without its secret.
type Token struct {
	ID        identity.TokenID
	Name      string
	TokenHash []byte          `json:"-"`
	CreatedBy identity.UserID // none when the operator made it
	CreatedAt time.Time
	UsedAt    *time.Time
	ExpiresAt *time.Time
	RevokedAt *time.Time

	Grants []identity.Grant `gorm:"-"`
}

// TableName implements GORM's Tabler.
func (Token) TableName() string { return "api_tokens" }

// Active reports whether the token still opens anything.
func (t Token) Active(now time.Time) bool {
	return t.RevokedAt == nil && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}

// TokenWish is what somebody wants a new token to be.
type TokenWish struct {
	Name      string
	ExpiresAt *time.Time // never when nil
	Grants    []GrantWish
}

// CreateToken makes a token and gives it together with its secret, which is
// not to be had again. A user can hand on only what they hold: a role of their
// own where they hold it, or any role where they manage tokens. Faults:
// Denied, Invalid.
func (s *Service) CreateToken(ctx context.Context, wish TokenWish) (Token, identity.Secret, error) {
	if err := identity.Allow(ctx, identity.TokensOwn); err != nil {
		return Token{}, "", err
	}
	wish.Name = normalName(wish.Name)
	if wrong := wish.check(s.db.Now()); wrong != nil {
		return Token{}, "", fault.NewInvalid(wrong...)
	}
	actor := identity.ActorOf(ctx)
	secret := identity.NewSecret(identity.TokenPrefix)
	token := Token{ID: id.New[identity.Token](), Name: wish.Name, TokenHash: secret.Hash(), ExpiresAt: wish.ExpiresAt}
	switch actor.Kind {
	case identity.UserKind:
		var err error
		if token.CreatedBy, err = id.Parse[identity.User](actor.ID); err != nil {
			return Token{}, "", fmt.Errorf("create token: %w", err)
		}
	case identity.SystemKind:
	default: // a token that made tokens would outlive its own end
		return Token{}, "", fault.NewDenied(string(identity.TokensOwn))
	}
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		token.CreatedAt = tx.Now
		if err := tx.Create(&token).Error; err != nil {
			return fmt.Errorf("store token: %w", err)
		}
		if err := insertGrants(tx, token.ID.String(), wish.Grants); err != nil {
			return err
		}
		granted, err := grantsOf(tx.DB, token.ID.String())
		if err != nil {
			return err
		}
		token.Grants = granted[token.ID.String()]
		if actor.Kind == identity.UserKind && len(handedOn(actor.Grants, token.Grants)) < len(token.Grants) {
			return fault.NewDenied(string(identity.TokensManage))
		}
		after := audit.Fields{"name": token.Name, "expires_at": token.ExpiresAt, "grants": grantNames(wish.Grants)}
		return audit.Record(ctx, tx, "token.created", tokenObject(token.ID), nil, after)
	})
	if err != nil {
		return Token{}, "", err
	}
	return token, secret, nil
}

func (w TokenWish) check(now time.Time) []fault.Field {
	wrong := checkRoles(w.Grants)
	switch {
	case w.Name == "":
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.required"})
	case utf8.RuneCountInString(w.Name) > nameLimit:
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.too_long", Args: fault.Args{"Limit": nameLimit}})
	}
	if len(w.Grants) == 0 {
		wrong = append(wrong, fault.Field{Name: "role", Key: "fault.field.required"})
	}
	if w.ExpiresAt != nil && !now.Before(*w.ExpiresAt) {
		wrong = append(wrong, fault.Field{Name: "expires_at", Key: "fault.field.past"})
	}
	return wrong
}

// handedOn gives those of the wanted grants that lie within what a user holds.
func handedOn(held, wanted []identity.Grant) []identity.Grant {
	var within []identity.Grant
	for _, want := range wanted {
		for _, have := range held {
			if (have.Role == want.Role || have.Role.May(identity.TokensManage)) && have.Reach.Covers(want.Reach) {
				within = append(within, want)
				break
			}
		}
	}
	return within
}

// FromToken gives the actor whose API token it is. Fault: SignedOut when the
// token is unknown or has ended, or its maker is disabled.
func (s *Service) FromToken(ctx context.Context, secret identity.Secret) (identity.Actor, error) {
	if !secret.Is(identity.TokenPrefix) {
		return identity.Actor{}, fault.NewSignedOut()
	}
	now := s.db.Now()
	var token Token
	err := s.db.Read(ctx).Where("token_hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", secret.Hash(), now).
		Take(&token).Error
	if store.Missing(err) {
		return identity.Actor{}, fault.NewSignedOut()
	}
	if err != nil {
		return identity.Actor{}, fmt.Errorf("read token: %w", err)
	}
	granted, err := grantsOf(s.db.Read(ctx), token.ID.String())
	if err != nil {
		return identity.Actor{}, err
	}
	token.Grants = granted[token.ID.String()]
	if !token.CreatedBy.IsZero() {
		maker, err := findUser(s.db.Read(ctx), token.CreatedBy)
		if err != nil {
			return identity.Actor{}, err
		}
		if maker.DisabledAt != nil {
			return identity.Actor{}, fault.NewSignedOut()
		}
		token.Grants = handedOn(maker.Grants, token.Grants)
	}
	if token.UsedAt == nil || now.Sub(*token.UsedAt) >= touchEvery {
		err := s.db.Tx(ctx, func(tx *store.Tx) error {
			if err := tx.Exec("UPDATE api_tokens SET used_at = ? WHERE id = ?", tx.Now, token.ID).Error; err != nil {
				return fmt.Errorf("note use of token %s: %w", token.ID, err)
			}
			return nil
		})
		if err != nil {
			return identity.Actor{}, err
		}
	}
	return identity.Actor{Kind: identity.TokenKind, ID: token.ID.String(), Name: token.Name, Grants: token.Grants}, nil
}

// Tokens lists API tokens, newest first: the actor's own, and with
// tokens.manage those that reach no further. Fault: Denied.
func (s *Service) Tokens(ctx context.Context) ([]Token, error) {
	if err := identity.Allow(ctx, identity.TokensOwn); err != nil {
		return nil, err
	}
	var all []Token
	if err := s.db.Read(ctx).Order("created_at DESC, id DESC").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	holders := make([]string, len(all))
	for i, token := range all {
		holders[i] = token.ID.String()
	}
	granted, err := grantsOf(s.db.Read(ctx), holders...)
	if err != nil {
		return nil, err
	}
	seen := all[:0]
	for _, token := range all {
		token.Grants = granted[token.ID.String()]
		if managesToken(ctx, token) {
			seen = append(seen, token)
		}
	}
	return seen, nil
}

// RevokeToken ends a token. Revoking it again changes nothing. Faults:
// Missing, also for a token that is not the actor's to manage, and Denied.
func (s *Service) RevokeToken(ctx context.Context, token identity.TokenID) error {
	if err := identity.Allow(ctx, identity.TokensOwn); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		var before Token
		err := tx.Where("id = ?", token).Take(&before).Error
		if store.Missing(err) {
			return fault.NewMissing("token")
		}
		if err != nil {
			return fmt.Errorf("read token %s: %w", token, err)
		}
		granted, err := grantsOf(tx.DB, token.String())
		if err != nil {
			return err
		}
		before.Grants = granted[token.String()]
		if !managesToken(ctx, before) {
			return fault.NewMissing("token")
		}
		if before.RevokedAt != nil {
			return nil
		}
		if err := tx.Exec("UPDATE api_tokens SET revoked_at = ? WHERE id = ?", tx.Now, token).Error; err != nil {
			return fmt.Errorf("revoke token %s: %w", token, err)
		}
		return audit.Record(ctx, tx, "token.revoked", tokenObject(token),
			audit.Fields{"name": before.Name}, audit.Fields{"name": before.Name, "revoked_at": tx.Now})
	})
}

func managesToken(ctx context.Context, token Token) bool {
	actor := identity.ActorOf(ctx)
	if actor.Kind == identity.UserKind && token.CreatedBy.String() == actor.ID {
		return true
	}
	reach := actor.Reach(identity.TokensManage)
	if reach.Empty() {
		return false
	}
	for _, grant := range token.Grants {
		if !reach.Covers(grant.Reach) {
			return false
		}
	}
	return true
}

func tokenObject(token identity.TokenID) audit.Object {
	return audit.Object{Kind: "token", ID: token.String()}
}
