// Package enrolment keeps the keys that let agents in. A key belongs to a
// unit: the devices that enrol with it land there. It is shown once, when it
// is made, and kept as a hash; it may end on a date, after a number of uses, or
// when it is revoked. Agents that have enrolled are not touched by any of that,
// since each has a credential of its own.
package enrolment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// ID identifies an enrolment key.
type ID = id.Of[Key]

// Key is one enrolment key, without the secret itself.
type Key struct {
	ID        ID
	Name      string
	KeyHash   []byte `json:"-"`
	UnitID    identity.UnitID
	CreatedBy identity.UserID // none when the operator or a token made it
	CreatedAt time.Time
	ExpiresAt *time.Time
	MaxUses   *int
	Uses      int
	UsedAt    *time.Time
	RevokedAt *time.Time
}

// TableName implements GORM's Tabler.
func (Key) TableName() string { return "enrolment_keys" }

// State says in one word whether the key still lets agents in.
func (k Key) State(now time.Time) State {
	switch {
	case k.RevokedAt != nil:
		return Revoked
	case k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		return Expired
	case k.MaxUses != nil && k.Uses >= *k.MaxUses:
		return UsedUp
	}
	return Active
}

// State is whether a key lets agents in, and if not, why.
type State string

// The states of a key.
const (
	Active  State = "active"
	Expired State = "expired"
	UsedUp  State = "used_up"
	Revoked State = "revoked"
)

// Wish is what somebody wants a new key to be.
type Wish struct {
	Name      string
	UnitID    identity.UnitID
	ExpiresAt *time.Time // never when nil
	MaxUses   *int       // without limit when nil
}

const nameLimit = 100 // characters

// Service has the use cases of enrolment keys.
type Service struct{ db *store.DB }

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db} }

// Create makes a key and gives it together with its secret, which is not to
// be had again. Faults: Invalid, Denied.
func (s *Service) Create(ctx context.Context, wish Wish) (Key, identity.Secret, error) {
	if err := identity.AllowIn(ctx, identity.EnrolmentManage, wish.UnitID); err != nil {
		return Key{}, "", err
	}
	wish.Name = strings.Join(strings.Fields(wish.Name), " ")
	if err := wish.check(s.db.Now()); err != nil {
		return Key{}, "", err
	}
	secret := identity.NewSecret(identity.EnrolmentPrefix)
	key := Key{
		ID: id.New[Key](), Name: wish.Name, KeyHash: secret.Hash(), UnitID: wish.UnitID,
		ExpiresAt: wish.ExpiresAt, MaxUses: wish.MaxUses,
	}
	if actor := identity.ActorOf(ctx); actor.Kind == identity.UserKind {
		by, err := id.Parse[identity.User](actor.ID)
		if err != nil {
			return Key{}, "", fmt.Errorf("create enrolment key: %w", err)
		}
		key.CreatedBy = by
	}
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		key.CreatedAt = tx.Now
		if err := tx.Create(&key).Error; err != nil {
			if errors.Is(err, gorm.ErrForeignKeyViolated) {
				return errors.Join(fault.NewMissing("unit"), err)
			}
			return fmt.Errorf("create enrolment key: %w", err)
		}
		return audit.Record(ctx, tx, "enrolment_key.created", object(key), nil, fields(key))
	})
	if err != nil {
		return Key{}, "", err
	}
	return key, secret, nil
}

func (w Wish) check(now time.Time) error {
	var wrong []fault.Field
	switch {
	case w.Name == "":
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.required"})
	case utf8.RuneCountInString(w.Name) > nameLimit:
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.too_long", Args: fault.Args{"Limit": nameLimit}})
	}
	if w.ExpiresAt != nil && !now.Before(*w.ExpiresAt) {
		wrong = append(wrong, fault.Field{Name: "expires_at", Key: "fault.field.past"})
	}
	if w.MaxUses != nil && *w.MaxUses < 1 {
		wrong = append(wrong, fault.Field{Name: "max_uses", Key: "fault.field.too_small", Args: fault.Args{"Least": 1}})
	}
	if wrong != nil {
		return fault.NewInvalid(wrong...)
	}
	return nil
}

