package ui

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"holdfast/server/list"
	"holdfast/server/web/i18n"
)

// List is one page of a list, ready to be shown: its filters, its order, its
// rows, and the ways on.
type List struct {
	Name   string       // of the definition, such as "devices"
	Path   string       // of the page
	Query  list.Query   // as asked
	Fields []list.Field // all columns that the reader may see
	Heads  []list.Field // the columns that are shown
	Rows   []Row
	Adding string // column whose filter form is open
	Views  []View // built-in ones, then the reader's own
	Export bool   // whether the reader may have it as a file
	Whole  bool   // whether cards show every column, since no page behind them does

	Total, From, To int
	Next, Previous  string

	// Bulk is what can be done with several rows at once: fields and buttons of
	// the form that posts the identifiers of the rows that were picked, as "id",
	// to BulkPath. Rows without an identifier cannot be picked.
	Bulk     templ.Component
	BulkPath string

	// Choices gives the values of a filter that are rows elsewhere, such as
	// units, with their names.
	Choices map[string][]Choice
}

// Row is one row.
type Row struct {
	Href  string // of the thing itself; its name is the first cell
	ID    string // by which it is picked, where List.Bulk is set
	Name  string // of what is picked, for those who do not see the row
	Cells []templ.Component
}

// View is a named query: a tab above the list.
type View struct {
	Name  string
	Query list.Query
	ID    string // of a saved view
}

// Choice is one value that a person can choose.
type Choice struct{ Value, Label string }

// Cell draws the value of a column in a row; nil draws it as its kind says.
type Cell[R any] func(row R, column list.Column[R]) templ.Component

// ListOf makes a List from what a definition gave. The first column is the
// name of the row and its link.
func ListOf[R any](d *list.Definition[R], q list.Query, page list.Page[R], href func(R) string, cell Cell[R]) List {
	shown := d.Shown(q)
	made := List{
		Name: d.Name, Query: q, Fields: d.Fields(),
		Total: page.Total, From: page.From, To: page.To, Next: page.Next, Previous: page.Previous,
	}
	for _, column := range shown {
		made.Heads = append(made.Heads, column.Field)
	}
	for _, item := range page.Items {
		row := Row{Href: href(item)}
		for _, column := range shown {
			var content templ.Component
			if cell != nil {
				content = cell(item, column)
			}
			if content == nil {
				content = Value(made.Name, column.Field, column.Value(item))
			}
			row.Cells = append(row.Cells, content)
		}
		made.Rows = append(made.Rows, row)
	}
	return made
}

func (l List) to(q list.Query) templ.SafeURL {
	encoded := q.ToValues().Encode()
	if encoded == "" {
		return templ.SafeURL(l.Path)
	}
	return templ.SafeURL(l.Path + "?" + encoded)
}

func (l List) adding(key string) templ.SafeURL {
	values := l.Query.After("").ToValues()
	values.Set("add", key)
	return templ.SafeURL(l.Path + "?" + values.Encode())
}

func (l List) file(format string) templ.SafeURL {
	values := l.Query.After("").ToValues()
	values.Set("format", format)
	return templ.SafeURL(l.Path + "/export?" + values.Encode())
}

