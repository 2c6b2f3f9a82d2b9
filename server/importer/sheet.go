package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	encoding "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"holdfast/server/fault"
)

// sheet is a file as it was read: its rows by column.
type sheet struct {
	kind    Kind
	unknown []string
	known   []string // keys
	lines   []line
}

// line is one row of the file that is not blank.
type line struct {
	number int
	cells  map[string]string // by the key of the column; blank cells are left out
}

// heading is a column of a kind of file: its key, and what people call it.
type heading struct {
	key   string
	names []string // in plain form
}

// readSheet reads a file. Faults: Invalid when it is no CSV file of this kind,
// TooLarge.
func readSheet(kind Kind, content []byte) (*sheet, error) {
	if len(content) > MaxBytes {
		return nil, fault.NewTooLarge(MaxBytes)
	}
	text, err := decode(content)
	if err != nil {
		return nil, wrongFile("fault.import.encoding", nil)
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = separator(text), -1, true
	first, err := reader.Read()
	if err != nil {
		return nil, wrongFile("fault.import.empty", nil)
	}
	s := &sheet{kind: kind}
	keys, err := s.readHeadings(first)
	if err != nil {
		return nil, err
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, wrongFile("fault.import.csv", fault.Args{"Error": err.Error()})
		}
		number, _ := reader.FieldPos(0)
		cells := map[string]string{}
		for i, cell := range record {
			if i < len(keys) && keys[i] != "" {
				if cell = bare(cell); cell != "" {
					cells[keys[i]] = cell
				}
			}
		}
		if len(cells) == 0 && strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		if len(s.lines) == MaxRows {
			return nil, wrongFile("fault.import.too_many_rows", fault.Args{"Limit": MaxRows})
		}
		s.lines = append(s.lines, line{number, cells})
	}
}

// bare is a cell without the space around it, and without the apostrophe by
// which an export keeps spreadsheets from running a text as a formula.
func bare(cell string) string {
	cell = strings.TrimSpace(cell)
	text, marked := strings.CutPrefix(cell, "'")
	if first, _ := utf8.DecodeRuneInString(text); marked && text != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return text
	}
	return cell
}

// readHeadings finds the column of each heading.
func (s *sheet) readHeadings(first []string) (keys []string, err error) {
	columns := headings(s.kind)
	keys = make([]string, len(first))
	for i, name := range first {
		found := slices.IndexFunc(columns, func(h heading) bool { return slices.Contains(h.names, plain(name)) })
		switch {
		case found < 0:
			if name = strings.TrimSpace(name); name != "" {
				s.unknown = append(s.unknown, name)
			}
		case slices.Contains(s.known, columns[found].key):
			return nil, wrongFile("fault.import.column_twice", fault.Args{"Column": name})
		default:
			keys[i] = columns[found].key
			s.known = append(s.known, keys[i])
		}
	}
	for _, needed := range needed(s.kind) {
		if !slices.ContainsFunc(needed, func(key string) bool { return slices.Contains(s.known, key) }) {
			return nil, wrongFile("fault.import.column_missing", fault.Args{"Columns": strings.Join(needed, ", ")})
		}
	}
	return keys, nil
}

func wrongFile(key string, args fault.Args) error {
	return fault.NewInvalid(fault.Field{Name: "file", Key: key, Args: args})
}

// plain is the form in which headings and words are compared: without case,
// accents, spaces and signs.
func plain(text string) string {
	return strings.Map(func(letter rune) rune {
		if unicode.IsLetter(letter) || unicode.IsDigit(letter) {
			return unicode.ToLower(letter)
		}
		return -1 // accents too: they stand apart in this normal form
	}, norm.NFKD.String(text))
}

// separator is what parts the cells of the first line: spreadsheets write a
// semicolon where the comma is the decimal sign.
func separator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, sign := range []rune{',', ';', '\t'} {
		if count := strings.Count(first, string(sign)); count > most {
			best, most = sign, count
		}
	}
	return best
}

// decode gives the text of a file: UTF-8, UTF-16 as spreadsheets write
// "Unicode text", or else the code page of Windows in the West.
func decode(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}), bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		text, err := encoding.UTF16(encoding.LittleEndian, encoding.UseBOM).NewDecoder().Bytes(content)
		return string(text), err
	case bytes.IndexByte(content, 0) >= 0:
		return "", errors.New("not a text")
	case utf8.Valid(content):
		return strings.TrimPrefix(string(content), "\ufeff"), nil
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(content)
	return string(text), err
}
