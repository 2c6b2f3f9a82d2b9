package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// mostParameters is how many parameters a SQLite statement of many rows has:
// its driver looks for each among all, so that more are not faster.
const mostParameters = 96

// Column is one column of many rows that are written by one statement.
type Column struct {
	name   string
	kind   string // PostgreSQL type of a value, on the way
	cast   string // PostgreSQL type of the column, where it is another
	values any    // the slice, as pgx takes it
	at     func(row int) any
	length int
}

// Col makes a column from its values, one a row. T is a plain Go type or a
// pointer to one, whose nil is NULL.
func Col[T any](name string, values []T) Column {
	return Column{
		name: name, kind: kindOf(*new(T)), values: values, length: len(values),
		at: func(row int) any { return values[row] },
	}
}

// ColOf makes a column of what get finds in each row.
func ColOf[R, T any](name string, rows []R, get func(*R) T) Column {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = get(&rows[i])
	}
	return Col(name, values)
}

// Null is the text for a column in which an empty one is NULL.
func Null(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// As says the PostgreSQL type of a column whose values travel as text: uuid
// or json. SQLite keeps them as text.
func (c Column) As(kind string) Column {
	c.cast = "::" + kind
	return c
}

func kindOf(value any) string {
	switch value.(type) {
	case int16, int32, *int32:
		return "int4"
	case int, *int, int64, *int64:
		return "int8"
	case bool, *bool:
		return "bool"
	case []byte:
		return "bytea"
	case time.Time, *time.Time:
		return "timestamptz"
	}
	return "text"
}

// InsertRows writes rows, given as columns of one length. conflict is empty or
// an ON CONFLICT clause. On PostgreSQL it is one statement over arrays
// (measured to cost no more than COPY, and it takes the clause), on SQLite a
// few statements of many rows.
func (tx *Tx) InsertRows(table, conflict string, columns ...Column) error {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.name
	}
	head := " INTO " + table + " (" + strings.Join(names, ", ") + ") "
	if tx.dialect == Postgres {
		selected, source, args := unnest(columns)
		return tx.run("INSERT"+head+"SELECT "+selected+" FROM "+source+" "+conflict, args)
	}
	// FAIL spares SQLite a copy of every page that the statement touches, by
	// which it could undo the statement alone: the whole transaction is undone.
	head = "INSERT OR FAIL" + head
	return tx.chunks(columns, max(1, mostParameters/len(columns)), func(rows int) string {
		return head + values(rows, len(columns)) + " " + conflict
	})
}

// AppendRows writes many new rows, by COPY on PostgreSQL: it fills whole pages
// where a statement adds row after row, which halves the work of the database
// for narrow rows.
func (tx *Tx) AppendRows(table string, columns ...Column) error {
	if tx.dialect != Postgres {
		return tx.InsertRows(table, "", columns...)
	}
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.name
	}
	row, values := -1, make([]any, len(columns))
	return tx.Postgres(func(conn *pgx.Conn) error {
		_, err := conn.CopyFrom(tx.Statement.Context, pgx.Identifier{table}, names, pgx.CopyFromFunc(func() ([]any, error) {
			if row++; row == columns[0].length {
				return nil, nil // the end, as pgx wants it said
			}
			for i := range columns {
				values[i] = columns[i].at(row)
			}
			return values, nil
		}))
		return err
	})
}

// UpdateRows sets the columns after the first keys ones in the rows that the
// first keys ones name.
func (tx *Tx) UpdateRows(table string, keys int, columns ...Column) error {
	if tx.dialect == Postgres {
		_, source, args := unnest(columns)
		set := make([]string, 0, len(columns))
		for _, column := range columns[keys:] {
			set = append(set, column.name+" = v."+column.name+column.cast)
		}
		return tx.run("UPDATE "+table+" t SET "+strings.Join(set, ", ")+" FROM "+source+" WHERE "+match(columns[:keys]), args)
	}
	set, where := make([]string, 0, len(columns)), make([]string, 0, keys)
	for i, column := range columns {
		if i < keys {
			where = append(where, fmt.Sprintf("%s = ?%d", column.name, i+1))
		} else {
			set = append(set, fmt.Sprintf("%s = ?%d", column.name, i+1))
		}
	}
	statement := "UPDATE " + table + " SET " + strings.Join(set, ", ") + " WHERE " + strings.Join(where, " AND ")
	return tx.chunks(columns, 1, func(int) string { return statement })
}

