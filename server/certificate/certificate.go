// Package certificate writes what became of the data of a disposal case as a
// PDF document to hand over and to keep: every drive with its serial number,
// how its data was removed after NIST SP 800-88, by whom, checked by whom and
// when, in English or in French.
//
// The text stands in the file in the order in which it is read, and the file
// names its language and title. The fonts are the Go fonts, which come with the
// module golang.org/x/image and cover Latin, Greek and Cyrillic.
package certificate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"

	"holdfast/server/disposal"
)

// Texts is how a certificate speaks.
type Texts struct {
	Language string // such as "fr"
	T        func(key string, args map[string]any) string
	Day      func(day string) string // of a day such as 2026-03-14
	Time     func(when time.Time) string
	Size     func(bytes int64) string
}

// Document is a certificate.
type Document struct {
	Name    string // without its ending
	Content []byte
	Hash    string // SHA-256, in hexadecimal
}

// Make writes the certificate of a case; the trail keeps its hash. Faults:
// Missing, Denied, Conflict while anything blocks the case.
func Make(ctx context.Context, cases *disposal.Service, of disposal.ID, texts Texts) (Document, error) {
	c, routes, err := cases.Certifiable(ctx, of)
	if err != nil {
		return Document{}, err
	}
	content, err := Write(c, routes, texts)
	if err != nil {
		return Document{}, fmt.Errorf("write the certificate of case %s: %w", of, err)
	}
	sum := sha256.Sum256(content)
	made := Document{Name: c.Number + "-" + texts.Language, Content: content, Hash: hex.EncodeToString(sum[:])}
	return made, cases.Certified(ctx, of, texts.Language, made.Hash)
}

// Measures of the page in millimetres, A4 lying.
const (
	margin = 14.0
	width  = 297 - 2*margin
	line   = 4.2
)

// sheet is a document at work.
type sheet struct {
	*fpdf.Fpdf
	Texts
	number string
}

