package recognition

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"holdfast/server/outbox"
	"holdfast/server/store"
)

// Topic is where the outbox hears that rules changed what releases are: one
// event for each product that gained or lost releases, its identifier the
// subject. What a report brings is recognised before the report is stored, so
// that its own event (device.reported) is enough.
const Topic = "software.recognised"

// Recognised is the payload of the events.
type Recognised struct {
	Product ProductID `json:"product"`
}

// batch is how many releases are looked at in one go.
const batch = 20_000

// Recognise says what releases are that have just been made, in the
// transaction that made them. Package software calls it.
func (s *Service) Recognise(tx *store.Tx, releases []int32) error {
	if len(releases) == 0 {
		return nil
	}
	present, err := find(tx, forReading)
	if err != nil {
		return err
	}
	engine, err := s.engine(tx, present)
	if err != nil {
		return err
	}
	var changes changes
	query := "SELECT " + releaseColumns + " FROM releases r JOIN titles t ON t.id = r.title_id WHERE " + tx.Among("r.id", 1)
	err = tx.EachRow(query, []any{tx.List(releases)}, func(rows *sql.Rows) error {
		var one release
		if err := one.scan(rows); err != nil {
			return err
		}
		changes.add(one, engine.outcome(one.title))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read new releases: %w", err)
	}
	return changes.save(tx, present.version())
}

// engine gives what is kept from the last time when the rules are the same.
func (s *Service) engine(tx *store.Tx, of state) (*engine, error) {
	if kept := s.kept.Load(); kept != nil && kept.state == of {
		return kept, nil
	}
	made, err := load(tx.DB, of)
	if err != nil {
		return nil, err
	}
	tx.OnCommit(func() { s.kept.Store(made) })
	return made, nil
}

// recognise says anew what every release is, and tells of the products that
// gained or lost any. Rules have been changed in tx, whose state is of.
func (s *Service) recognise(tx *store.Tx, of state) error {
	engine, err := s.engine(tx, of)
	if err != nil {
		return err
	}
	touched := map[string]bool{}
	for last := int32(0); ; {
		releases, err := releasesAfter(tx, last)
		if err != nil {
			return err
		}
		var changes changes
		for _, one := range releases {
			next := engine.outcome(one.title)
			if one.stored.product != next.product || one.stored.class != next.class {
				touched[one.stored.product], touched[next.product] = true, true
			}
			changes.add(one, next)
		}
		if err := changes.save(tx, of.version()); err != nil {
			return err
		}
		if len(releases) < batch {
			break
		}
		last = releases[len(releases)-1].key
	}
	delete(touched, "")
	return s.tell(tx, slices.Sorted(maps.Keys(touched)))
}

func (s *Service) tell(tx *store.Tx, products []string) error {
	events := make([]outbox.Event, 0, len(products))
	for _, text := range products {
		var product ProductID
		if err := product.UnmarshalText([]byte(text)); err != nil {
			return err
		}
		events = append(events, outbox.Event{Subject: text, Payload: Recognised{product}})
	}
	if len(events) > 0 {
		tx.OnCommit(s.changed)
	}
	return s.publish(tx, Topic, events)
}

func releasesAfter(tx *store.Tx, last int32) (releases []release, err error) {
	query := fmt.Sprintf("SELECT %s FROM releases r JOIN titles t ON t.id = r.title_id WHERE r.id > $1 ORDER BY r.id LIMIT %d", releaseColumns, batch)
	err = tx.EachRow(query, []any{last}, func(rows *sql.Rows) error {
		var one release
		err := one.scan(rows)
		releases = append(releases, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read releases: %w", err)
	}
	return releases, nil
}

// changes are the releases that are held to be something else from now on.
type changes struct {
	keys                        []int32
	class, product, rule, rival []*string
}

func (c *changes) add(one release, next outcome) {
	if one.stored == next {
		return
	}
	c.keys = append(c.keys, one.key)
	c.class, c.product = append(c.class, store.Null(next.class)), append(c.product, store.Null(next.product))
	c.rule, c.rival = append(c.rule, store.Null(next.rule)), append(c.rival, store.Null(next.rival))
}

func (c *changes) save(tx *store.Tx, version string) error {
	if len(c.keys) == 0 {
		return nil
	}
	versions := make([]*string, len(c.keys))
	for i := range versions {
		if c.rule[i] != nil {
			versions[i] = &version
		}
	}
	err := tx.UpdateRows("releases", 1, store.Col("id", c.keys), store.Col("class", c.class),
		store.Col("product_id", c.product).As("uuid"), store.Col("rule_id", c.rule).As("uuid"),
		store.Col("rival_id", c.rival).As("uuid"), store.Col("rules_version", versions))
	if err != nil {
		return fmt.Errorf("store what releases are: %w", err)
	}
	return nil
}
