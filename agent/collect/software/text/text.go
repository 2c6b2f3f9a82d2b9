// Package text reads the plain text in which most package managers keep their
// records: paragraphs of "key value" lines, separated by an empty line, as in
// deb822(5) and the database of apk.
package text

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"time"

	"holdfast/shared/report"
)

const (
	firstBuffer = 64 << 10
	// maxParagraph is far above the largest real ones, which are those of
	// packages with tens of thousands of files.
	maxParagraph = 16 << 20
)

// Paragraphs reads r one paragraph at a time, in little memory however long r
// is. The bytes that it gives are good until the next call of Scan.
func Paragraphs(r io.Reader) *bufio.Scanner {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, firstBuffer), maxParagraph)
	scanner.Split(paragraph)
	return scanner
}

// paragraph is a bufio.SplitFunc.
func paragraph(data []byte, atEOF bool) (advance int, token []byte, err error) {
	start := 0
	for start < len(data) && data[start] == '\n' {
		start++
	}
	if end := bytes.Index(data[start:], []byte("\n\n")); end >= 0 {
		return start + end + 2, data[start : start+end], nil
	}
	if atEOF && start < len(data) {
		return len(data), bytes.TrimSuffix(data[start:], []byte("\n")), nil
	}
	return start, nil, nil
}

// Value gives what follows key on the first line of the paragraph that starts
// with it, without space at its ends: Value(p, "Version:"). It is empty when
// there is no such line.
func Value(paragraph []byte, key string) []byte {
	rest := paragraph
	for {
		at := bytes.Index(rest, []byte(key))
		if at < 0 {
			return nil
		}
		lineStart := at == 0 && len(rest) == len(paragraph) || at > 0 && rest[at-1] == '\n'
		rest = rest[at+len(key):]
		if !lineStart {
			continue
		}
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		return bytes.TrimSpace(line)
	}
}

// Interned gives equal byte strings one string between them. Thousands of
// packages share a few architectures and publishers.
type Interned map[string]string

// String is b as a string.
func (i Interned) String(b []byte) string {
	if known, is := i[string(b)]; is {
		return known
	}
	s := string(b)
	i[s] = s
	return s
}

// Publisher takes the mail address off the name of a maintainer, which is
// written "Name <name@example.org>". Somebody who gives nothing but an
// address stays without name.
func Publisher(maintainer string) string {
	name, _, _ := strings.Cut(maintainer, "<")
	name = strings.Trim(name, " \t\"")
	if strings.Contains(name, "@") && !strings.Contains(name, " ") {
		return ""
	}
	return name
}

// Day is the day of a Unix time in a zone; not known when the time cannot be
// meant (before 1971, or after the last year of four digits).
func Day(seconds int64, zone *time.Location) report.Date {
	const year1971, year10000 = 31536000, 253402300800
	if seconds < year1971 || seconds >= year10000 {
		return ""
	}
	return report.DateOf(time.Unix(seconds, 0).In(zone))
}