// List gives the keys of the units that the actor may manage, newest first.
// Faults: Denied.
func (s *Service) List(ctx context.Context) ([]Key, error) {
	reach, err := identity.Reach(ctx, identity.EnrolmentManage)
	if err != nil {
		return nil, err
	}
	query := s.db.Read(ctx).Order("created_at DESC, id DESC")
	if !reach.All {
		query = query.Where("unit_id IN ?", reach.Units)
	}
	var keys []Key
	if err := query.Find(&keys).Error; err != nil {
		return nil, fmt.Errorf("read enrolment keys: %w", err)
	}
	return keys, nil
}

// Revoke ends a key. Revoking it again changes nothing. Faults: Missing,
// also for a key of another unit, and Denied.
func (s *Service) Revoke(ctx context.Context, key ID) error {
	reach, err := identity.Reach(ctx, identity.EnrolmentManage)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := find(tx, "id = ?", key)
		if err != nil {
			return err
		}
		if !reach.Has(before.UnitID) {
			return fault.NewMissing("enrolment_key")
		}
		if before.RevokedAt != nil {
			return nil
		}
		after := before
		after.RevokedAt = &tx.Now
		if err := tx.Exec("UPDATE enrolment_keys SET revoked_at = ? WHERE id = ?", tx.Now, key).Error; err != nil {
			return fmt.Errorf("revoke enrolment key %s: %w", key, err)
		}
		return audit.Record(ctx, tx, "enrolment_key.revoked", object(after), fields(before), fields(after))
	})
}

// Use spends one use of a key inside the transaction in which an agent
// enrols. Fault: SignedOut when there is no such key or it lets nobody in any
// more; which of these it is, only the log learns.
func Use(tx *store.Tx, secret identity.Secret) (Key, error) {
	if !secret.Is(identity.EnrolmentPrefix) {
		return Key{}, errors.Join(refused(), errors.New("not in the form of an enrolment key"))
	}
	// One statement decides and counts, so that two agents cannot share the last use.
	var used []Key
	err := tx.Raw(`UPDATE enrolment_keys SET uses = uses + 1, used_at = @now
		WHERE key_hash = @hash AND revoked_at IS NULL
		AND (expires_at IS NULL OR expires_at > @now) AND (max_uses IS NULL OR uses < max_uses)
		RETURNING *`, map[string]any{"now": tx.Now, "hash": secret.Hash()}).Scan(&used).Error
	if err != nil {
		return Key{}, fmt.Errorf("use enrolment key: %w", err)
	}
	if len(used) == 1 {
		return used[0], nil
	}
	key, err := find(tx, "key_hash = ?", secret.Hash())
	switch {
	case fault.Is(err, fault.Missing):
		return Key{}, errors.Join(refused(), errors.New("no such enrolment key"))
	case err != nil:
		return Key{}, err
	}
	return Key{}, errors.Join(refused(), fmt.Errorf("enrolment key %s is %s", key.ID, key.State(tx.Now)))
}

func refused() *fault.Fault { return &fault.Fault{Kind: fault.SignedOut, Key: "fault.enrolment_key"} }

func find(tx *store.Tx, where string, value any) (Key, error) {
	var key Key
	err := tx.Where(where, value).Take(&key).Error
	if store.Missing(err) {
		return Key{}, fault.NewMissing("enrolment_key")
	}
	if err != nil {
		return Key{}, fmt.Errorf("read enrolment key: %w", err)
	}
	return key, nil
}

func object(k Key) audit.Object { return audit.Object{Kind: "enrolment_key", ID: k.ID.String()} }

func fields(k Key) audit.Fields {
	return audit.Fields{
		"name": k.Name, "unit_id": k.UnitID, "expires_at": k.ExpiresAt,
		"max_uses": k.MaxUses, "revoked_at": k.RevokedAt,
	}
}
