package entitlement

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"gorm.io/gorm"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// PaperMark marks the identifiers of papers.
type PaperMark struct{}

// PaperID identifies a paper.
type PaperID = id.Of[PaperMark]

// PaperObject is the kind of object that the file of a paper is attached to.
const PaperObject = "paper"

// PaperKind says what a paper is.
type PaperKind string

// The kinds of papers.
const (
	Order       PaperKind = "order"
	Invoice     PaperKind = "invoice"
	Contract    PaperKind = "contract"
	Certificate PaperKind = "certificate"
	OtherPaper  PaperKind = "other"
)

// PaperKinds lists the kinds in the order of forms.
func PaperKinds() []PaperKind { return []PaperKind{Order, Invoice, Contract, Certificate, OtherPaper} }

// PaperWish is what is decided about a paper.
type PaperWish struct {
	Number   string // as the supplier writes it; unique with the supplier
	Kind     PaperKind
	Supplier string
	DatedOn  time.Time
	Note     string
}

// Paper proves that rights were bought.
type Paper struct {
	ID PaperID
	PaperWish
	CreatedAt    time.Time
	CreatedBy    string // name
	UpdatedAt    time.Time
	Files        int
	Entitlements int // that it proves
}

// PaperColumns is the list of papers.
func PaperColumns() *list.Definition[Paper] {
	column := func(field list.Field, value func(Paper) any) list.Column[Paper] {
		field.Filterable = true
		return list.Column[Paper]{Field: field, Value: value}
	}
	const files = "(SELECT COUNT(*) FROM attachments f WHERE f.object_kind = 'paper' AND f.object_id = CAST(k.id AS text))"
	const rights = "(SELECT COUNT(*) FROM entitlements e WHERE e.paper_id = k.id AND e.removed_at IS NULL)"
	return &list.Definition[Paper]{
		Name:   "papers",
		Select: "k.id, k.number, k.kind, k.supplier, k.dated_on, k.note, k.created_at, k.created_by, k.updated_at, " + files + ", " + rights,
		Scan: func(p *Paper) []any {
			return []any{&p.ID, &p.Number, &p.Kind, &p.Supplier, list.Day(&p.DatedOn), &p.Note, &p.CreatedAt, &p.CreatedBy, &p.UpdatedAt, &p.Files, &p.Entitlements}
		},
		From: "papers k",
		ID:   "k.id", IDKind: list.UUID,
		Default: "-dated_on",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("k.number", text), list.Contains("k.supplier", text), list.Contains("k.note", text))
		},
		Columns: []list.Column[Paper]{
			column(list.Field{Key: "number", SQL: "k.number", Kind: list.Text, Sortable: true, Shown: true}, func(p Paper) any { return p.Number }),
			column(list.Field{Key: "kind", SQL: "k.kind", Kind: list.Enum, Values: texts(PaperKinds()), Sortable: true, Shown: true}, func(p Paper) any { return string(p.Kind) }),
			column(list.Field{Key: "supplier", SQL: "k.supplier", Kind: list.Text, Sortable: true, Shown: true}, func(p Paper) any { return p.Supplier }),
			column(list.Field{Key: "dated_on", SQL: "k.dated_on", Kind: list.Date, Sortable: true, Shown: true, Nullable: true}, func(p Paper) any { return p.DatedOn }),
			column(list.Field{Key: "entitlements", SQL: rights, Kind: list.Number, Shown: true}, func(p Paper) any { return p.Entitlements }),
			column(list.Field{Key: "files", SQL: files, Kind: list.Number, Shown: true}, func(p Paper) any { return p.Files }),
			column(list.Field{Key: "updated_at", SQL: "k.updated_at", Kind: list.Time, Sortable: true}, func(p Paper) any { return p.UpdatedAt }),
		},
	}
}

// Papers answers one page of the papers. Faults: Invalid, Denied.
func (s *Service) Papers(ctx context.Context, q list.Query) (list.Page[Paper], error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return list.Page[Paper]{}, err
	}
	return list.Run(ctx, s.db, PaperColumns(), q)
}

// ExportPapers gives all papers of a query. Faults: Invalid, Denied.
func (s *Service) ExportPapers(ctx context.Context, q list.Query) (iter.Seq2[Paper, error], error) {
	if err := identity.Allow(ctx, identity.LicencesExport); err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, PaperColumns(), q), nil
}

// Paper gives one paper with the entitlements that it proves. Faults: Missing,
// Denied.
func (s *Service) Paper(ctx context.Context, of PaperID) (Paper, []Row, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return Paper{}, nil, err
	}
	found, err := findPaper(s.db.Read(ctx), of)
	if err != nil {
		return Paper{}, nil, err
	}
	rows, err := read(s.db.Read(ctx), list.Where("e.paper_id = ?", of), 1000)
	return found, rows, err
}

func findPaper(db *gorm.DB, of PaperID) (found Paper, err error) {
	d := PaperColumns()
	row := db.Raw("SELECT "+d.Select+" FROM "+d.From+" WHERE k.id = ?", of).Row()
	err = row.Scan(d.Scan(&found)...)
	if store.Missing(err) {
		return Paper{}, fault.NewMissing("paper")
	}
	if err != nil {
		return Paper{}, fmt.Errorf("read paper %s: %w", of, err)
	}
	return found, nil
}

