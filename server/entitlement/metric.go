package entitlement

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Counted is how a product is counted: by a rule of the bundle, or by a metric
// with parameters.
type Counted struct {
	Rule         string
	Metric       licence.Counting
	Packs        *licence.Packs
	FreeEditions []string
	Note         string // why
	ByHand       bool   // people decided it; else it is as the program says
	UpdatedAt    time.Time
	UpdatedBy    string
	before       string
}

// Undoable reports whether the last change is still there to be undone.
func (c Counted) Undoable() bool { return c.before != "" }

// CountedWish is what is decided about how a product is counted.
type CountedWish struct {
	Rule         string           `json:"rule,omitempty"`
	Metric       licence.Counting `json:"metric,omitempty"`
	Packs        *licence.Packs   `json:"packs,omitempty"`
	FreeEditions []string         `json:"free_editions,omitempty"`
	Note         string           `json:"note,omitempty"`
}

// CountedColumns is what ScanCounted reads, of product_metrics m.
const CountedColumns = "m.rule_id, m.metric, m.packs, m.free_editions, m.note, m.before, m.updated_at, m.updated_by"

// ScanCounted gives the places of CountedColumns, and what makes a Counted of
// them for the product with a key: the default where nobody decided.
func ScanCounted() (places []any, counted func(key string) (Counted, error)) {
	var c Counted
	var rule string
	var metric, packs, editions json.RawMessage
	places = []any{
		list.Blank(&rule), list.JSON(&metric), list.JSON(&packs), list.JSON(&editions), list.Blank(&c.Note), list.Blank(&c.before),
		list.Blank(&c.UpdatedAt), list.Blank(&c.UpdatedBy),
	}
	return places, func(key string) (Counted, error) {
		if rule == "" && len(metric) == 0 { // nobody decided, or they took it back
			standard := licence.BundledDefaults().For(key)
			return Counted{
				Rule: standard.Rule, Metric: standard.Metric, Packs: standard.Packs, Note: standard.Why,
				before: c.before, UpdatedAt: c.UpdatedAt, UpdatedBy: c.UpdatedBy,
			}, nil
		}
		c.ByHand, c.Rule = true, rule
		for text, into := range map[*json.RawMessage]any{&metric: &c.Metric, &packs: &c.Packs, &editions: &c.FreeEditions} {
			if len(*text) == 0 {
				continue
			}
			if err := json.Unmarshal(*text, into); err != nil {
				return Counted{}, fmt.Errorf("read how a product is counted: %w", err)
			}
		}
		return c, nil
	}
}

// CountedBy tells how a product is counted. Faults: Missing, Denied.
func (s *Service) CountedBy(ctx context.Context, product ProductID) (Counted, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return Counted{}, err
	}
	return countedBy(s.db.Read(ctx), product)
}

func countedBy(db *gorm.DB, product ProductID) (Counted, error) {
	var key string
	places, counted := ScanCounted()
	row := db.Raw("SELECT p.key, "+CountedColumns+" FROM products p LEFT JOIN product_metrics m ON m.product_id = p.id WHERE p.id = ?", product).Row()
	err := row.Scan(append([]any{&key}, places...)...)
	if store.Missing(err) {
		return Counted{}, fault.NewMissing("product")
	}
	if err != nil {
		return Counted{}, fmt.Errorf("read how product %s is counted: %w", product, err)
	}
	return counted(key)
}

func (w CountedWish) tidied() (CountedWish, error) {
	var fields check.Fields
	w.Note = fields.Note("note", w.Note, noteLimit)
	w.FreeEditions = slices.DeleteFunc(slices.Clone(w.FreeEditions), func(edition string) bool { return strings.TrimSpace(edition) == "" })
	for i := range w.FreeEditions {
		w.FreeEditions[i] = fields.Text("free_editions", w.FreeEditions[i], textLimit)
	}
	known := slices.ContainsFunc(licence.Bundled().Rules, func(r licence.Rule) bool { return r.ID == w.Rule })
	switch has := w.Metric.Metric != nil; {
	case w.Rule == "" && !has:
		fields.Add("rule", "fault.entitlement.rule_or_metric", nil)
	case w.Rule != "" && (has || w.Packs != nil):
		fields.Add("metric", "fault.licence.rule_and_metric", nil)
	case w.Rule != "" && !known:
		fields.Add("rule", "fault.licence.no_rule", fault.Args{"Value": w.Rule, "Nearest": ""})
	}
	if w.Packs != nil && (w.Packs.Size < 1 || w.Packs.Size > mostPack) {
		fields.Add("pack_size", "fault.entitlement.quantity", fault.Args{"Most": mostPack})
	}
	return w, fields.Err()
}

