package text_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/collect/software/text"
)

func TestParagraphsAreSplitAtEmptyLines(t *testing.T) {
	for _, c := range []struct {
		name, content string
		want          []string
	}{
		{"nothing", "", nil},
		{"only empty lines", "\n\n\n", nil},
		{"one without end of line", "a: 1", []string{"a: 1"}},
		{"one", "a: 1\n", []string{"a: 1"}},
		{"several empty lines between", "a: 1\nb: 2\n\n\n\nc: 3\n\n", []string{"a: 1\nb: 2", "c: 3"}},
		{"longer than the first buffer", strings.Repeat("x", 100<<10) + "\n\ny\n", []string{strings.Repeat("x", 100<<10), "y"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// In small pieces, so that splits fall into their borders.
			paragraphs := text.Paragraphs(iotest.HalfReader(strings.NewReader(c.content)))
			var got []string
			for paragraphs.Scan() {
				got = append(got, paragraphs.Text())
			}
			if err := paragraphs.Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("paragraphs differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValueIsThatOfTheLineThatStartsWithTheKey(t *testing.T) {
	paragraph := []byte("Original-Version: 1\nVersion:  2 \nDescription: Version: 3\n Version: 4\nVersion: 5\nEnd:")
	for key, want := range map[string]string{
		"Version:": "2", "Original-Version:": "1", "End:": "", "Missing:": "", "ersion:": "",
	} {
		if got := string(text.Value(paragraph, key)); got != want {
			t.Errorf("Value(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestPublisherHasNoMailAddress(t *testing.T) {
	for maintainer, want := range map[string]string{
		"Debian Adduser Developers <adduser@packages.debian.org>": "Debian Adduser Developers",
		`"Quoted Name" <q@example.org>`:                           "Quoted Name",
		"<only@example.org>":                                      "",
		"only@example.org":                                        "",
		"Fedora Project":                                          "Fedora Project",
		"":                                                        "",
	} {
		if got := text.Publisher(maintainer); got != want {
			t.Errorf("Publisher(%q) = %q, want %q", maintainer, got, want)
		}
	}
}

func TestDayIsThatOfTheMachinesZone(t *testing.T) {
	sydney := time.FixedZone("AEST", 10*3600)
	at := time.Date(2026, 11, 18, 20, 0, 0, 0, time.UTC).Unix()
	if got := text.Day(at, sydney); got != "2026-11-19" {
		t.Errorf("Day = %q, want the morning after", got)
	}
	for _, nonsense := range []int64{-5, 0, 1, 1 << 60} {
		if got := text.Day(nonsense, time.UTC); got != "" {
			t.Errorf("Day(%d) = %q, want none", nonsense, got)
		}
	}
}

func FuzzParagraphs(f *testing.F) {
	f.Add([]byte("Package: a\nVersion: 1\n\n\nPackage: b\n"), "Version:")
	f.Fuzz(func(t *testing.T, content []byte, key string) {
		paragraphs := text.Paragraphs(bytes.NewReader(content))
		var got [][]byte
		for paragraphs.Scan() {
			paragraph := bytes.Clone(paragraphs.Bytes())
			if bytes.Contains(paragraph, []byte("\n\n")) {
				t.Errorf("the paragraph %q has an empty line", paragraph)
			}
			if value := text.Value(paragraph, key); key != "" && len(value) > 0 && !bytes.Contains(paragraph, []byte(key)) {
				t.Errorf("a value without its key")
			}
			got = append(got, paragraph)
		}
		if paragraphs.Err() != nil {
			t.Fatal(paragraphs.Err())
		}
		if kept, all := len(bytes.ReplaceAll(bytes.Join(got, nil), []byte("\n"), nil)), len(bytes.ReplaceAll(content, []byte("\n"), nil)); kept != all {
			t.Errorf("%d of %d bytes are left", kept, all)
		}
	})
}
