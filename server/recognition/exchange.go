package recognition

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/document"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Exchange is a file of local products and rules, to be carried from one
// server to another. Its tags are the specification.
type Exchange struct {
	Products []ExchangeProduct `json:"products,omitempty" doc:"Local products."`
	Rules    []Spec            `json:"rules,omitempty" doc:"Local rules."`
}

// ExchangeProduct is a local product in a file.
type ExchangeProduct struct {
	Key       string  `json:"key" required:"true" doc:"Key: small letters, digits, hyphens."`
	Name      string  `json:"name" required:"true" doc:"Name."`
	Publisher string  `json:"publisher,omitempty" doc:"Who publishes it."`
	Category  string  `json:"category" required:"true" doc:"What it is for."`
	Class     Licence `json:"class" required:"true" oneof:"licensed free" doc:"Whether it needs rights."`
}

// Export gives the local products and the local rules in force as YAML.
// Fault: Denied.
func (s *Service) Export(ctx context.Context) ([]byte, error) {
	if err := mayManage(ctx); err != nil {
		return nil, err
	}
	db := s.db.Read(ctx)
	var products []Product
	if err := db.Where("origin = ? AND retired_at IS NULL", Local).Order("key").Find(&products).Error; err != nil {
		return nil, fmt.Errorf("read local products: %w", err)
	}
	var rules []Rule
	if err := db.Where("origin = ? AND retired_at IS NULL", Local).Order("name, id").Find(&rules).Error; err != nil {
		return nil, fmt.Errorf("read local rules: %w", err)
	}
	var file Exchange
	for _, p := range products {
		file.Products = append(file.Products, ExchangeProduct{p.Key, p.Name, p.Publisher, p.Category, p.Class})
	}
	for _, r := range rules {
		file.Rules = append(file.Rules, r.Spec)
	}
	content, err := writeYAML(file)
	if err != nil {
		return nil, fmt.Errorf("write local rules: %w", err)
	}
	return content, nil
}

// writeYAML writes a value as YAML with the names that its JSON has.
func writeYAML(value any) ([]byte, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(content, &node); err != nil {
		return nil, err
	}
	plain(&node)
	return yaml.Marshal(&node)
}

// plain takes the braces and the quotation marks of JSON away; the encoder
// writes those that YAML needs.
func plain(node *yaml.Node) {
	node.Style = 0
	for _, child := range node.Content {
		plain(child)
	}
}

// Imported is what an import changed.
type Imported struct {
	Products int // made or changed
	Rules    int // made or changed
	Same     int // of both, those that were there already
}

// Import brings in local products and rules. A rule that catches the same as
// one that is there takes its place. All of the file goes in, or nothing.
// Faults: Denied, Invalid, Conflict.
func (s *Service) Import(ctx context.Context, content []byte) (Imported, error) {
	if err := mayManage(ctx); err != nil {
		return Imported{}, err
	}
	var file Exchange
	if err := document.Read(content, &file); err != nil {
		return Imported{}, err
	}
	var done Imported
	err := s.alter(ctx, func(tx *store.Tx) error {
		done = Imported{}
		var faults []fault.Field
		for i, product := range file.Products {
			err := done.product(ctx, tx, product)
			if faults, err = collect(faults, "products["+strconv.Itoa(i)+"]", err); err != nil {
				return err
			}
		}
		for i, spec := range file.Rules {
			err := done.rule(ctx, tx, s, spec.trimmed())
			if faults, err = collect(faults, "rules["+strconv.Itoa(i)+"]", err); err != nil {
				return err
			}
		}
		if len(faults) > 0 {
			return fault.NewInvalid(faults...)
		}
		return nil
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import recognition rules: %w", err)
	}
	return done, nil
}

// collect adds what is wrong with one entry of a file to the rest; whatever
// else went wrong comes back.
func collect(faults []fault.Field, path string, err error) ([]fault.Field, error) {
	found := fault.Of(err)
	if found == nil {
		return faults, err
	}
	if found.Kind != fault.Invalid {
		return append(faults, fault.Field{Name: path, Key: found.Key, Args: found.Args}), nil
	}
	for _, field := range found.Fields {
		field.Name = path + "." + field.Name
		faults = append(faults, field)
	}
	return faults, nil
}

func (i *Imported) product(ctx context.Context, tx *store.Tx, wanted ExchangeProduct) error {
	wish := ProductWish{Name: wanted.Name, Publisher: wanted.Publisher, Category: wanted.Category, Class: wanted.Class}.trimmed()
	var before Product
	err := tx.Where("key = ?", wanted.Key).First(&before).Error
	switch {
	case store.Missing(err):
		i.Products++
		return makeProduct(ctx, tx, wanted.Key, wish)
	case err != nil:
		return fmt.Errorf("read product %s: %w", wanted.Key, err)
	case before.Origin != Local: // the bundle knows it by now
		i.Same++
		return nil
	}
	after := before
	after.Name, after.Publisher, after.Category, after.Class = wish.Name, wish.Publisher, wish.Category, wish.Class
	if after == before {
		i.Same++
		return nil
	}
	if faults := wish.check(); len(faults) > 0 {
		return fault.NewInvalid(faults...)
	}
	i.Products++
	after.UpdatedAt = tx.Now
	if err := tx.Model(&after).Select("name", "publisher", "category", "class", "updated_at").Updates(&after).Error; err != nil {
		return fmt.Errorf("store product %s: %w", wanted.Key, err)
	}
	return audit.Record(ctx, tx, "product.changed", after.object(), before.fields(), after.fields())
}

func (i *Imported) rule(ctx context.Context, tx *store.Tx, s *Service, spec Spec) error {
	var there []Rule
	err := sameCatch(tx.DB, Rule{Spec: spec}).Limit(1).Find(&there).Error
	if err != nil {
		return fmt.Errorf("look for the same rule: %w", err)
	}
	rule := Rule{ID: id.New[Rule](), Origin: Local, Spec: spec, UpdatedBy: identity.ActorOf(ctx).Name}
	if len(there) > 0 {
		if there[0].Spec == spec {
			i.Same++
			return nil
		}
		rule = there[0]
		if rule.Before, err = encode(rule.Spec); err != nil {
			return err
		}
		rule.Spec = spec
	}
	i.Rules++
	if len(there) == 0 {
		rule.CreatedAt, rule.UpdatedAt = tx.Now, tx.Now
		return s.add(ctx, tx, rule, nil)
	}
	if err := s.prepare(ctx, tx, rule, nil); err != nil {
		return err
	}
	return s.save(ctx, tx, &rule, "recognition_rule.changed", there[0])
}

// sameCatch finds the other local rules in force that catch the same.
func sameCatch(db *gorm.DB, rule Rule) *gorm.DB {
	query := db.Where("origin = ? AND retired_at IS NULL", Local).
		Where("match = ? AND LOWER(name) = LOWER(?) AND publisher = ? AND sources = ?", rule.Match, rule.Name, rule.Publisher, rule.Sources).
		Where("version_from = ? AND version_until = ? AND edition = ? AND arch = ?", rule.VersionFrom, rule.VersionUntil, rule.Edition, rule.Arch)
	if !rule.ID.IsZero() {
		query = query.Where("id <> ?", rule.ID)
	}
	return query
}