// CountBy decides how a product is counted; nil leaves it to the program
// again. Faults: Invalid, Missing, Denied: how a product is counted concerns
// everybody, so licences.edit is needed in the whole organisation.
func (s *Service) CountBy(ctx context.Context, product ProductID, wish *CountedWish) (counted Counted, err error) {
	if wish == nil {
		wish = &CountedWish{}
	} else if *wish, err = wish.tidied(); err != nil {
		return Counted{}, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		counted, err = s.count(ctx, tx, "product.counted", product, *wish, true)
		return err
	})
	return counted, err
}

// UndoCountBy takes the last decision on how a product is counted back.
// Faults: Missing, Denied, Conflict.
func (s *Service) UndoCountBy(ctx context.Context, product ProductID) (counted Counted, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		before, err := countedBy(tx.DB, product)
		if err != nil {
			return err
		}
		if !before.Undoable() {
			return fault.NewConflict("fault.entitlement.nothing_to_undo", fault.Args{"Reference": ""})
		}
		was, err := recall[CountedWish](before.before)
		if err != nil {
			return err
		}
		if was == nil {
			was = &CountedWish{}
		}
		counted, err = s.count(ctx, tx, "product.count_undone", product, *was, false)
		return err
	})
	return counted, err
}

func (s *Service) count(ctx context.Context, tx *store.Tx, action string, product ProductID, wish CountedWish, undoable bool) (Counted, error) {
	if err := identity.AllowEverywhere(ctx, identity.LicencesEdit); err != nil {
		return Counted{}, err
	}
	before, err := countedBy(tx.DB, product)
	if err != nil {
		return Counted{}, err
	}
	var kept *string
	if undoable {
		var was *CountedWish
		if before.ByHand {
			was = new(before.wish())
		}
		text, err := remember(was)
		if err != nil {
			return Counted{}, err
		}
		kept = &text
	}
	metric, packs, editions, err := wish.texts()
	if err != nil {
		return Counted{}, err
	}
	err = tx.Exec(`INSERT INTO product_metrics (product_id, rule_id, metric, packs, free_editions, note, before, updated_at, updated_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (product_id) DO UPDATE SET rule_id = excluded.rule_id, metric = excluded.metric,
		packs = excluded.packs, free_editions = excluded.free_editions, note = excluded.note, before = excluded.before,
		updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
		product, store.Null(wish.Rule), metric, packs, editions, wish.Note, kept, tx.Now, identity.ActorOf(ctx).Name).Error
	if err := failure("decide how to count product", product.String(), err); err != nil {
		return Counted{}, err
	}
	after, err := countedBy(tx.DB, product)
	if err != nil {
		return Counted{}, err
	}
	was, is := audit.Differing(before.fields(), after.fields())
	if err := audit.Record(ctx, tx, action, audit.Object{Kind: "product", ID: product.String()}, was, is); err != nil {
		return Counted{}, err
	}
	return after, s.tell(tx, product)
}

func (c Counted) wish() CountedWish {
	return CountedWish{Rule: c.Rule, Metric: c.Metric, Packs: c.Packs, FreeEditions: c.FreeEditions, Note: c.Note}
}

// texts gives what is kept as JSON; nil is none.
func (w CountedWish) texts() (metric, packs, editions *string, err error) {
	write := func(value any, given bool) *string {
		if !given || err != nil {
			return nil
		}
		var text []byte
		if text, err = json.Marshal(value); err != nil {
			err = fmt.Errorf("write how a product is counted: %w", err)
			return nil
		}
		return new(string(text))
	}
	return write(w.Metric, w.Metric.Metric != nil), write(w.Packs, w.Packs != nil), write(w.FreeEditions, len(w.FreeEditions) > 0), err
}

func (c Counted) fields() audit.Fields {
	metric, packs, _, err := c.wish().texts()
	fields := audit.Fields{
		"rule": c.Rule, "metric": "", "packs": "", "free_editions": strings.Join(c.FreeEditions, ", "), "note": c.Note, "by_hand": c.ByHand,
	}
	if err == nil && metric != nil {
		fields["metric"] = *metric
	}
	if err == nil && packs != nil {
		fields["packs"] = *packs
	}
	return fields
}
