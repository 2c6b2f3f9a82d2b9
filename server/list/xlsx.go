package list

import (
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/xuri/excelize/v2"

	"holdfast/server/fault"
)

// What a sheet of a workbook can hold (ECMA-376 as Excel limits it).
const (
	sheetRows = 1 << 20
	cellText  = 32_767
)

// XLSX writes the shown columns of all rows as a workbook with one sheet:
// numbers, times and dates as such, the heading frozen. More
// rows than a sheet holds come back as fault.Conflict.
func XLSX[R any](w io.Writer, d *Definition[R], q Query, rows iter.Seq2[R, error], texts Texts) (err error) {
	book := excelize.NewFile()
	defer func() {
		if closing := book.Close(); closing != nil && err == nil {
			err = fmt.Errorf("write export: %w", closing)
		}
	}()
	sheet, err := newSheet(book, texts)
	if err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	columns := d.Shown(q)
	if err := writeHeading(sheet, d, columns); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	cells := make([]any, len(columns))
	for row, err := range rows {
		if err != nil {
			return err
		}
		if sheet.row == sheetRows {
			return fault.NewConflict("fault.list.too_many_rows", fault.Args{"Limit": sheetRows - 1})
		}
		for i, column := range columns {
			cells[i] = sheet.cell(column.Field, known(column.Value(row)))
		}
		if err := sheet.write(cells); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
	}
	if err := sheet.stream.Flush(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	if _, err := book.WriteTo(w); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

// sheet is the sheet of a workbook as it is written, row by row.
type sheet struct {
	stream          *excelize.StreamWriter
	texts           Texts
	row             int // written so far
	head, time, day int // styles
	number, money   int
}

func newSheet(book *excelize.File, texts Texts) (*sheet, error) {
	stream, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return nil, err
	}
	made := &sheet{stream: stream, texts: texts}
	instant, day, whole := "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "#,##0"
	hundredths := "#,##0.00"
	for style, into := range map[*excelize.Style]*int{
		{Font: &excelize.Font{Bold: true}}: &made.head,
		{CustomNumFmt: &instant}:           &made.time,
		{CustomNumFmt: &day}:               &made.day,
		{CustomNumFmt: &whole}:             &made.number,
		{CustomNumFmt: &hundredths}:        &made.money,
	} {
		if *into, err = book.NewStyle(style); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func writeHeading[R any](s *sheet, d *Definition[R], columns []Column[R]) error {
	const narrow, wide = 14, 28
	cells := make([]any, len(columns))
	for i, column := range columns {
		width := float64(narrow)
		if column.Kind == Text || column.Kind == Time {
			width = wide
		}
		if err := s.stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
		cells[i] = excelize.Cell{StyleID: s.head, Value: s.texts.heading(d.Name, column.Field)}
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return s.write(cells)
}

func (s *sheet) write(cells []any) error {
	s.row++
	first, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	return s.stream.SetRow(first, cells)
}

func (s *sheet) cell(field Field, value any) any {
	switch value := value.(type) {
	case string:
		text := []rune(s.texts.text(field, value))
		return string(text[:min(len(text), cellText)]) // a text cell is never run as a formula
	case int64:
		if field.Kind == Money {
			return excelize.Cell{StyleID: s.money, Value: float64(value) / 100} // a workbook has no other numbers
		}
		return excelize.Cell{StyleID: s.number, Value: value}
	case time.Time:
		if field.Kind == Date {
			return excelize.Cell{StyleID: s.day, Value: value}
		}
		// A workbook knows no zones: the cell holds what the reader's clock showed.
		local := s.texts.local(value).Truncate(time.Second)
		_, offset := local.Zone()
		return excelize.Cell{StyleID: s.time, Value: local.Add(time.Duration(offset) * time.Second).UTC()}
	}
	return value
}
