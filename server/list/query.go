package list

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How many rows a page may have.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// Relation is what a filter asks of a column.
type Relation string

// The relations; each but the first is the ending of the parameter's name.
const (
	Matches Relation = ""      // contains, or is one of; see the package documentation
	Is      Relation = "is"    // exactly
	Not     Relation = "not"   // the opposite of Matches
	From    Relation = "from"  // at least
	To      Relation = "to"    // at most; a day is meant to its end
	Known   Relation = "known" // yes or no
)

// Relations lists every relation.
func Relations() []Relation { return []Relation{Matches, Is, Not, From, To, Known} }

// Filter is one condition that the reader asks for: any of the values.
type Filter struct {
	Key      string
	Relation Relation
	Values   []string
}

// Param is the name of the filter in an address, such as "last_seen.to".
func (f Filter) Param() string {
	if f.Relation == Matches {
		return f.Key
	}
	return f.Key + "." + string(f.Relation)
}

// Sort is an order by one column.
type Sort struct {
	Key        string
	Descending bool
}

// String gives the form of the parameter: KEY or -KEY.
func (s Sort) String() string {
	if s.Descending {
		return "-" + s.Key
	}
	return s.Key
}

func sortOf(text string) Sort {
	key, descending := strings.CutPrefix(text, "-")
	return Sort{Key: key, Descending: descending}
}

// Query is what a reader asks of a list. Parse makes one; its methods make
// others from it, for links, and leave it as it is.
type Query struct {
	Text    string // free text
	Filters []Filter
	Sort    Sort
	Limit   int
	Cursor  string
	Columns []string       // empty: those shown by default
	Zone    *time.Location // in which days are meant; nil is UTC

	standard Sort
}

// With is the query with a filter, in place of one on the same column with
// the same relation, from its first page.
func (q Query) With(filter Filter) Query {
	q = q.Without(filter)
	q.Filters = append(q.Filters, filter)
	return q
}

// Without is the query lacking the filter on that column with that relation,
// from its first page.
func (q Query) Without(filter Filter) Query {
	q.Cursor = ""
	q.Filters = slices.DeleteFunc(slices.Clone(q.Filters), func(other Filter) bool {
		return other.Key == filter.Key && other.Relation == filter.Relation
	})
	return q
}

// Cleared is the query without free text and filters.
func (q Query) Cleared() Query {
	q.Text, q.Filters, q.Cursor = "", nil, ""
	return q
}

// Sorted is the query in the order of this column, or in the opposite order
// when it is so already, from its first page.
func (q Query) Sorted(key string) Query {
	q.Cursor = ""
	q.Sort = Sort{Key: key, Descending: q.Sort.Key == key && !q.Sort.Descending}
	return q
}

// After is the query at the page that a cursor leads to; "" is the first.
func (q Query) After(cursor string) Query {
	q.Cursor = cursor
	return q
}

// Showing is the query with these columns, in this order.
func (q Query) Showing(keys ...string) Query {
	q.Columns = slices.Clone(keys)
	return q
}

// Filter finds the filter on a column with that relation.
func (q Query) Filter(key string, relation Relation) (Filter, bool) {
	for _, filter := range q.Filters {
		if filter.Key == key && filter.Relation == relation {
			return filter, true
		}
	}
	return Filter{}, false
}

// ToValues writes the query as Parse reads it, without what is as by default.
func (q Query) ToValues() url.Values {
	values := url.Values{}
	if q.Text != "" {
		values.Set("q", q.Text)
	}
	for _, filter := range q.Filters {
		values.Set(filter.Param(), joinValues(filter.Values))
	}
	if q.Sort != q.standard {
		values.Set("sort", q.Sort.String())
	}
	if q.Limit != DefaultLimit && q.Limit != 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	if len(q.Columns) > 0 {
		values.Set("columns", strings.Join(q.Columns, ","))
	}
	if q.Cursor != "" {
		values.Set("cursor", q.Cursor)
	}
	return values
}

func joinValues(values []string) string {
	escaped := make([]string, len(values))
	for i, value := range values {
		escaped[i] = strings.NewReplacer(`\`, `\\`, `,`, `\,`).Replace(value)
	}
	return strings.Join(escaped, ",")
}

// splitValues undoes joinValues. A backslash before anything else stands for
// itself, since Windows accounts are written with one.
func splitValues(text string) []string {
	var values []string
	var value strings.Builder
	flush := func() {
		if trimmed := strings.TrimSpace(value.String()); trimmed != "" {
			values = append(values, trimmed)
		}
		value.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == ',' || text[i+1] == '\\'):
			i++
			value.WriteByte(text[i])
		case text[i] == ',':
			flush()
		default:
			value.WriteByte(text[i])
		}
	}
	flush()
	return values
}