// DeleteRows deletes the rows that the columns name.
func (tx *Tx) DeleteRows(table string, columns ...Column) error {
	if tx.dialect == Postgres {
		_, source, args := unnest(columns)
		return tx.run("DELETE FROM "+table+" t USING "+source+" WHERE "+match(columns), args)
	}
	where := make([]string, len(columns))
	for i, column := range columns {
		where[i] = column.name + " = ?"
	}
	statement := "DELETE FROM " + table + " WHERE " + strings.Join(where, " AND ")
	return tx.chunks(columns, 1, func(int) string { return statement })
}

// ByIndex makes PostgreSQL look rows up by index for the rest of the
// transaction. It is for statements that know their rows by key: statistics
// lag behind a table that grows by thousands of rows a second, and a plan that
// was made when it was small would read it whole for ever after. Compiling
// such statements costs more than they do.
func (tx *Tx) ByIndex() error {
	if tx.dialect != Postgres {
		return nil
	}
	return tx.run("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)", nil)
}

// EachRow runs a query with parameters $1, $2 … on either database, and hands
// over its rows one by one. Among and List put a list into it.
func (tx *Tx) EachRow(query string, args []any, each func(rows *sql.Rows) error) (err error) {
	rows, err := tx.Statement.ConnPool.QueryContext(tx.Statement.Context, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below has the error of reading
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// EachMatch runs a query that reads the given columns as the table v, and
// hands over the rows that it finds. On SQLite it runs once for every few rows
// of v, so that its order, limit and groups must not span them.
func (tx *Tx) EachMatch(query string, columns []Column, each func(rows *sql.Rows) error) error {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.name
	}
	head := "WITH v(" + strings.Join(names, ", ") + ") AS ("
	if tx.dialect == Postgres {
		selected, source, args := unnest(columns)
		return tx.EachRow(head+"SELECT "+selected+" FROM "+source+") "+query, args, each)
	}
	size := max(1, mostParameters/len(columns))
	for from := 0; from < columns[0].length; from += size {
		to := min(from+size, columns[0].length)
		args := make([]any, 0, (to-from)*len(columns))
		for row := from; row < to; row++ {
			for i := range columns {
				args = append(args, columns[i].at(row))
			}
		}
		if err := tx.EachRow(head+values(to-from, len(columns))+") "+query, args, each); err != nil {
			return err
		}
	}
	return nil
}

// Among is the condition that column is in the list that is parameter number
// n, made by List.
func (tx *Tx) Among(column string, n int) string {
	if tx.dialect == Postgres {
		return fmt.Sprintf("%s = ANY($%d)", column, n)
	}
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, n)
}

// List makes the parameter for Among out of a slice of numbers or texts.
func (tx *Tx) List(values any) any {
	if tx.dialect == Postgres {
		return values
	}
	list, err := json.Marshal(values)
	if err != nil { // cannot be: numbers and texts
		return "[]"
	}
	return string(list)
}

// values is a VALUES clause of parameters.
func values(rows, columns int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", columns), ", ") + ")"
	return "VALUES " + strings.TrimSuffix(strings.Repeat(row+", ", rows), ", ")
}

func (tx *Tx) run(statement string, args []any) error {
	_, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, statement, args...)
	return err
}

// chunks runs a statement for every size rows, and one for the rest.
func (tx *Tx) chunks(columns []Column, size int, build func(rows int) string) (err error) {
	ctx, length := tx.Statement.Context, columns[0].length
	args := make([]any, 0, size*len(columns))
	fill := func(from, to int) {
		args = args[:0]
		for row := from; row < to; row++ {
			for i := range columns {
				args = append(args, columns[i].at(row))
			}
		}
	}
	from := 0
	if length >= 2*size {
		prepared, err := tx.Statement.ConnPool.PrepareContext(ctx, build(size))
		if err != nil {
			return err
		}
		defer prepared.Close() //nolint:errcheck // nothing is lost with it
		for ; from+size <= length; from += size {
			fill(from, from+size)
			if _, err := prepared.ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	for ; from < length; from += size {
		to := min(from+size, length)
		fill(from, to)
		if err := tx.run(build(to-from), args); err != nil {
			return err
		}
	}
	return nil
}

// unnest gives what to select, from where, and the arrays behind it.
func unnest(columns []Column) (selected, source string, args []any) {
	casts, arrays, names := make([]string, len(columns)), make([]string, len(columns)), make([]string, len(columns))
	args = make([]any, len(columns))
	for i, column := range columns {
		casts[i] = "v." + column.name + column.cast
		arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, column.kind)
		names[i] = column.name
		args[i] = column.values
	}
	return strings.Join(casts, ", "), "unnest(" + strings.Join(arrays, ", ") + ") AS v(" + strings.Join(names, ", ") + ")", args
}

func match(columns []Column) string {
	terms := make([]string, len(columns))
	for i, column := range columns {
		terms[i] = "t." + column.name + " = v." + column.name + column.cast
	}
	return strings.Join(terms, " AND ")
}