// Write writes the certificate of a case as it is.
func Write(c *disposal.Case, routes []disposal.Route, texts Texts) ([]byte, error) {
	s := sheet{fpdf.New("L", "mm", "A4", ""), texts, c.Number}
	s.AddUTF8FontFromBytes("go", "", goregular.TTF)
	s.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	s.AddUTF8FontFromBytes("gomono", "", gomono.TTF)
	title := s.t("certificate.title") + " " + c.Number
	s.SetTitle(title, true)
	s.SetSubject(c.Title, true)
	s.SetCreator("Holdfast", true)
	s.SetLang(texts.Language)
	s.SetCreationDate(c.UpdatedAt)
	s.SetModificationDate(c.UpdatedAt)
	s.SetCatalogSort(true)
	s.SetMargins(margin, margin, margin)
	s.SetAutoPageBreak(false, margin)
	s.AliasNbPages("{pages}")
	s.SetFooterFunc(s.foot)
	s.AddPage()

	s.SetFont("go", "B", 17)
	s.CellFormat(width, 8, title, "", 1, "L", false, 0, "")
	s.SetFont("go", "", 10)
	s.MultiCell(width, 5, c.Title, "", "L", false)
	s.Ln(3)
	s.facts(c)
	s.Ln(3)
	s.drives(c, routes)
	s.empty(c)
	s.signatures(c)
	var out bytes.Buffer
	if err := s.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (s sheet) t(key string) string { return s.T(key, nil) }

// foot stands on every page: the case and the page number.
func (s sheet) foot() {
	s.SetY(-margin + 2)
	s.SetFont("go", "", 8)
	s.SetTextColor(90, 90, 90)
	page := s.T("certificate.page", map[string]any{"Page": strconv.Itoa(s.PageNo()), "Pages": "{pages}"})
	s.CellFormat(width/2, 5, s.number+" · "+s.t("certificate.standard"), "", 0, "L", false, 0, "")
	// The number of pages is put in at the end, and is narrower than its place.
	s.CellFormat(width/2+s.GetStringWidth("{pages}")-s.GetStringWidth("0"), 5, page, "", 0, "R", false, 0, "")
	s.SetTextColor(0, 0, 0)
}

// facts are what is to be known of the case, as pairs.
func (s sheet) facts(c *disposal.Case) {
	drives, done := c.Drives()
	pairs := [][2]string{
		{"certificate.unit", c.Unit},
		{"certificate.proposed", named(c.ProposedBy, s.when(c.OfferedAt))},
		{"certificate.approved", s.approvers(c)},
		{"certificate.released", s.when(c.ReleasedAt)},
		{"certificate.collected", named(c.Collector, s.when(c.CollectedAt))},
		{"certificate.counts", s.T("certificate.figures", map[string]any{"Assets": len(c.Lines), "Drives": drives, "Done": done})},
	}
	if c.Sensitivity != "" {
		pairs = append(pairs, [2]string{"certificate.sensitivity", c.Sensitivity})
	}
	for _, pair := range pairs {
		if pair[1] == "" {
			pair[1] = s.t("certificate.not_yet")
		}
		s.SetFont("go", "B", 9)
		s.CellFormat(48, 5, s.t(pair[0]), "", 0, "L", false, 0, "")
		s.SetFont("go", "", 9)
		s.MultiCell(width-48, 5, pair[1], "", "L", false)
	}
}

func named(name, when string) string {
	if name == "" || when == "" {
		return name + when
	}
	return name + ", " + when
}

func (s sheet) when(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return s.Time(at)
}

func (s sheet) approvers(c *disposal.Case) string {
	var names []string
	for _, one := range c.Given() {
		names = append(names, named(one.Name, s.when(one.At)))
	}
	return strings.Join(names, "; ")
}

// column is a column of the table of drives.
type column struct {
	head  string
	width float64
	mono  bool
}

func columns() []column {
	return []column{
		{"certificate.asset", 38, false}, {"certificate.route", 28, false}, {"certificate.drive", 50, false}, {"certificate.serial", 42, true},
		{"certificate.removed", 47, false}, {"certificate.performer", 32, false}, {"certificate.validator", 32, false},
	}
}

// drives is the table of drives.
func (s sheet) drives(c *disposal.Case, routes []disposal.Route) {
	s.heads()
	for _, each := range c.Lines {
		route := disposal.Rung(routes, each.Route).Name(s.Language)
		for _, drive := range each.Drives {
			s.row(s.cells(each, drive, route))
		}
	}
	s.Ln(3)
}

func (s sheet) heads() {
	s.SetFont("go", "B", 8)
	s.SetFillColor(234, 239, 241)
	for _, each := range columns() {
		s.CellFormat(each.width, 6, s.t(each.head), "B", 0, "L", true, 0, "")
	}
	s.Ln(-1)
}

// cells says of a drive what its row says.
func (s sheet) cells(of disposal.Line, d disposal.Drive, route string) []string {
	what := strings.TrimSpace(strings.TrimSpace(d.Maker+" "+d.Model) + "\n" + s.t("value.medium."+string(d.Medium)))
	if d.SizeBytes > 0 {
		what += ", " + s.Size(d.SizeBytes)
	}
	asset := strings.TrimSpace(of.Tag + "\n" + strings.TrimSpace(of.Maker+" "+of.Model))
	if of.Serial != "" {
		asset += "\n" + s.T("certificate.asset_serial", map[string]any{"Serial": of.Serial})
	}
	cells := []string{asset, route, what, d.Name(), "", "", ""}
	r := d.Record
	switch {
	case d.Need() == disposal.Gone:
		cells[4] = s.t("value.outcome.lost") + "\n" + s.T("certificate.incident", map[string]any{"Number": strconv.Itoa(r.Ticket)})
		cells[5] = r.RecordedBy + "\n" + s.day(r.PerformedOn)
	case d.Need() == disposal.Elsewhere:
		cells[4] = s.T("certificate.moved", map[string]any{"Device": d.Moved.Name})
	case r != nil:
		tool := strings.TrimSpace(r.Tool + " " + r.ToolVersion)
		cells[4] = s.t("value.outcome."+string(r.Outcome)) + ", " + s.t("value.technique."+r.Technique) + "\n" + tool
		if d.Weak() {
			cells[4] += "\n" + s.t("case.weak")
		}
		cells[5] = r.Performer + "\n" + s.day(r.PerformedOn)
		cells[6] = r.ValidatedBy + "\n" + s.when(r.ValidatedAt) + "\n" + s.t("value.verification."+r.Verification)
	}
	return cells
}

func (s sheet) day(when time.Time) string { return s.Day(when.Format(time.DateOnly)) }

// row draws one row; what does not fit on the page goes to the next, under
// heads of its own.
func (s sheet) row(cells []string) {
	lines, most := make([][]string, len(cells)), 1
	for i, each := range columns() {
		s.font(each)
		for _, part := range strings.Split(cells[i], "\n") {
			lines[i] = append(lines[i], s.SplitText(part, each.width-2)...)
		}
		most = max(most, len(lines[i]))
	}
	height := float64(most)*line + 2
	s.fit(height, s.heads)
	top := s.GetY()
	left := margin
	for i, each := range columns() {
		s.font(each)
		for n, text := range lines[i] {
			s.SetXY(left, top+1+float64(n)*line)
			s.CellFormat(each.width, line, text, "", 0, "L", false, 0, "")
		}
		left += each.width
	}
	s.SetDrawColor(205, 212, 216)
	s.Line(margin, top+height, margin+width, top+height)
	s.SetXY(margin, top+height)
}

func (s sheet) font(of column) {
	if of.mono {
		s.SetFont("gomono", "", 8)
		return
	}
	s.SetFont("go", "", 8)
}

// fit begins a new page when a height does not fit on this one.
func (s sheet) fit(height float64, then func()) {
	if s.GetY()+height <= 210-margin-4 {
		return
	}
	s.AddPage()
	if then != nil {
		then()
	}
}

// empty lists the things that hold no data, with who says so.
func (s sheet) empty(c *disposal.Case) {
	for _, each := range c.Lines {
		if len(each.Drives) > 0 {
			continue
		}
		text := s.T("certificate.holds_none", map[string]any{"Tag": each.Tag, "Model": each.Model})
		if each.NoData.Given() {
			text = s.T("certificate.no_data", map[string]any{
				"Tag": each.Tag, "Model": each.Model, "Name": each.NoData.By, "Time": s.when(each.NoData.At), "Reason": each.NoData.Reason,
			})
		}
		s.fit(6, nil)
		s.SetFont("go", "", 9)
		s.MultiCell(width, 5, text, "", "L", false)
	}
	s.Ln(3)
}

// signatures leaves room for what is signed by hand.
func (s sheet) signatures(c *disposal.Case) {
	s.fit(30, nil)
	s.SetFont("go", "", 9)
	s.MultiCell(width, 5, s.T("certificate.statement", map[string]any{"Number": c.Number}), "", "L", false)
	s.Ln(12)
	top := s.GetY()
	for i, key := range []string{"certificate.sign_performer", "certificate.sign_validator", "certificate.sign_receiver"} {
		left := margin + float64(i)*(width/3)
		s.SetDrawColor(60, 60, 60)
		s.Line(left, top, left+width/3-10, top)
		s.SetXY(left, top+1)
		s.CellFormat(width/3-10, 5, s.t(key), "", 0, "L", false, 0, "")
	}
}
