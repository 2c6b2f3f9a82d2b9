package recognition

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// ProductWish is a product as a person wants it.
type ProductWish struct {
	Name      string
	Publisher string
	Category  string
	Class     Licence
}

// Categories lists what products are for, in the order of forms.
func Categories() []string {
	return []string{
		"office", "communication", "browser", "business", "graphics", "media", "science", "analysis", "accessibility",
		"development", "database", "server", "virtualisation", "operating_system", "management", "security", "network",
		"remote", "storage", "backup", "print", "utility",
	}
}

func (w ProductWish) trimmed() ProductWish {
	w.Name, w.Publisher = strings.TrimSpace(w.Name), strings.TrimSpace(w.Publisher)
	return w
}

func (w ProductWish) check() []fault.Field {
	var faults []fault.Field
	if w.Name == "" {
		faults = append(faults, fault.Field{Name: "product_name", Key: "fault.field.required"})
	}
	for name, text := range map[string]string{"product_name": w.Name, "product_publisher": w.Publisher} {
		if len(text) > 200 {
			faults = append(faults, fault.Field{Name: name, Key: "fault.field.too_long", Args: fault.Args{"Limit": 200}})
		}
	}
	if !slices.Contains(Categories(), w.Category) {
		faults = append(faults, fault.Field{Name: "product_category", Key: "fault.field.choice"})
	}
	if !slices.Contains(Licences(), w.Class) {
		faults = append(faults, fault.Field{Name: "product_class", Key: "fault.field.choice"})
	}
	return faults
}

// keyForm is what a key looks like.
var keyForm = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`) //nolint:gochecknoglobals // a constant in disguise

// productKnown reports whether a rule's key names a product, or with {version}
// and {edition} at least one.
func productKnown(db *gorm.DB, key string) (bool, error) {
	var keys []string
	pattern := strings.NewReplacer("{version}", "%", "{edition}", "%").Replace(strings.NewReplacer("%", "", "_", "").Replace(key))
	if err := db.Model(&Product{}).Where("retired_at IS NULL AND key LIKE ?", pattern).Limit(1).Pluck("key", &keys).Error; err != nil {
		return false, fmt.Errorf("look for product %s: %w", key, err)
	}
	return len(keys) > 0, nil
}

// makeProduct adds a local product. Fault: Invalid.
func makeProduct(ctx context.Context, tx *store.Tx, key string, wish ProductWish) error {
	wish = wish.trimmed()
	faults := wish.check()
	if !keyForm.MatchString(key) || len(key) > 200 {
		faults = append(faults, fault.Field{Name: "product", Key: "fault.recognition.bad_key"})
	}
	if len(faults) > 0 {
		return fault.NewInvalid(faults...)
	}
	made := Product{
		ID: id.New[Product](), Key: key, Name: wish.Name, Publisher: wish.Publisher, Category: wish.Category, Class: wish.Class,
		Origin: Local, CreatedAt: tx.Now, UpdatedAt: tx.Now,
	}
	err := tx.Create(&made).Error
	switch {
	case store.Duplicate(err): // a retired one has it
		return fault.NewConflict("fault.recognition.key_taken", fault.Args{"Key": key})
	case err != nil:
		return fmt.Errorf("store product %s: %w", key, err)
	}
	return audit.Record(ctx, tx, "product.created", made.object(), nil, made.fields())
}

// ChangeProduct changes a local product. Faults: Missing, Denied, Invalid,
// Conflict when it comes with the bundle.
func (s *Service) ChangeProduct(ctx context.Context, of ProductID, wish ProductWish) (changed Product, err error) {
	if err := mayManage(ctx); err != nil {
		return Product{}, err
	}
	wish = wish.trimmed()
	if faults := wish.check(); len(faults) > 0 {
		return Product{}, fault.NewInvalid(faults...)
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := productOf(tx.DB, of)
		if err != nil {
			return err
		}
		if before.Origin != Local {
			return fault.NewConflict("fault.recognition.bundled", nil)
		}
		changed = before
		changed.Name, changed.Publisher, changed.Category, changed.Class = wish.Name, wish.Publisher, wish.Category, wish.Class
		changed.UpdatedAt = tx.Now
		err = tx.Model(&changed).Select("name", "publisher", "category", "class", "updated_at").Updates(&changed).Error
		if err != nil {
			return err
		}
		if before.Class != changed.Class { // whether it needs rights
			if err := s.tell(tx, []string{of.String()}); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, "product.changed", changed.object(), before.fields(), changed.fields())
	})
	if err != nil {
		return Product{}, fmt.Errorf("change product %s: %w", of, err)
	}
	return changed, nil
}

// productOf finds a product. Fault: Missing.
func productOf(db *gorm.DB, of ProductID) (Product, error) {
	var found Product
	err := db.Where("id = ?", of).First(&found).Error
	if store.Missing(err) {
		return Product{}, fault.NewMissing("product")
	}
	return found, err
}

func (p Product) object() audit.Object { return audit.Object{Kind: "product", ID: p.ID.String()} }

func (p Product) fields() audit.Fields {
	return audit.Fields{"key": p.Key, "name": p.Name, "publisher": p.Publisher, "category": p.Category, "class": p.Class}
}