// hidden gives the query as the fields of a form, without some of them.
func (l List) hidden(without ...string) []Choice {
	values := l.Query.After("").ToValues()
	for _, name := range without {
		values.Del(name)
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	fields := make([]Choice, len(names))
	for i, name := range names {
		fields[i] = Choice{name, values.Get(name)}
	}
	return fields
}

// asked is the query without the page and the number of rows: what a view keeps.
func asked(q list.Query) string {
	q.Cursor, q.Limit = "", list.DefaultLimit
	return q.ToValues().Encode()
}

func (l List) current(v View) bool { return asked(l.Query) == asked(v.Query) }

func (l List) known() bool { return slices.ContainsFunc(l.Views, l.current) }

func (l List) filtered() bool { return l.Query.Text != "" || len(l.Query.Filters) > 0 }

func (l List) field(key string) list.Field {
	for _, field := range l.Fields {
		if field.Key == key {
			return field
		}
	}
	return list.Field{Key: key}
}

func (l List) label(ctx context.Context, key string) string {
	return ColumnLabel(ctx, l.Name+"."+key)
}

// ColumnLabel is the heading of a column, given as "LIST.KEY". The devices
// that have a title are listed by the columns of devices.
func ColumnLabel(ctx context.Context, name string) string {
	if key := "column." + name; i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return i18n.T(ctx, "column.devices"+name[strings.LastIndexByte(name, '.'):])
}

func (l List) shows(key string) bool {
	return slices.ContainsFunc(l.Heads, func(field list.Field) bool { return field.Key == key })
}

// sorted is the value of aria-sort of a column.
func (l List) sorted(field list.Field) string {
	switch {
	case l.Query.Sort.Key != field.Key:
		return "none"
	case l.Query.Sort.Descending:
		return "descending"
	}
	return "ascending"
}

// card is where a cell stands when the table becomes cards: the first time on
// the right, three more below the name, the others on the page behind.
func (l List) card(index int) string {
	times, others := 0, 0
	for i := 1; i < len(l.Heads); i++ {
		isTime := l.Heads[i].Kind == list.Time
		switch {
		case isTime && times == 0:
			times++
			if i == index {
				return "c-r"
			}
		default:
			others++
			if i == index && (others <= 3 || l.Whole) {
				return "c-full"
			}
		}
	}
	return "c-hide"
}

// bare reports whether the value of a column says nothing without its heading,
// which a card lacks.
func (l List) bare(index int) bool {
	kind := l.Heads[index].Kind
	return number(kind) || kind == list.Date || kind == list.Flag
}

func number(kind list.Kind) bool {
	return kind == list.Number || kind == list.Money || kind == list.Bytes
}

// relation says what a filter asks, in words between the field and the value.
func (l List) relation(ctx context.Context, filter list.Filter) string {
	field := l.field(filter.Key)
	kind := "text"
	switch field.Kind {
	case list.Enum, list.Flag, list.UUID:
		kind = "enum"
	case list.Number, list.Money, list.Bytes:
		kind = "number"
	case list.Time, list.Date:
		kind = "time"
	case list.Text, list.IP, list.MAC:
	}
	if field.Match != nil {
		kind = "enum"
	}
	name := string(filter.Relation)
	switch filter.Relation {
	case list.Matches:
		name = "matches"
	case list.Known:
		name = "unknown"
		if len(filter.Values) > 0 && filter.Values[0] != "no" && filter.Values[0] != "false" {
			name = "known"
		}
		return i18n.T(ctx, "filter."+name)
	case list.Is:
		return i18n.T(ctx, "filter.is")
	case list.Not, list.From, list.To:
	}
	return i18n.T(ctx, "filter."+kind+"."+name)
}

// values writes what a filter looks for.
func (l List) values(ctx context.Context, filter list.Filter) string {
	if filter.Relation == list.Known {
		return ""
	}
	words := make([]string, len(filter.Values))
	for i, value := range filter.Values {
		words[i] = l.word(ctx, l.field(filter.Key), value)
	}
	if len(words) > 3 {
		return i18n.T(ctx, "filter.more", i18n.Args{"First": strings.Join(words[:2], ", "), "Count": len(words) - 2})
	}
	return strings.Join(words, ", ")
}

func (l List) word(ctx context.Context, field list.Field, value string) string {
	for _, choice := range l.Choices[field.Key] {
		if choice.Value == value {
			return choice.Label
		}
	}
	switch field.Kind {
	case list.Enum:
		return EnumWord(ctx, l.Name, field.Key, value)
	case list.Flag:
		return i18n.T(ctx, "answer."+yesNo(value))
	case list.Time, list.Date:
		if _, err := time.Parse(time.DateOnly, value); err == nil {
			return i18n.Day(ctx, value)
		}
		if age, is := strings.CutPrefix(value, "-"); is {
			return ageWords(ctx, age)
		}
	case list.Text, list.Number, list.Money, list.Bytes, list.IP, list.MAC, list.UUID:
	}
	return value
}

// ageWords writes an age such as "14d" as "14 days ago".
func ageWords(ctx context.Context, age string) string {
	count := 0
	for i, char := range age {
		if char < '0' || char > '9' {
			if key := "age." + age[i:]; i18n.Has(key) {
				return i18n.Count(ctx, key, count)
			}
			break
		}
		count = count*10 + int(char-'0')
	}
	return "-" + age
}

func yesNo(value string) string {
	switch strings.ToLower(value) {
	case "no", "false", "0":
		return "no"
	}
	return "yes"
}

// EnumWord names a value of a column that has few; a value that has no name
// in the catalogues stands for itself.
func EnumWord(ctx context.Context, listName, key, value string) string {
	for _, name := range []string{"value." + listName + "." + key + "." + value, "value." + key + "." + value} {
		if i18n.Has(name) {
			return i18n.T(ctx, name)
		}
	}
	return value
}

// FilterFrom reads what the filter form of a list sent, and tells whether
// anything was sent. Parameters that belong to the form are taken out of values.
func FilterFrom(values url.Values, fields []list.Field) (list.Filter, bool) {
	key, relation := values.Get("add"), values.Get("relation")
	given := slices.DeleteFunc(slices.Clone(values["value"]), func(value string) bool { return strings.TrimSpace(value) == "" })
	if i := slices.Index(given, "date"); i >= 0 {
		given[i] = values.Get("date")
	}
	sent := values.Has("relation")
	for _, name := range []string{"relation", "value", "date"} {
		values.Del(name)
	}
	if !sent || !slices.ContainsFunc(fields, func(field list.Field) bool { return field.Key == key }) {
		return list.Filter{}, false
	}
	switch relation {
	case "matches":
		relation = ""
	case "unknown":
		relation, given = string(list.Known), []string{"no"}
	}
	return list.Filter{Key: key, Relation: list.Relation(relation), Values: given}, true
}
