package list

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/server/fault"
	"holdfast/server/store"
)

// Page is one page of a list.
type Page[R any] struct {
	Items    []R
	Total    int    // rows on all pages
	From, To int    // places of the first and the last item, counted from 1; 0 when there are none
	Next     string // cursor of the next page, or ""
	Previous string // cursor of the page before, or ""
}

// Run answers one page. The clauses are what the reader may see, and what
// else the list is narrowed to.
func Run[R any](ctx context.Context, db *store.DB, d *Definition[R], q Query, clauses ...Clause) (Page[R], error) {
	r, err := plan(ctx, db, d, q, clauses)
	if err != nil {
		return Page[R]{}, err
	}
	total, err := r.count()
	if err != nil {
		return Page[R]{}, err
	}
	return r.answer(q, total)
}

// RunCounted is Run for a list whose total is known already.
func RunCounted[R any](ctx context.Context, db *store.DB, d *Definition[R], q Query, total int, clauses ...Clause) (Page[R], error) {
	r, err := plan(ctx, db, d, q, clauses)
	if err != nil {
		return Page[R]{}, err
	}
	return r.answer(q, total)
}

func (r *run[R]) answer(q Query, total int) (Page[R], error) {
	rows, at, more, err := r.page(q.Cursor)
	if err != nil {
		return Page[R]{}, err
	}
	page := Page[R]{Items: make([]R, len(rows)), Total: total}
	for i, row := range rows {
		page.Items[i] = row.row
	}
	if len(rows) == 0 {
		return page, nil
	}
	page.From = at.position + 1
	if at.back {
		page.From = max(1, at.position-len(rows))
	}
	page.To = page.From + len(rows) - 1
	page.Total = max(total, page.To) // rows may have gone since the cursor was made
	if at.back || more {
		page.Next = r.cursor(rows[len(rows)-1], page.To, false)
	}
	if at.id != nil && (!at.back || more) {
		page.Previous = r.cursor(rows[0], page.From, true)
	}
	return page, nil
}

// Count tells how many rows a query has.
func Count[R any](ctx context.Context, db *store.DB, d *Definition[R], q Query, clauses ...Clause) (int, error) {
	r, err := plan(ctx, db, d, q, clauses)
	if err != nil {
		return 0, err
	}
	return r.count()
}

// Rows gives every row of a query, in its order, a batch of rows at a time.
// An error is the last thing it gives.
func Rows[R any](ctx context.Context, db *store.DB, d *Definition[R], q Query, clauses ...Clause) iter.Seq2[R, error] {
	const batch = 1000
	return func(yield func(R, error) bool) {
		var none R
		q.Limit, q.Cursor = batch, ""
		r, err := plan(ctx, db, d, q, clauses)
		if err != nil {
			yield(none, err)
			return
		}
		for next := ""; ; {
			rows, _, more, err := r.page(next)
			if err != nil {
				yield(none, err)
				return
			}
			for _, row := range rows {
				if !yield(row.row, nil) {
					return
				}
			}
			if !more {
				return
			}
			next = r.cursor(rows[len(rows)-1], 0, false)
		}
	}
}

// Statement gives the SQL that reads the first rows of a query, for the tests
// that ask a database how it would go about it.
func Statement[R any](ctx context.Context, db *store.DB, d *Definition[R], q Query, clauses ...Clause) (query string, args []any, err error) {
	r, err := plan(ctx, db, d, q, clauses)
	if err != nil {
		return "", nil, err
	}
	query, args = r.statement(r.stretches(place{})[0], false, r.limit+1)
	return query, args, nil
}

// run is one query on its way.
type run[R any] struct {
	ctx   context.Context //nolint:containedctx // lives as long as the call
	db    *store.DB
	d     *Definition[R]
	sort  Sort
	field Field
	limit int
	where Clause
	found bool // by a free text, which many rows may have
}

// keyed is a row with its place.
type keyed[R any] struct {
	row     R
	key, id scalar
}

