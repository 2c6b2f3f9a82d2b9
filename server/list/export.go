package list

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/server/money"
)

// Texts is how an export speaks to its reader.
type Texts struct {
	Label func(key string) string                // a message by its key; nil writes the keys of columns
	Value func(field Field, value string) string // the word for an enum's value; nil writes the value
	Zone  *time.Location                         // of the times; nil is UTC
}

func (t Texts) heading(name string, field Field) string {
	if t.Label == nil {
		return field.Key
	}
	return t.Label("column." + name + "." + field.Key)
}

func (t Texts) text(field Field, value string) string {
	if field.Kind != Enum || t.Value == nil || value == "" {
		return value
	}
	return t.Value(field, value)
}

func (t Texts) local(when time.Time) time.Time {
	if t.Zone == nil {
		return when.UTC()
	}
	return when.In(t.Zone)
}

// CSV writes the shown columns of all rows by RFC 4180. Numbers and sizes are
// bare numbers, amounts have a point, times are RFC 3339, and what is not known is empty.
//
// The file starts with a byte order mark, because spreadsheets on Windows
// otherwise take UTF-8 for the local code page and spoil every accent; what
// reads CSV today skips it. A text that a spreadsheet would run as a formula
// gets an apostrophe in front, since much of what is listed comes from
// devices that anyone may have named.
func CSV[R any](w io.Writer, d *Definition[R], q Query, rows iter.Seq2[R, error], texts Texts) error {
	const mark = "\ufeff"
	if _, err := io.WriteString(w, mark); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	columns := d.Shown(q)
	record := make([]string, len(columns))
	for i, column := range columns {
		record[i] = defuse(texts.heading(d.Name, column.Field))
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i, column := range columns {
			record[i] = plain(column.Field, known(column.Value(row)), texts)
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

func plain(field Field, value any, texts Texts) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return defuse(texts.text(field, value))
	case bool:
		return strconv.FormatBool(value)
	case int64:
		if field.Kind == Money {
			return money.Format(value)
		}
		return strconv.FormatInt(value, 10)
	case time.Time:
		if field.Kind == Date {
			return value.Format(time.DateOnly)
		}
		return texts.local(value).Truncate(time.Second).Format(time.RFC3339)
	}
	return defuse(fmt.Sprint(value))
}

// defuse keeps spreadsheets from running a text (CWE-1236).
func defuse(text string) string {
	// Spreadsheets set to Chinese or Japanese take the wide signs for the narrow ones.
	const starts = "=+-@\t\r\n＝＋－＠"
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune(starts, first) {
		return "'" + text
	}
	return text
}

// known turns what a column gives into nil, string, bool, int64 or a time.
func known(value any) any {
	switch value := value.(type) {
	case string:
		if value == "" {
			return nil
		}
	case *string:
		return deref(value)
	case *bool:
		return deref(value)
	case *int64:
		return deref(value)
	case *int:
		if value == nil {
			return nil
		}
		return int64(*value)
	case int:
		return int64(value)
	case *time.Time:
		if value == nil || value.IsZero() {
			return nil
		}
		return *value
	case time.Time:
		if value.IsZero() {
			return nil
		}
	}
	return value
}

func deref[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}
