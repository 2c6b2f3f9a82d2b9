package recognition

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Wish is a rule as a person wants it. With a NewProduct it may name a product
// that there is not yet.
type Wish struct {
	Spec
	NewProduct *ProductWish
}

// Make adds local rules, and says anew what every release is. All of them go
// in, or none. Faults: Denied, Invalid, Conflict when another rule says the
// same.
func (s *Service) Make(ctx context.Context, wishes ...Wish) (made []Rule, err error) {
	if err := mayManage(ctx); err != nil {
		return nil, err
	}
	err = s.alter(ctx, func(tx *store.Tx) error {
		made = make([]Rule, len(wishes))
		for i, wish := range wishes {
			made[i] = Rule{
				ID: id.New[Rule](), Origin: Local, Spec: wish.trimmed(),
				UpdatedBy: identity.ActorOf(ctx).Name, CreatedAt: tx.Now, UpdatedAt: tx.Now,
			}
			if err := s.add(ctx, tx, made[i], wish.NewProduct); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("make recognition rules: %w", err)
	}
	return made, nil
}

func (s *Service) add(ctx context.Context, tx *store.Tx, rule Rule, product *ProductWish) error {
	if err := s.prepare(ctx, tx, rule, product); err != nil {
		return err
	}
	if err := tx.Create(&rule).Error; err != nil {
		return fmt.Errorf("store rule: %w", err)
	}
	return audit.Record(ctx, tx, "recognition_rule.created", rule.object(), nil, rule.fields())
}

// Change replaces what a local rule says. Faults: Missing, Denied, Invalid,
// Conflict when it is a bundled rule or another says the same.
func (s *Service) Change(ctx context.Context, of RuleID, wish Wish) (changed Rule, err error) {
	if err := mayManage(ctx); err != nil {
		return Rule{}, err
	}
	err = s.alter(ctx, func(tx *store.Tx) error {
		before, err := s.local(tx, of)
		if err != nil {
			return err
		}
		changed = before
		changed.Spec = wish.trimmed()
		if err := s.prepare(ctx, tx, changed, wish.NewProduct); err != nil {
			return err
		}
		if changed.Before, err = encode(before.Spec); err != nil {
			return err
		}
		return s.save(ctx, tx, &changed, "recognition_rule.changed", before)
	})
	if err != nil {
		return Rule{}, fmt.Errorf("change recognition rule %s: %w", of, err)
	}
	return changed, nil
}

// Retire takes local rules out of force. Faults: Missing, Denied, Conflict when
// one is a bundled rule.
func (s *Service) Retire(ctx context.Context, rules ...RuleID) ([]Rule, error) {
	return s.turn(ctx, rules, "recognition_rule.retired", func(tx *store.Tx, rule *Rule) error {
		rule.RetiredAt = &tx.Now
		return nil
	})
}

// Undo takes the last change of local rules back: a new one is retired, a
// retired one is in force again, and a changed one says what it said before.
// Faults: Missing, Denied, Conflict.
func (s *Service) Undo(ctx context.Context, rules ...RuleID) ([]Rule, error) {
	return s.turn(ctx, rules, "recognition_rule.undone", func(tx *store.Tx, rule *Rule) (err error) {
		switch {
		case rule.Retired():
			rule.RetiredAt = nil
			return sameAsNone(tx, *rule)
		case rule.Before == nil:
			rule.RetiredAt = &tx.Now
			return nil
		}
		now := rule.Spec
		rule.Spec = Spec{}
		if err := json.Unmarshal([]byte(*rule.Before), &rule.Spec); err != nil {
			return fmt.Errorf("read what it said before: %w", err)
		}
		if rule.Before, err = encode(now); err != nil {
			return err
		}
		return sameAsNone(tx, *rule)
	})
}

// turn changes some local rules and nothing else.
func (s *Service) turn(ctx context.Context, rules []RuleID, action string, change func(*store.Tx, *Rule) error) (changed []Rule, err error) {
	if err := mayManage(ctx); err != nil {
		return nil, err
	}
	err = s.alter(ctx, func(tx *store.Tx) error {
		changed = make([]Rule, len(rules))
		for i, of := range rules {
			before, err := s.local(tx, of)
			if err != nil {
				return err
			}
			changed[i] = before
			if err := change(tx, &changed[i]); err != nil {
				return err
			}
			if err := s.save(ctx, tx, &changed[i], action, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	return changed, nil
}

// Ignore makes local rules by which titles are of no interest. Faults: Missing,
// Denied, Conflict.
func (s *Service) Ignore(ctx context.Context, titles ...software.TitleID) ([]Rule, error) {
	wishes := make([]Wish, len(titles))
	for i, of := range titles {
		draft, err := s.Draft(ctx, of)
		if err != nil {
			return nil, err
		}
		wishes[i] = Wish{Spec: Spec{Match: Exact, Name: draft.title, Publisher: draft.Publisher, Sources: draft.Sources, Class: IsIgnored}}
	}
	return s.Make(ctx, wishes...)
}

// alter changes rules, and then says anew what every release is.
func (s *Service) alter(ctx context.Context, change func(tx *store.Tx) error) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		present, err := find(tx, forChange)
		if err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if err := present.save(tx); err != nil {
			return err
		}
		return s.recognise(tx, present)
	})
}

// prepare checks a rule that is going to be saved, and makes its product when
// there is none and one is wished for.
func (s *Service) prepare(ctx context.Context, tx *store.Tx, rule Rule, wish *ProductWish) error {
	faults := rule.check()
	if len(faults) == 0 && rule.Class == IsProduct {
		known, err := productKnown(tx.DB, rule.Product)
		switch {
		case err != nil:
			return err
		case known:
		case wish == nil:
			faults = append(faults, fault.Field{Name: "product", Key: "fault.recognition.no_product", Args: fault.Args{"Value": rule.Product}})
		default:
			if err := makeProduct(ctx, tx, rule.Product, *wish); err != nil {
				return err
			}
		}
	}
	if len(faults) > 0 {
		return fault.NewInvalid(faults...)
	}
	return sameAsNone(tx, rule)
}

// sameAsNone is nil when no other local rule in force catches the same.
func sameAsNone(tx *store.Tx, rule Rule) error {
	var same int64
	err := sameCatch(tx.Model(&Rule{}), rule).Count(&same).Error
	switch {
	case err != nil:
		return fmt.Errorf("look for the same rule: %w", err)
	case same > 0:
		return fault.NewConflict("fault.recognition.same_rule", fault.Args{"Name": rule.Name})
	}
	return nil
}

// local finds a local rule. Faults: Missing, Conflict.
func (s *Service) local(tx *store.Tx, of RuleID) (Rule, error) {
	var found Rule
	err := tx.Where("id = ?", of).First(&found).Error
	switch {
	case store.Missing(err):
		return Rule{}, fault.NewMissing("recognition_rule")
	case err != nil:
		return Rule{}, fmt.Errorf("read rule: %w", err)
	case found.Origin != Local:
		return Rule{}, fault.NewConflict("fault.recognition.bundled", nil)
	}
	return found, nil
}

func (s *Service) save(ctx context.Context, tx *store.Tx, rule *Rule, action string, before Rule) error {
	rule.UpdatedAt, rule.UpdatedBy = tx.Now, identity.ActorOf(ctx).Name
	if err := tx.Model(rule).Select("*").Updates(rule).Error; err != nil {
		return fmt.Errorf("store rule: %w", err)
	}
	return audit.Record(ctx, tx, action, rule.object(), before.fields(), rule.fields())
}

func (r Rule) object() audit.Object { return audit.Object{Kind: "recognition_rule", ID: r.ID.String()} }

// fields are what the trail says of a rule.
func (r Rule) fields() audit.Fields {
	fields := audit.Fields{"match": r.Match, "name": r.Name, "class": r.Class}
	for name, value := range map[string]string{
		"publisher": r.Publisher, "sources": r.Sources, "version_from": r.VersionFrom, "version_until": r.VersionUntil,
		"edition": r.Edition, "arch": r.Arch, "product": r.Product, "note": r.Note,
	} {
		if value != "" {
			fields[name] = value
		}
	}
	if r.Priority != 0 {
		fields["priority"] = r.Priority
	}
	if r.RetiredAt != nil {
		fields["retired_at"] = r.RetiredAt.Format(time.RFC3339)
	}
	return fields
}

func encode(spec Spec) (*string, error) {
	content, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("write what it said before: %w", err)
	}
	return new(string(content)), nil
}
