// Package importer adds and changes many people, places, units, assets or rights
// from a CSV file. It owns the table imports, in which a file waits between its
// preview and the word of the person who uploaded it.
//
// Every row goes through the use cases that a person at the page would go
// through, with the same rules and permissions, so that no file can do what
// its bringer may not. A preview does exactly what the import would do, and
// takes it back.
//
// The rules of a file: a column is known by its heading, in English or in
// French. A blank cell leaves alone what is stored, and so does a column that
// is absent; 0 is a value, and "(none)" empties. A row that is wrong is named
// by line, column and remedy, and all other rows go in. The same file twice
// changes nothing the second time.
package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"holdfast/server/asset"
	"holdfast/server/audit"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Kind is what the rows of a file are.
type Kind string

// The kinds of files.
const (
	People Kind = "people"
	Places Kind = "places"
	Units  Kind = "units"
	Assets Kind = "assets"
	Rights Kind = "rights"
)

// Kinds lists every kind, in the order in which a new organisation brings
// them in: each names things of those before it.
func Kinds() []Kind { return []Kind{Units, People, Places, Assets, Rights} }

// Needs is the permission that rows of this kind ask for, besides
// records.import.
func (k Kind) Needs() identity.Permission {
	switch k {
	case People:
		return identity.PeopleManage
	case Places:
		return identity.PlacesManage
	case Units:
		return identity.UnitsManage
	case Assets:
		return identity.AssetsEdit
	case Rights:
		return identity.LicencesEdit
	}
	return ""
}

// Mode says whether a file is only tried.
type Mode int

// The modes.
const (
	Preview Mode = iota // say what would happen
	Apply               // do it
)

// Bounds of a file.
const (
	MaxBytes = 10 << 20
	MaxRows  = 20_000
)

// Report is what a file does, or would do.
type Report struct {
	Kind    Kind
	Unknown []string // headings that no column has; those columns are left out
	Known   []string // keys of the columns that the file has
	Rows    []Row
	Counts  map[Outcome]int
}

// Outcome is what became of a row.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Changed   Outcome = "changed"
	Unchanged Outcome = "unchanged"
	Failed    Outcome = "failed"
)

// Outcomes lists every outcome.
func Outcomes() []Outcome { return []Outcome{Created, Changed, Unchanged, Failed} }

// Row is what became of one row of the file.
type Row struct {
	Line     int    // in the file, counted from 1
	Name     string // of the thing
	Outcome  Outcome
	Changes  []Change
	Problems []Problem
}

// Change is one value before and after.
type Change struct{ Column, Before, After string }

// Problem is what is wrong with a row: the message says why and what to do.
type Problem struct {
	Column string // key of the column; "" for the row as a whole
	Value  string // as it stands in the file
	Key    string
	Args   fault.Args
}

// Mark marks the identifiers of files that wait.
type Mark struct{}

// ID identifies a file that waits.
type ID = id.Of[Mark]

// File is a file that waits for the word of the person who uploaded it.
type File struct {
	ID        ID
	Kind      Kind
	Name      string
	Content   []byte
	CreatedBy string
	CreatedAt time.Time
}

// TableName implements GORM's Tabler.
func (File) TableName() string { return "imports" }

// Service has the use cases of imports.
type Service struct {
	db     *store.DB
	assets *asset.Service
	rights *entitlement.Service
}

// New makes the service.
func New(db *store.DB, assets *asset.Service, rights *entitlement.Service) *Service {
	return &Service{db: db, assets: assets, rights: rights}
}

// errTried takes back what a preview did.
var errTried = errors.New("only tried")