func plan[R any](ctx context.Context, db *store.DB, d *Definition[R], q Query, clauses []Clause) (*run[R], error) {
	at := moment{now: db.Now(), zone: q.Zone}
	if at.zone == nil {
		at.zone = time.UTC
	}
	clauses = slices.Clone(clauses)
	for _, filter := range q.Filters {
		column, known := d.Column(filter.Key)
		if !known || len(filter.Values) == 0 {
			return nil, fault.NewInvalid(*bad("bad_filter", filter.Key))
		}
		clause, wrong := column.clause(filter, at)
		if wrong != nil {
			wrong.Name = filter.Param()
			return nil, fault.NewInvalid(*wrong)
		}
		clauses = append(clauses, clause)
	}
	if q.Text != "" && d.Search != nil {
		clauses = append(clauses, d.Search(q.Text))
	}
	if q.Sort.Key == "" {
		q.Sort = sortOf(d.Default)
	}
	column, known := d.Column(q.Sort.Key)
	if !known {
		return nil, fault.NewInvalid(fault.Field{Name: "sort", Key: "fault.list.bad_sort", Args: fault.Args{"Value": q.Sort.Key, "Known": ""}})
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	return &run[R]{ctx: ctx, db: db, d: d, sort: q.Sort, field: column.Field, limit: q.Limit, where: All(clauses...), found: q.Text != ""}, nil
}

func (r *run[R]) cursor(row keyed[R], position int, back bool) string {
	c := cursor{Sort: r.sort.String(), ID: row.id.text, Position: position, Back: back}
	if row.key.known {
		c.Key = &row.key.text
	}
	return c.String()
}

// from is the tables that the given SQL needs.
func (r *run[R]) from(needed ...string) string {
	from := r.d.From
	for _, join := range r.d.Joins {
		if slices.ContainsFunc(needed, func(sql string) bool { return strings.Contains(sql, join.Alias+".") }) {
			from += " " + join.SQL
		}
	}
	return from
}

func (r *run[R]) count() (int, error) {
	query := "SELECT COUNT(*) FROM " + r.from(r.where.SQL)
	if r.where.SQL != "" {
		query += " WHERE " + r.where.SQL
	}
	var total int
	if err := r.db.Read(r.ctx).Raw(query, r.where.Args...).Row().Scan(&total); err != nil {
		return 0, fmt.Errorf("count %s: %w", r.d.Name, err)
	}
	return total, nil
}

// page reads the rows beyond a cursor, in the order of the list, and tells
// whether more follow in the direction of the cursor. A page before that
// would not be full becomes the first page.
func (r *run[R]) page(text string) (rows []keyed[R], at place, more bool, err error) {
	if text != "" {
		at, err = readCursor(text, r.sort, &r.field, r.d.IDKind)
		if err != nil {
			return nil, place{}, false, fault.NewInvalid(fault.Field{Name: "cursor", Key: "fault.list.bad_cursor"})
		}
	}
	for _, part := range r.stretches(at) {
		rest := r.limit + 1 - len(rows)
		if rest <= 0 {
			break
		}
		found, err := r.rows(part, at.back, rest)
		if err != nil {
			return nil, place{}, false, err
		}
		rows = append(rows, found...)
	}
	more = len(rows) > r.limit
	if at.back && !more {
		return r.page("")
	}
	if more {
		rows = rows[:r.limit]
	}
	if at.back {
		slices.Reverse(rows)
	}
	return rows, at, more, nil
}

// stretches gives the conditions of the parts to read one after the other:
// the rows whose sort value is known come before the others.
func (r *run[R]) stretches(at place) []Clause {
	value, tie := r.field.SQL, r.d.tie(r.field)
	sign := " > "
	if r.sort.Descending != at.back {
		sign = " < "
	}
	beyondKnown := Where("("+value+", "+tie+")"+sign+"("+cast(r.field.Kind)+", "+cast(r.d.IDKind)+")", at.key, at.id)
	beyondUnknown := Where(tie+sign+cast(r.d.IDKind), at.id)
	if !r.field.Nullable {
		if at.id == nil {
			return []Clause{{}}
		}
		return []Clause{beyondKnown}
	}
	known, unknown := Where(value+" IS NOT NULL"), Where(value+" IS NULL")
	switch {
	case at.id == nil:
		return []Clause{known, unknown}
	case at.key != nil && at.back:
		return []Clause{All(known, beyondKnown)}
	case at.key != nil:
		return []Clause{All(known, beyondKnown), unknown}
	case at.back:
		return []Clause{All(unknown, beyondUnknown), known}
	}
	return []Clause{All(unknown, beyondUnknown)}
}

// cast keeps a large number from overflowing a small column.
func cast(kind Kind) string {
	switch kind {
	case Number, Money, Bytes, Date:
		return "CAST(? AS bigint)"
	default:
		return "?"
	}
}

// statement is the SQL of some rows.
func (r *run[R]) statement(part Clause, back bool, limit int) (string, []any) {
	direction := ""
	if r.sort.Descending != back {
		direction = " DESC"
	}
	value, tie := r.field.SQL, r.d.tie(r.field)
	where := All(part, r.where) // part first: SQLite then sees that a joined row must exist
	key := value + " AS list_key, " + tie + " AS list_id"
	order := " ORDER BY " + value + direction + ", " + tie + direction + " LIMIT " + strconv.Itoa(limit)
	if where.SQL != "" {
		order = " WHERE " + where.SQL + order
	}
	if r.found && r.db.Dialect() == store.Postgres {
		// PostgreSQL joins and sorts whatever is found before it takes the first
		// rows; only those are then read in full.
		return "SELECT " + r.d.Select + ", list_key, list_id FROM " + r.from(r.d.Select) +
			" JOIN (SELECT " + key + " FROM " + r.from(key, where.SQL) + order + ") page ON page.list_id = " + r.d.ID +
			" ORDER BY list_key" + direction + ", list_id" + direction, where.Args
	}
	return "SELECT " + r.d.Select + ", " + key + " FROM " + r.from(r.d.Select, key, where.SQL) + order, where.Args
}

func (r *run[R]) rows(part Clause, back bool, limit int) (found []keyed[R], err error) {
	query, args := r.statement(part, back, limit)
	cursor, err := r.db.Read(r.ctx).Raw(query, args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", r.d.Name, err)
	}
	defer func() {
		if closing := cursor.Close(); closing != nil && err == nil {
			err = fmt.Errorf("list %s: %w", r.d.Name, closing)
		}
	}()
	for cursor.Next() {
		var row keyed[R]
		if err := cursor.Scan(append(r.d.Scan(&row.row), &row.key, &row.id)...); err != nil {
			return nil, fmt.Errorf("list %s: %w", r.d.Name, err)
		}
		found = append(found, row)
	}
	if err := cursor.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", r.d.Name, err)
	}
	return found, nil
}
