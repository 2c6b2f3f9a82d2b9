// Package view keeps the views that people save: a list with its filters,
// order and columns, under a name of their own. It owns the table saved_views.
// A view belongs to one person and is nobody else's business.
package view

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// ID identifies a view.
type ID = id.Of[View]

// View is one saved view.
type View struct {
	ID        ID
	UserID    identity.UserID
	List      string // such as "devices"
	Name      string
	Query     string // as in an address
	CreatedAt time.Time
}

// TableName implements GORM's Tabler.
func (View) TableName() string { return "saved_views" }

const (
	nameLimit  = 60   // characters
	queryLimit = 4000 // bytes
	viewsMost  = 30   // of one person and list
)

// Service has the use cases of views.
type Service struct{ db *store.DB }

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db} }

// List gives the actor's views of a list, the oldest first. Fault: SignedOut.
func (s *Service) List(ctx context.Context, list string) ([]View, error) {
	user, err := owner(ctx)
	if err != nil {
		return nil, err
	}
	var views []View
	err = s.db.Read(ctx).Where("user_id = ? AND list = ?", user, list).Order("created_at, id").Find(&views).Error
	if err != nil {
		return nil, fmt.Errorf("read views: %w", err)
	}
	return views, nil
}

// Save keeps a view. Faults: SignedOut, Invalid, Conflict when the name is
// taken or there are too many.
func (s *Service) Save(ctx context.Context, list, name, query string) (View, error) {
	user, err := owner(ctx)
	if err != nil {
		return View{}, err
	}
	name = strings.Join(strings.Fields(name), " ")
	if wrong := check(name, query); wrong != nil {
		return View{}, fault.NewInvalid(wrong...)
	}
	view := View{ID: id.New[View](), UserID: user, List: list, Name: name, Query: query}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		var count int64
		if err := tx.Model(&View{}).Where("user_id = ? AND list = ?", user, list).Count(&count).Error; err != nil {
			return fmt.Errorf("count views: %w", err)
		}
		if count >= viewsMost {
			return fault.NewConflict("fault.view.too_many", fault.Args{"Limit": viewsMost})
		}
		view.CreatedAt = tx.Now
		if err := tx.Create(&view).Error; err != nil {
			if store.Duplicate(err) {
				return errors.Join(fault.NewConflict("fault.view.name_taken", fault.Args{"Name": name}), err)
			}
			return fmt.Errorf("save view: %w", err)
		}
		return nil
	})
	return view, err
}

// Remove deletes a view of the actor's and gives what it was. Faults:
// SignedOut, Missing.
func (s *Service) Remove(ctx context.Context, view ID) (View, error) {
	user, err := owner(ctx)
	if err != nil {
		return View{}, err
	}
	var gone View
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		err := tx.Where("id = ? AND user_id = ?", view, user).Take(&gone).Error
		if store.Missing(err) {
			return fault.NewMissing("view")
		}
		if err != nil {
			return fmt.Errorf("read view %s: %w", view, err)
		}
		if err := tx.Where("id = ?", view).Delete(&View{}).Error; err != nil {
			return fmt.Errorf("remove view %s: %w", view, err)
		}
		return nil
	})
	return gone, err
}

func check(name, query string) []fault.Field {
	var wrong []fault.Field
	switch {
	case name == "":
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.required"})
	case utf8.RuneCountInString(name) > nameLimit:
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.too_long", Args: fault.Args{"Limit": nameLimit}})
	}
	if _, err := url.ParseQuery(query); err != nil || len(query) > queryLimit {
		wrong = append(wrong, fault.Field{Name: "query", Key: "fault.field.too_long", Args: fault.Args{"Limit": queryLimit}})
	}
	return wrong
}

func owner(ctx context.Context) (identity.UserID, error) {
	actor := identity.ActorOf(ctx)
	if actor.Kind != identity.UserKind {
		return identity.UserID{}, fault.NewSignedOut()
	}
	user, err := id.Parse[identity.User](actor.ID)
	if err != nil {
		return identity.UserID{}, fmt.Errorf("read actor: %w", err)
	}
	return user, nil
}
