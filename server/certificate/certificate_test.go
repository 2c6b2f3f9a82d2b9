package certificate_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"holdfast/server/asset"
	"holdfast/server/certificate"
	"holdfast/server/disposal"
	"holdfast/server/web/i18n"
	"holdfast/shared/id"
)

func texts(t *testing.T, language i18n.Language) certificate.Texts {
	ctx := i18n.WithLocale(t.Context(), i18n.Locale{Language: language, Now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Zone: time.UTC})
	return certificate.Texts{
		Language: string(language),
		T:        func(key string, args map[string]any) string { return i18n.T(ctx, key, args) },
		Day:      func(day string) string { return i18n.Day(ctx, day) },
		Time:     func(when time.Time) string { return i18n.DateTime(ctx, when) },
		Size:     func(size int64) string { return i18n.DriveBytes(ctx, size) },
	}
}

// filled is a case with drives of every sort, on more than one page.
func filled(lines int) *disposal.Case {
	day := time.Date(2026, 11, 18, 15, 20, 0, 0, time.UTC)
	c := &disposal.Case{
		ID: id.New[disposal.Mark](), Number: "DC-2026-014", Title: "Maison du port, lot 3 – œuvre d’Élodie", State: disposal.Closed, Unit: "Coastal Affairs",
		ProposedBy: "Zoë Beaulieu", OfferedAt: day, ReleasedAt: day, CollectedAt: day, Collector: "Ordinateurs pour les écoles", UpdatedAt: day, Version: 2,
		Approvals: []disposal.Approval{{Name: "Louise Fournier", Decided: disposal.Agreed, At: day, Version: 2}},
	}
	for i := range lines {
		c.Lines = append(c.Lines, disposal.Line{Tag: fmt.Sprint(20400 + i), Kind: asset.Laptop, Model: "Latitude 7400", Serial: "7QX0002", Route: "schools", Drives: []disposal.Drive{{
			Serial: fmt.Sprintf("S4DYNX%03d", i), Model: "Samsung SSD 860 PRO", SizeBytes: 256e9, Medium: disposal.SSD,
			Record: &disposal.Record{
				Outcome: disposal.Purge, Technique: "block_erase", Tool: "nvme-cli", ToolVersion: "2.4", Performer: "Ana Reyes", PerformedOn: day,
				RecordedBy: "Ana Reyes", Verification: "sample", ValidatedBy: "Tereza Nováková", ValidatedAt: day,
			},
		}}})
	}
	c.Lines[0].Drives[0].Record.Outcome, c.Lines[0].Drives[0].Record.Technique = disposal.Clear, "overwrite"
	c.Lines[1].Drives[0].Record = &disposal.Record{Outcome: disposal.Lost, Ticket: 2307, RecordedBy: "Ana Reyes", PerformedOn: day}
	c.Lines[2].Drives[0].Record, c.Lines[2].Drives[0].Moved = nil, &disposal.Move{Name: "CA-LT-04417"}
	c.Lines = append(c.Lines,
		disposal.Line{Tag: "30551", Model: "P2419H", Kind: asset.Monitor},
		disposal.Line{Tag: "30777", Model: "OptiPlex", Kind: asset.Desktop, NoData: disposal.Word{By: "Ana Reyes", At: day, Reason: "opened, no drive inside"}})
	return c
}

func routes() []disposal.Route {
	return []disposal.Route{{Key: "schools", English: "Schools and charities", French: "Écoles et organismes de bienfaisance"}}
}

// words reads a document back in the order of the file: the texts that its
// pages show, which are UTF-16 in strings.
func words(t *testing.T, content []byte) string {
	t.Helper()
	var text strings.Builder
	for _, part := range bytes.Split(content, []byte("stream\n"))[1:] {
		unpacked, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue // a font
		}
		drawn, err := io.ReadAll(unpacked)
		if err != nil {
			continue
		}
		for _, shown := range regexp.MustCompile(`(?s)\((.*?[^\\])\) ?Tj`).FindAllSubmatch(drawn, -1) {
			plain := regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(shown[1], func(escaped []byte) []byte {
				if escaped[1] == 'r' {
					return []byte{'\r'}
				}
				return escaped[1:]
			})
			units := make([]uint16, len(plain)/2)
			for i := range units {
				units[i] = uint16(plain[2*i])<<8 | uint16(plain[2*i+1])
			}
			text.WriteString(string(utf16.Decode(units)) + "\n")
		}
	}
	return text.String()
}

func TestCertificateNamesEveryDriveInBothLanguages(t *testing.T) {
	c := filled(30)
	for language, wanted := range map[i18n.Language][]string{
		i18n.English: {"Certificate of data removal DC-2026-014", "Purge, block erase", "nvme-cli 2.4", "Incident INC-2307", "In use in CA-LT-04417", "Page 2", "no purge", "opened, no drive inside"},
		i18n.French:  {"Certificat d’effacement des données DC-2026-014", "Purge, effacement des blocs", "Page 2", "Tereza Nováková", "Maison du port, lot 3 – œuvre d’Élodie"},
	} {
		content, err := certificate.Write(c, routes(), texts(t, language))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(content, []byte("%PDF-")) || !bytes.Contains(content, []byte("/Lang (")) {
			t.Error("it is no PDF that names its language")
		}
		if folder := os.Getenv("HOLDFAST_SCREENSHOTS"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, "certificate-"+string(language)+".pdf"), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text := words(t, content)
		flat := strings.Join(strings.Fields(text), " ")
		for _, want := range wanted {
			if !strings.Contains(flat, want) {
				t.Errorf("%s: it lacks %q", language, want)
			}
		}
		last := -1
		for _, line := range c.Lines {
			for _, drive := range line.Drives {
				at := strings.Index(text, drive.Serial)
				if at <= last {
					t.Errorf("%s: drive %s is read at %d, after %d", language, drive.Serial, at, last)
				}
				last = at
			}
		}
	}
}

func TestCertificateIsTheSameEachTime(t *testing.T) {
	c := filled(3)
	first, err := certificate.Write(c, routes(), texts(t, i18n.English))
	if err != nil {
		t.Fatal(err)
	}
	second, err := certificate.Write(c, routes(), texts(t, i18n.English))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the same case gives another document, %v", err)
	}
}
