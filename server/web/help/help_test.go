package help

import (
	"strings"
	"testing"

	"holdfast/server/web/i18n"
	"holdfast/shared/report"
)

func TestEveryPageIsInBothLanguages(t *testing.T) {
	for _, language := range i18n.Languages() {
		ctx := i18n.WithLocale(t.Context(), i18n.Locale{Language: language})
		for _, name := range Pages() {
			page, err := Read(ctx, name)
			if err != nil {
				t.Errorf("%s in %s: %v", name, language, err)
				continue
			}
			if page.Title == "" || len(page.HTML) < 200 || strings.Contains(page.HTML, "{{") || strings.Contains(page.HTML, "<h1") {
				t.Errorf("%s in %s is titled %q and reads %.200s", name, language, page.Title, page.HTML)
			}
		}
	}
	for _, folder := range []string{"en", "fr"} {
		entries, err := files.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) != len(Pages()) {
			t.Errorf("%s has %d files for %d pages", folder, len(entries), len(Pages()))
		}
	}
}

func TestReferenceOfFactsIsComplete(t *testing.T) {
	ctx := i18n.WithLocale(t.Context(), i18n.Locale{Language: i18n.French})
	page, err := Read(ctx, "facts")
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range report.Specs() {
		for _, field := range spec.Fields {
			if !strings.Contains(page.HTML, "<code>"+field.Path+"</code>") {
				t.Errorf("the reference leaves out %s.%s", spec.Name, field.Path)
			}
		}
	}
	if strings.Contains(page.HTML, "Serial number") {
		t.Error("the French reference speaks English")
	}
}
