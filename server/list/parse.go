package list

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/server/fault"
)

// Bounds on what one query may hold, so that an address cannot make a query
// that the database chokes on.
const (
	maxFilters = 40
	maxValues  = 100
	maxText    = 300
)

// Parse reads a query from the parameters of an address. Parameters without a
// value are ignored, since forms send them. Everything that is wrong comes
// back as one fault.Invalid: each field is named by its parameter.
func Parse[R any](values url.Values, d *Definition[R]) (Query, error) {
	p := parser{fields: d.Fields()}
	standard := sortOf(d.Default)
	q := Query{Sort: standard, standard: standard, Limit: DefaultLimit}

	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names) // so that errors and filters have an order
	for _, name := range names {
		given := slices.DeleteFunc(slices.Clone(values[name]), func(value string) bool { return strings.TrimSpace(value) == "" })
		if len(given) == 0 || !p.clean(name, given) {
			continue
		}
		switch name {
		case "q":
			if d.Search == nil {
				p.wrong(name, "no_text", nil)
			}
			q.Text = strings.TrimSpace(given[0])
		case "sort":
			q.Sort = p.sort(given[0])
		case "limit":
			q.Limit = p.limit(given[0])
		case "cursor":
			q.Cursor = given[0]
		case "columns":
			q.Columns = p.columns(splitValues(strings.Join(given, ",")))
		default:
			p.filter(&q, name, given)
		}
	}
	if len(q.Filters) > maxFilters {
		p.wrong("q", "too_many", fault.Args{"Limit": maxFilters})
	}
	if q.Cursor != "" && len(p.faults) == 0 {
		if _, err := readCursor(q.Cursor, q.Sort, p.field(q.Sort.Key), d.IDKind); err != nil {
			p.wrong("cursor", "bad_cursor", nil)
		}
	}
	if len(p.faults) > 0 {
		return Query{}, fault.NewInvalid(p.faults...)
	}
	return q, nil
}

// parser collects what is wrong with a query.
type parser struct {
	fields []Field
	faults []fault.Field
}

func (p *parser) wrong(name, key string, args fault.Args) {
	p.faults = append(p.faults, fault.Field{Name: name, Key: "fault.list." + key, Args: args})
}

func (p *parser) field(key string) *Field {
	i := slices.IndexFunc(p.fields, func(field Field) bool { return field.Key == key })
	if i < 0 {
		return nil
	}
	return &p.fields[i]
}

func (p *parser) keys(wanted func(Field) bool) string {
	var keys []string
	for _, field := range p.fields {
		if wanted(field) {
			keys = append(keys, field.Key)
		}
	}
	return strings.Join(keys, ", ")
}

// clean refuses what a database cannot hold, or no person would type.
func (p *parser) clean(name string, values []string) bool {
	for _, value := range values {
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || len(value) > 10*maxText {
			p.wrong(name, "bad_text", nil)
			return false
		}
	}
	return true
}

func (p *parser) sort(text string) Sort {
	sort := sortOf(text)
	field := p.field(sort.Key)
	if field == nil || !field.Sortable {
		p.wrong("sort", "bad_sort", fault.Args{
			"Value": text, "Known": p.keys(func(field Field) bool { return field.Sortable }),
		})
	}
	return sort
}

func (p *parser) limit(text string) int {
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > MaxLimit {
		p.wrong("limit", "bad_limit", fault.Args{"Value": text, "Max": MaxLimit})
	}
	return limit
}

func (p *parser) columns(keys []string) []string {
	var columns []string
	for _, key := range keys {
		if p.field(key) == nil {
			p.wrong("columns", "bad_column", fault.Args{
				"Value": key, "Known": p.keys(func(Field) bool { return true }),
			})
			continue
		}
		if !slices.Contains(columns, key) {
			columns = append(columns, key)
		}
	}
	return columns
}

func (p *parser) filter(q *Query, name string, given []string) {
	key, ending, _ := strings.Cut(name, ".")
	filter := Filter{Key: key, Relation: Relation(ending), Values: splitAll(given)}
	field := p.field(key)
	if field == nil || !field.Filterable {
		p.wrong(name, "bad_filter", fault.Args{
			"Value": key, "Known": p.keys(func(field Field) bool { return field.Filterable }),
		})
		return
	}
	if len(filter.Values) == 0 {
		return
	}
	if len(filter.Values) > maxValues {
		p.wrong(name, "too_many", fault.Args{"Limit": maxValues})
		return
	}
	moment := moment{now: time.Now(), zone: time.UTC}
	if _, wrong := field.clause(filter, moment); wrong != nil {
		wrong.Name = name
		p.faults = append(p.faults, *wrong)
		return
	}
	q.Filters = append(q.Filters, filter)
}

func splitAll(given []string) []string {
	var values []string
	for _, text := range given {
		values = append(values, splitValues(text)...)
	}
	return values
}
