package entitlement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Choice is a product that rights can be recorded for.
type Choice struct {
	ID   ProductID
	Key  string
	Name string
}

// Choices gives the products that rights can be recorded for, by name. Fault:
// Denied.
func (s *Service) Choices(ctx context.Context) ([]Choice, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	var found []Choice
	err := s.db.Read(ctx).Raw(`SELECT p.id, p.key, p.name FROM products p WHERE p.class = 'licensed' AND p.retired_at IS NULL
		OR EXISTS (SELECT 1 FROM entitlements e WHERE e.product_id = p.id) ORDER BY p.name, p.key`).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	return found, nil
}

// Named finds the one product that a text names: by its key, or by its name
// whatever the case. Faults: Missing, Denied, Conflict when several have that
// name.
func (s *Service) Named(ctx context.Context, text string) (Choice, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return Choice{}, err
	}
	return NamedIn(s.db.Read(ctx), text)
}

// NamedIn is Named for a transaction that has checked who may.
func NamedIn(db *gorm.DB, text string) (Choice, error) {
	text = strings.Join(strings.Fields(text), " ")
	var found []Choice
	err := db.Raw("SELECT p.id, p.key, p.name FROM products p WHERE p.key = ? OR LOWER(p.name) = LOWER(?) ORDER BY p.key LIMIT 3", text, text).Scan(&found).Error
	if err != nil {
		return Choice{}, fmt.Errorf("find product: %w", err)
	}
	for _, one := range found {
		if one.Key == text || len(found) == 1 {
			return one, nil
		}
	}
	if len(found) == 0 {
		return Choice{}, fault.NewMissing("product")
	}
	return Choice{}, fault.NewConflict("fault.entitlement.product_several", fault.Args{"Name": text})
}

// Numbers gives the numbers of papers, the newest first, for a field in which
// one is chosen. Fault: Denied.
func (s *Service) Numbers(ctx context.Context) ([]string, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	var found []string
	if err := s.db.Read(ctx).Raw("SELECT number FROM papers ORDER BY created_at DESC, id LIMIT 500").Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("list papers: %w", err)
	}
	return found, nil
}

// Record is Create for rights that a paper with this number proves; the paper
// is recorded too when there is none. Faults as those of Create.
func (s *Service) Record(ctx context.Context, wish Wish, number string) (made Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = s.RecordIn(ctx, tx, wish, number)
		return err
	})
	return made, err
}

// RecordIn is Record within a transaction.
func (s *Service) RecordIn(ctx context.Context, tx *store.Tx, wish Wish, number string) (Row, error) {
	var err error
	if wish.PaperID, err = s.numbered(ctx, tx, number); err != nil {
		return Row{}, err
	}
	return s.Add(ctx, tx, wish)
}

// Rewrite is Change for rights that a paper with this number proves; the paper
// is recorded too when there is none. Faults as those of Change.
func (s *Service) Rewrite(ctx context.Context, of ID, wish Wish, number string) (changed Row, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		changed, err = s.RewriteIn(ctx, tx, of, wish, number)
		return err
	})
	return changed, err
}

// RewriteIn is Rewrite within a transaction.
func (s *Service) RewriteIn(ctx context.Context, tx *store.Tx, of ID, wish Wish, number string) (Row, error) {
	before, err := s.editable(ctx, tx, of)
	if err != nil {
		return Row{}, err
	}
	if wish.PaperID = before.PaperID; !strings.EqualFold(number, before.Paper) {
		if wish.PaperID, err = s.numbered(ctx, tx, number); err != nil {
			return Row{}, err
		}
	}
	return s.edit(ctx, tx, "entitlement.changed", before, wish)
}

// Referenced finds rights by their reference, in the transaction of an
// import. Fault: Missing.
func Referenced(tx *store.Tx, reference string) (Row, error) {
	found, err := read(tx.DB, list.Where("e.reference = ?", strings.ToUpper(strings.TrimSpace(reference))), 1)
	if err != nil {
		return Row{}, err
	}
	if len(found) == 0 {
		return Row{}, fault.NewMissing("entitlement")
	}
	return found[0], nil
}

// Alike finds the rights that were recorded of the same line of a purchase, in
// the transaction of an import: of the same product, paper, first day and size
// of packs, and bound to the same asset.
func Alike(tx *store.Tx, wish Wish, number string) ([]Row, error) {
	found, err := read(tx.DB, list.Where("e.product_id = ? AND e.pack_size = ? AND e.removed_at IS NULL", wish.ProductID, max(wish.PackSize, 1)), 1000)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(r Row) bool {
		return !strings.EqualFold(r.Paper, strings.TrimSpace(number)) || !r.StartsOn.Equal(dayOf(wish.StartsOn)) || r.AssetID != wish.AssetID
	}), nil
}

// numbered gives the paper with a number, which it makes when there is none; no
// number is no paper. Faults as those of AddPaper, Invalid when papers of
// several suppliers have it.
func (s *Service) numbered(ctx context.Context, tx *store.Tx, number string) (PaperID, error) {
	if number = strings.Join(strings.Fields(number), " "); number == "" {
		return PaperID{}, nil
	}
	var found []PaperID
	if err := tx.Raw("SELECT id FROM papers WHERE LOWER(number) = LOWER(?) ORDER BY id LIMIT 2", number).Scan(&found).Error; err != nil {
		return PaperID{}, fmt.Errorf("find paper: %w", err)
	}
	switch len(found) {
	case 0:
		made, err := s.AddPaper(ctx, tx, PaperWish{Number: number, Kind: Order})
		return made.ID, err
	case 1:
		return found[0], nil
	}
	return PaperID{}, fault.NewInvalid(fault.Field{Name: "paper", Key: "fault.entitlement.paper_several"})
}
