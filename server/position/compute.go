package position

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"holdfast/server/licence"
	"holdfast/server/store"
)

// computing is the lock by which one transaction works positions out at a
// time, so that none overwrites what a later one found.
const computing = 7_064_005

func lock(tx *store.Tx) error {
	if tx.Dialect() != store.Postgres {
		return nil
	}
	if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", computing).Error; err != nil {
		return fmt.Errorf("wait for others who work positions out: %w", err)
	}
	return nil
}

// evaluated is a position with the product whose it is.
type evaluated struct {
	product ProductID
	term    *int64 // day on which the first of the rights in force ends
	licence.Position
}

// evaluate works the positions of some products out.
func evaluate(ctx context.Context, l *loader) ([]evaluated, error) {
	result, err := licence.Evaluate(l.estate, l.rules, licence.Options{At: l.at.day})
	if err != nil {
		return nil, fmt.Errorf("work out positions: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	terms := map[string]licence.Date{}
	for i := range l.estate.Entitlements {
		if e := &l.estate.Entitlements[i]; e.To != "" && e.From <= l.at.day && l.at.day <= e.To && (terms[e.Product] == "" || e.To < terms[e.Product]) {
			terms[e.Product] = e.To
		}
	}
	positions := make([]evaluated, len(result.Positions))
	for i := range result.Positions {
		key := result.Positions[i].Product.Key
		positions[i] = evaluated{product: l.products[l.byKey(key)].id, Position: result.Positions[i]}
		if last := terms[key]; last != "" {
			positions[i].term = new(moment{day: last}.days())
		}
	}
	return positions, nil
}

// kept is what is on record of a position.
type kept struct {
	Figures
	changed time.Time
}

// recompute works the positions of some products out and keeps them. Where
// the figures are not what they were, the history and the outbox hear of it.
func (s *Service) recompute(ctx context.Context, tx *store.Tx, cause Cause, products []ProductID) error {
	if len(products) == 0 {
		return nil
	}
	started := time.Now()
	if err := lock(tx); err != nil {
		return err
	}
	at := moment{day: licence.DateOf(tx.Now)}
	l, err := load(ctx, tx.DB, tx.Dialect(), at, products)
	if err != nil {
		return err
	}
	positions, err := evaluate(ctx, l)
	if err != nil {
		return err
	}
	before, err := onRecord(tx, products)
	if err != nil {
		return err
	}
	if len(positions) == 0 { // of products that are no more
		return nil
	}
	took := time.Since(started) / time.Duration(len(positions))
	return s.keep(tx, at, cause, positions, before, l.rules.Version, took)
}

func onRecord(tx *store.Tx, products []ProductID) (map[ProductID]kept, error) {
	var rows []struct {
		ProductID ProductID
		Owned     int64
		Needed    int64
		Idle      int64
		Available int64
		Certain   bool
		ChangedAt time.Time
	}
	err := tx.Raw("SELECT product_id, owned, needed, idle, available, certain, changed_at FROM positions WHERE product_id IN ?", products).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	before := make(map[ProductID]kept, len(rows))
	for _, r := range rows {
		before[r.ProductID] = kept{Figures{r.Owned, r.Needed, r.Idle, r.Available, r.Certain}, r.ChangedAt}
	}
	return before, nil
}

// figuresOf are the figures in whole rights, fractions rounded against us.
func figuresOf(p *licence.Position) Figures {
	f := Figures{Owned: floor(p.Owned), Needed: ceiling(p.Needed), Idle: ceiling(p.Idle), Certain: p.Certain}
	f.Available = f.Owned - f.Needed - f.Idle
	return f
}

func ceiling(a licence.Amount) int64 { return whole(a.Up(licence.Whole(1))) }

func floor(a licence.Amount) int64 {
	up := a.Up(licence.Whole(1))
	if up.Compare(a) == 0 {
		return whole(up)
	}
	return whole(up) - 1
}

func whole(a licence.Amount) int64 {
	number, is := new(big.Int).SetString(a.String(), 10)
	if !is || !number.IsInt64() { // more than 64 bits of rights is a slip of the pen
		return 1<<62 - 1
	}
	return number.Int64()
}

// rows are positions on their way into the table, column by column.
type rows struct {
	products, statuses, metrics              []string
	owned, needed, idle, available           []int64
	certain                                  []bool
	exposure                                 []*int64
	currency                                 []*string
	term                                     []*int64
	lines, spared, rights                    []int64
	rule                                     []*string
	version                                  []string
	day                                      []int64
	computed, changed                        []time.Time
	took                                     []int64
	explanation                              []string
	historyOf                                []string
	historyOwned, historyNeeded, historyIdle []int64
	historyAvailable                         []int64
	historyCertain                           []bool
	historyCause, historyVersion             []string
	historyAt                                []time.Time
}

func (s *Service) keep(tx *store.Tx, at moment, cause Cause, positions []evaluated, before map[ProductID]kept, version string, took time.Duration) error {
	var r rows
	var changed []Changed
	for i := range positions {
		p := &positions[i]
		f := figuresOf(&p.Position)
		was, had := before[p.product]
		since := was.changed
		if !had || was.Figures != f {
			since = tx.Now
			r.addHistory(p.product, tx.Now, f, cause, version)
			changed = append(changed, Changed{
				Product: p.product, Key: p.Product.Key, Name: p.Product.Name, Status: p.Status, Owned: f.Owned, Needed: f.Needed, Available: f.Available,
			})
		}
		if err := r.add(at, p, f, tx.Now, since, version, took); err != nil {
			return err
		}
	}
	if err := r.save(tx); err != nil {
		return err
	}
	for _, one := range changed {
		if err := s.publish(tx, Topic, one.Product.String(), one); err != nil {
			return err
		}
	}
	return nil
}

func (r *rows) addHistory(of ProductID, when time.Time, f Figures, cause Cause, version string) {
	r.historyOf, r.historyAt = append(r.historyOf, of.String()), append(r.historyAt, when)
	r.historyOwned, r.historyNeeded = append(r.historyOwned, f.Owned), append(r.historyNeeded, f.Needed)
	r.historyIdle, r.historyAvailable = append(r.historyIdle, f.Idle), append(r.historyAvailable, f.Available)
	r.historyCertain = append(r.historyCertain, f.Certain)
	r.historyCause, r.historyVersion = append(r.historyCause, string(cause)), append(r.historyVersion, version)
}

func (r *rows) add(at moment, p *evaluated, f Figures, now, since time.Time, version string, took time.Duration) error {
	// Counted before most lines are left out of what is kept.
	lines, spared, rights := len(leaves(&p.Explanation.Needed)), len(p.Explanation.NotCounted.Children), len(p.Explanation.Owned.Children)
	explanation, err := json.Marshal(p.Trimmed(mostLines))
	if err != nil {
		return fmt.Errorf("write position of %s: %w", p.Product.Key, err)
	}
	r.products, r.statuses = append(r.products, p.product.String()), append(r.statuses, string(p.Status))
	r.metrics = append(r.metrics, p.Rule.Metric.Kind())
	r.owned, r.needed = append(r.owned, f.Owned), append(r.needed, f.Needed)
	r.idle, r.available = append(r.idle, f.Idle), append(r.available, f.Available)
	r.certain = append(r.certain, f.Certain)
	var exposure *int64
	var currency, rule *string
	if p.Exposure != nil {
		exposure, currency = &p.Exposure.Cents, &p.Exposure.Currency
	}
	if p.Rule.ID != "" {
		rule = &p.Rule.ID
	}
	r.exposure, r.currency, r.rule = append(r.exposure, exposure), append(r.currency, currency), append(r.rule, rule)
	r.term = append(r.term, p.term)
	r.lines, r.spared, r.rights = append(r.lines, int64(lines)), append(r.spared, int64(spared)), append(r.rights, int64(rights))
	r.version, r.day = append(r.version, version), append(r.day, at.days())
	r.computed, r.changed = append(r.computed, now), append(r.changed, since)
	r.took, r.explanation = append(r.took, took.Microseconds()), append(r.explanation, string(explanation))
	return nil
}

// leaves gives the lines about machines, users and sites.
func leaves(root *licence.Node) []*licence.Node {
	var found []*licence.Node
	var walk func(n *licence.Node)
	walk = func(n *licence.Node) {
		if n.Ref != nil {
			found = append(found, n)
			return
		}
		for i := range n.Children {
			walk(&n.Children[i])
		}
	}
	walk(root)
	return found
}

func (r *rows) save(tx *store.Tx) error {
	err := tx.InsertRows("positions", `ON CONFLICT (product_id) DO UPDATE SET status = excluded.status, metric = excluded.metric,
		owned = excluded.owned, needed = excluded.needed, idle = excluded.idle, available = excluded.available, certain = excluded.certain,
		exposure_cents = excluded.exposure_cents, currency = excluded.currency, term_ends_on = excluded.term_ends_on, lines = excluded.lines,
		spared = excluded.spared, rights = excluded.rights, rule_id = excluded.rule_id, rule_version = excluded.rule_version,
		evaluated_on = excluded.evaluated_on, computed_at = excluded.computed_at, changed_at = excluded.changed_at,
		took_us = excluded.took_us, explanation = excluded.explanation`,
		store.Col("product_id", r.products).As("uuid"), store.Col("status", r.statuses), store.Col("metric", r.metrics),
		store.Col("owned", r.owned), store.Col("needed", r.needed), store.Col("idle", r.idle), store.Col("available", r.available),
		store.Col("certain", r.certain), store.Col("exposure_cents", r.exposure), store.Col("currency", r.currency),
		store.Col("term_ends_on", r.term).As("integer"), store.Col("lines", r.lines).As("integer"), store.Col("spared", r.spared).As("integer"),
		store.Col("rights", r.rights).As("integer"), store.Col("rule_id", r.rule), store.Col("rule_version", r.version),
		store.Col("evaluated_on", r.day).As("integer"), store.Col("computed_at", r.computed), store.Col("changed_at", r.changed),
		store.Col("took_us", r.took), store.Col("explanation", r.explanation).As("json"))
	if err != nil {
		return fmt.Errorf("keep positions: %w", err)
	}
	if len(r.historyOf) == 0 {
		return nil
	}
	err = tx.InsertRows("position_history", `ON CONFLICT (product_id, at) DO UPDATE SET owned = excluded.owned, needed = excluded.needed,
		idle = excluded.idle, available = excluded.available, certain = excluded.certain, cause = excluded.cause, rule_version = excluded.rule_version`,
		store.Col("product_id", r.historyOf).As("uuid"), store.Col("at", r.historyAt), store.Col("owned", r.historyOwned),
		store.Col("needed", r.historyNeeded), store.Col("idle", r.historyIdle), store.Col("available", r.historyAvailable),
		store.Col("certain", r.historyCertain), store.Col("cause", r.historyCause), store.Col("rule_version", r.historyVersion))
	if err != nil {
		return fmt.Errorf("keep history of positions: %w", err)
	}
	return nil
}
