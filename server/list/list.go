// Package list makes lists: a page of rows, its export and its API answer all
// come from one table of columns, so that they cannot disagree about filters,
// order or totals. A domain writes a Definition; Parse reads what a reader
// asks for from the address; Run answers one page and Rows all of them.
//
// Filters are named after the columns:
//
//	model=latitude         text: contains, whatever the case; enum: is one of
//	model=latitude,optiplex  any of several; a comma in a value is written \,
//	model.is=Latitude 5440 exactly this
//	model.not=latitude     the opposite
//	memory.from=8GB        at least; sizes take kB, MB, GB, TB and KiB to TiB
//	last_seen.to=-14d      at most; times take dates, RFC 3339, now, and ages
//	                       in h, d, w, m (months) and y
//	serial.known=no        nothing is known
//	q=text                 free text, as the list defines it
//
// and sort=KEY or sort=-KEY, limit, cursor and columns=KEY,KEY.
//
// Pages are found by the sort value and identifier of a row, never by
// counting rows off, so that page 2,000 costs what page 1 does and rows that
// arrive meanwhile shift nothing. What is not known sorts last in both
// directions: it is read as a second stretch, which lets one plain index on
// (value, identifier) serve both directions on both databases.
package list

import "slices"

// Kind is what the values of a column are; it decides how they are filtered,
// sorted and written.
type Kind string

// The kinds.
const (
	Text   Kind = "text"
	Number Kind = "number"
	Bytes  Kind = "bytes"
	Money  Kind = "money" // hundredths of a currency unit
	Time   Kind = "time"
	Date   Kind = "date" // days since 1970-01-01 in the database
	Enum   Kind = "enum"
	Flag   Kind = "flag"
	IP     Kind = "ip"
	MAC    Kind = "mac"
	UUID   Kind = "uuid"
)

// Field is what a column is apart from the rows. The label of a column is the
// message "column.LIST.KEY".
type Field struct {
	Key        string
	SQL        string   // expression that both databases understand
	Tie        string   // identifier beside SQL in its index; the definition's when empty
	Kind       Kind     //
	Values     []string // every value of an Enum, when they are known
	Sortable   bool     // there is an index on (SQL, Tie)
	Filterable bool     //
	Shown      bool     // unless the reader chose columns
	Nullable   bool     // SQL can be NULL: nothing is known

	// Match replaces what KEY=VALUE means, for facts that have rows of their own.
	Match func(value string) Clause
}

// Column is a field, and how its value is had from a row: nil, string, int,
// int64, bool or time.Time, or a pointer to one of them. A nil pointer, the
// zero time and the empty string are "not known".
type Column[R any] struct {
	Field
	Value func(R) any
}

// Join is a table that only some columns need. It must neither add rows nor
// take any away.
type Join struct{ Alias, SQL string }

// Definition is one list.
type Definition[R any] struct {
	Name    string         // such as "devices"
	Select  string         // what R is scanned from, without the word SELECT
	Scan    func(*R) []any // where each expression of Select goes
	From    string         // the table of the rows, with its alias
	Joins   []Join         // each left out of queries that do not need it
	ID      string         // expression of the identifier that tells equals apart
	IDKind  Kind           // Number or UUID
	Default string         // sort unless the reader asks for another, such as "-last_seen"
	Columns []Column[R]
	Search  func(text string) Clause // what q means; nil when there is no free text
}

// Clause is a condition with its arguments. The zero value is no condition.
type Clause struct {
	SQL  string
	Args []any
}

// Where makes a clause.
func Where(sql string, args ...any) Clause { return Clause{SQL: sql, Args: args} }

// Any is the clause that holds when one of these does.
func Any(clauses ...Clause) Clause { return join(clauses, " OR ") }

// All is the clause that holds when each of these does.
func All(clauses ...Clause) Clause { return join(clauses, " AND ") }

func join(clauses []Clause, word string) Clause {
	var joined Clause
	for _, clause := range clauses {
		if clause.SQL == "" {
			continue
		}
		if joined.SQL != "" {
			joined.SQL += word
		}
		joined.SQL += "(" + clause.SQL + ")"
		joined.Args = append(joined.Args, clause.Args...)
	}
	return joined
}

// Fields lists the columns without their rows, for pages and documentation.
func (d *Definition[R]) Fields() []Field {
	fields := make([]Field, len(d.Columns))
	for i, column := range d.Columns {
		fields[i] = column.Field
	}
	return fields
}

// Shown lists the columns that the query shows, in its order.
func (d *Definition[R]) Shown(q Query) []Column[R] {
	var shown []Column[R]
	for _, key := range q.Columns {
		if column, known := d.Column(key); known {
			shown = append(shown, column)
		}
	}
	if len(shown) > 0 {
		return shown
	}
	for _, column := range d.Columns {
		if column.Shown {
			shown = append(shown, column)
		}
	}
	return shown
}

// Column finds a column by its key.
func (d *Definition[R]) Column(key string) (Column[R], bool) {
	i := slices.IndexFunc(d.Columns, func(column Column[R]) bool { return column.Key == key })
	if i < 0 {
		return Column[R]{}, false
	}
	return d.Columns[i], true
}

// Without is the same list lacking some columns, for readers who may not see
// them: they can neither show nor filter nor sort by what is not there.
func (d *Definition[R]) Without(keys ...string) *Definition[R] {
	less := *d
	less.Columns = slices.DeleteFunc(slices.Clone(d.Columns), func(column Column[R]) bool {
		return slices.Contains(keys, column.Key)
	})
	return &less
}

// Label is the message key of a column's heading.
func (d *Definition[R]) Label(key string) string { return "column." + d.Name + "." + key }

func (d *Definition[R]) tie(field Field) string {
	if field.Tie != "" {
		return field.Tie
	}
	return d.ID
}