func (w PaperWish) tidied() (PaperWish, error) {
	var fields check.Fields
	w.Number = fields.Name("number", w.Number, textLimit)
	w.Supplier = fields.Text("supplier", w.Supplier, textLimit)
	w.Note = fields.Note("note", w.Note, noteLimit)
	w.Kind = PaperKind(fields.Choice("kind", string(w.Kind), texts(PaperKinds())...))
	if w.Kind == "" {
		w.Kind = Order
	}
	w.DatedOn = dayOf(w.DatedOn)
	checkDay(&fields, "dated_on", w.DatedOn)
	return w, fields.Err()
}

// FilePaper records a paper; its file is attached to it afterwards. Faults:
// Invalid, Denied, Conflict when the supplier's number is there already.
func (s *Service) FilePaper(ctx context.Context, wish PaperWish) (made Paper, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = s.AddPaper(ctx, tx, wish)
		return err
	})
	return made, err
}

// AddPaper is FilePaper within a transaction.
func (s *Service) AddPaper(ctx context.Context, tx *store.Tx, wish PaperWish) (Paper, error) {
	if err := identity.Allow(ctx, identity.LicencesEdit); err != nil {
		return Paper{}, err
	}
	wish, err := wish.tidied()
	if err != nil {
		return Paper{}, err
	}
	made := id.New[PaperMark]()
	err = tx.Exec(`INSERT INTO papers (id, number, kind, supplier, dated_on, note, created_at, created_by, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		made, wish.Number, wish.Kind, wish.Supplier, days(wish.DatedOn), wish.Note, tx.Now, identity.ActorOf(ctx).Name, tx.Now).Error
	if err := paperFailure("add paper", wish.Number, err); err != nil {
		return Paper{}, err
	}
	if err := audit.Record(ctx, tx, "paper.created", audit.Object{Kind: PaperObject, ID: made.String()}, nil, wish.fields().Known()); err != nil {
		return Paper{}, err
	}
	return findPaper(tx.DB, made)
}

// changeable reads a paper that the actor may change: the rights that it proves
// are all of units whose rights they may change. Faults: Missing, Denied.
func changeable(ctx context.Context, tx *store.Tx, of PaperID) (Paper, error) {
	if err := identity.Allow(ctx, identity.LicencesEdit); err != nil {
		return Paper{}, err
	}
	paper, err := findPaper(tx.DB, of)
	if err != nil {
		return Paper{}, err
	}
	var units []identity.UnitID
	if err := tx.Raw("SELECT DISTINCT unit_id FROM entitlements WHERE paper_id = ?", of).Scan(&units).Error; err != nil {
		return Paper{}, fmt.Errorf("read whose rights paper %s proves: %w", of, err)
	}
	for _, unit := range units {
		if err := identity.AllowIn(ctx, identity.LicencesEdit, unit); err != nil {
			return Paper{}, err
		}
	}
	return paper, nil
}

// ChangePaper decides about a paper as wished. Faults as those of FilePaper,
// and Missing.
func (s *Service) ChangePaper(ctx context.Context, of PaperID, wish PaperWish) (changed Paper, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := hold(tx, "papers", of); err != nil {
			return err
		}
		before, err := changeable(ctx, tx, of)
		if err != nil {
			return err
		}
		wish, err := wish.tidied()
		if err != nil {
			return err
		}
		was, is := audit.Differing(before.fields(), wish.fields())
		if changed = before; len(is) == 0 {
			return nil
		}
		err = tx.Exec("UPDATE papers SET number = ?, kind = ?, supplier = ?, dated_on = ?, note = ?, updated_at = ? WHERE id = ?",
			wish.Number, wish.Kind, wish.Supplier, days(wish.DatedOn), wish.Note, tx.Now, of).Error
		if err := paperFailure("change paper", wish.Number, err); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, "paper.changed", audit.Object{Kind: PaperObject, ID: of.String()}, was, is); err != nil {
			return err
		}
		var products []ProductID
		if err := tx.Raw("SELECT DISTINCT product_id FROM entitlements WHERE paper_id = ?", of).Scan(&products).Error; err != nil {
			return fmt.Errorf("read products of paper %s: %w", of, err)
		}
		if err := s.tell(tx, products...); err != nil { // explanations name it
			return err
		}
		changed, err = findPaper(tx.DB, of)
		return err
	})
	return changed, err
}

func paperFailure(doing, number string, err error) error {
	switch {
	case err == nil:
		return nil
	case store.Duplicate(err):
		return errors.Join(fault.NewConflict("fault.entitlement.paper_taken", fault.Args{"Number": number}), err)
	}
	return fmt.Errorf("%s %s: %w", doing, number, err)
}

func (w PaperWish) fields() audit.Fields {
	return audit.Fields{
		"number": w.Number, "kind": string(w.Kind), "supplier": w.Supplier, "dated_on": dayText(w.DatedOn), "note": w.Note,
	}
}

func texts[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}