// Run tries a file or brings it in. Faults: Denied; Invalid when the file as a
// whole cannot be read; TooLarge. What is wrong with single rows stands in the
// report.
func (s *Service) Run(ctx context.Context, kind Kind, name string, content []byte, mode Mode) (Report, error) {
	if err := allow(ctx, kind); err != nil {
		return Report{}, err
	}
	sheet, err := readSheet(kind, content)
	if err != nil {
		return Report{}, err
	}
	var report Report
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		r, err := newRun(ctx, tx, s, sheet)
		if err != nil {
			return err
		}
		report, err = r.all()
		if err != nil {
			return err
		}
		if mode == Preview {
			return errTried
		}
		return audit.Record(ctx, tx, "import.applied", audit.Object{Kind: "import", ID: string(kind)}, nil, audit.Fields{
			"kind": string(kind), "name": name, "rows": len(report.Rows), "created": report.Counts[Created],
			"changed": report.Counts[Changed], "failed": report.Counts[Failed],
		})
	})
	if err != nil && !errors.Is(err, errTried) {
		return Report{}, fmt.Errorf("import %s: %w", kind, err)
	}
	return report, nil
}

func allow(ctx context.Context, kind Kind) error {
	needs := kind.Needs()
	if needs == "" {
		return fault.NewMissing("page")
	}
	if err := identity.Allow(ctx, identity.RecordsImport); err != nil {
		return err
	}
	return identity.Allow(ctx, needs)
}

// Stage keeps a file until its bringer confirms or drops it. Faults as those
// of Run.
func (s *Service) Stage(ctx context.Context, kind Kind, name string, content []byte) (ID, error) {
	if err := allow(ctx, kind); err != nil {
		return ID{}, err
	}
	if _, err := readSheet(kind, content); err != nil {
		return ID{}, err
	}
	const longest = 200
	if runes := []rune(name); len(runes) > longest {
		name = string(runes[:longest])
	}
	file := File{ID: id.New[Mark](), Kind: kind, Name: name, Content: content, CreatedBy: owner(ctx)}
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		file.CreatedAt = tx.Now
		return tx.Create(&file).Error
	})
	if err != nil {
		return ID{}, fmt.Errorf("keep %s: %w", kind, err)
	}
	return file.ID, nil
}

// Staged gives a file of the actor's that waits, and what it would do. Faults
// as those of Run, and Missing.
func (s *Service) Staged(ctx context.Context, of ID) (File, Report, error) {
	file, err := s.waiting(ctx, of)
	if err != nil {
		return File{}, Report{}, err
	}
	report, err := s.Run(ctx, file.Kind, file.Name, file.Content, Preview)
	return file, report, err
}

// Confirm brings a file of the actor's in, and keeps it no longer. Faults as
// those of Staged.
func (s *Service) Confirm(ctx context.Context, of ID) (File, Report, error) {
	file, err := s.waiting(ctx, of)
	if err != nil {
		return File{}, Report{}, err
	}
	report, err := s.Run(ctx, file.Kind, file.Name, file.Content, Apply)
	if err != nil {
		return File{}, Report{}, err
	}
	return file, report, s.remove(ctx, of)
}

// Drop keeps a file of the actor's no longer. Faults: Missing, Denied.
func (s *Service) Drop(ctx context.Context, of ID) error {
	if _, err := s.waiting(ctx, of); err != nil {
		return err
	}
	return s.remove(ctx, of)
}

// Prune drops files for whose sake nobody came back within a day: they may
// hold personal data.
func (s *Service) Prune(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Exec("DELETE FROM imports WHERE created_at < ?", tx.Now.Add(-24*time.Hour)).Error; err != nil {
			return fmt.Errorf("drop old imports: %w", err)
		}
		return nil
	})
}

func (s *Service) waiting(ctx context.Context, of ID) (File, error) {
	if err := identity.Allow(ctx, identity.RecordsImport); err != nil {
		return File{}, err
	}
	var file File
	err := s.db.Read(ctx).Where("id = ? AND created_by = ?", of, owner(ctx)).Take(&file).Error
	if store.Missing(err) {
		return File{}, fault.NewMissing("import")
	}
	if err != nil {
		return File{}, fmt.Errorf("read import %s: %w", of, err)
	}
	return file, nil
}

func (s *Service) remove(ctx context.Context, of ID) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Exec("DELETE FROM imports WHERE id = ?", of).Error; err != nil {
			return fmt.Errorf("drop import %s: %w", of, err)
		}
		return nil
	})
}

// owner names the actor, so that nobody sees a file of somebody else's.
func owner(ctx context.Context) string {
	actor := identity.ActorOf(ctx)
	return string(actor.Kind) + " " + actor.ID
}
