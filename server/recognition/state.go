package recognition

import (
	"database/sql"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"holdfast/server/store"
)

// state is the one row that says which rules are in force.
type state struct {
	ID            int
	BundleVersion string
	BundleHash    string
	Revision      int
}

// TableName implements GORM's Tabler.
func (state) TableName() string { return "recognition_state" }

// version is how recognitions name the rules that they were made by.
func (s state) version() string { return fmt.Sprintf("%s+%d", s.BundleVersion, s.Revision) }

// hold is how strongly a transaction holds the state.
type hold string

const (
	forReading hold = "SHARE"  // nobody may change rules meanwhile
	forChange  hold = "UPDATE" // nobody may number releases meanwhile
)

// find reads the state and holds it to the end of the transaction. On SQLite
// there is one writer anyway.
func find(tx *store.Tx, how hold) (state, error) {
	query := tx.DB
	if tx.Dialect() == store.Postgres {
		query = query.Clauses(clause.Locking{Strength: string(how)})
	}
	var found state
	if err := query.Where("id = 1").First(&found).Error; err != nil {
		return state{}, fmt.Errorf("read which rules are in force: %w", err)
	}
	return found, nil
}

// save stores the state of a new revision.
func (s *state) save(tx *store.Tx) error {
	s.Revision++
	err := tx.Exec("UPDATE recognition_state SET bundle_version = ?, bundle_hash = ?, revision = ?, changed_at = ? WHERE id = 1",
		s.BundleVersion, s.BundleHash, s.Revision, tx.Now).Error
	if err != nil {
		return fmt.Errorf("store which rules are in force: %w", err)
	}
	return nil
}

// engine is a matcher with what is needed to store what it says.
type engine struct {
	*Matcher
	state state
}

// load reads the products and rules that are in force and makes them ready.
func load(db *gorm.DB, of state) (*engine, error) {
	products, rules, err := inForce(db)
	if err != nil {
		return nil, err
	}
	matcher, err := NewMatcher(products, rules)
	if err != nil {
		return nil, err
	}
	return &engine{matcher, of}, nil
}

func inForce(db *gorm.DB) (products []Product, rules []Rule, err error) {
	if err := db.Where("retired_at IS NULL").Find(&products).Error; err != nil {
		return nil, nil, fmt.Errorf("read products: %w", err)
	}
	if err := db.Where("retired_at IS NULL").Find(&rules).Error; err != nil {
		return nil, nil, fmt.Errorf("read rules: %w", err)
	}
	return products, rules, nil
}

// release is a release, and what it is held to be.
type release struct {
	key    int32
	title  Title
	stored outcome
}

// outcome is a verdict as it is stored. Empty is unknown.
type outcome struct {
	class   string
	product string
	rule    string
	rival   string
}

const releaseColumns = `r.id, t.name, t.publisher, t.source, r.version, r.edition, r.arch,
	coalesce(r.class, ''), coalesce(CAST(r.product_id AS text), ''), coalesce(CAST(r.rule_id AS text), ''), coalesce(CAST(r.rival_id AS text), '')`

func (r *release) scan(rows *sql.Rows) error {
	return rows.Scan(&r.key, &r.title.Name, &r.title.Publisher, &r.title.Source, &r.title.Version, &r.title.Edition, &r.title.Arch,
		&r.stored.class, &r.stored.product, &r.stored.rule, &r.stored.rival)
}

// outcome says what a release is, as it is stored.
func (e *engine) outcome(title Title) outcome {
	verdict := e.Match(title)
	if verdict.Rule == nil {
		return outcome{}
	}
	made := outcome{class: string(verdict.Class), rule: verdict.Rule.ID.String()}
	if product := e.products[verdict.Product]; product != nil {
		made.product = product.ID.String()
	}
	if verdict.Rival != nil {
		made.rival = verdict.Rival.ID.String()
	}
	return made
}
