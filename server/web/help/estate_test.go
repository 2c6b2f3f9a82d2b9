package help_test

import (
	"strings"
	"testing"

	"holdfast/server/document"
	"holdfast/server/licence"
	"holdfast/server/web/help"
	"holdfast/server/web/i18n"
)

func TestTheFileOfEstatesIsDocumentedInBothLanguages(t *testing.T) {
	for _, language := range i18n.Languages() {
		ctx := i18n.WithLocale(t.Context(), i18n.Locale{Language: language})
		page, err := help.Read(ctx, "licence-evaluate")
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range document.Groups(licence.Estate{}) {
			key := "estate."
			if group.Path != "" {
				key += group.Path + "."
			}
			if group.Kind != "" {
				key += group.Kind + "."
			}
			for _, field := range group.Fields {
				if !strings.Contains(page.HTML, "<code>"+field.Name+"</code>") {
					t.Errorf("%s: %s%s is not documented", language, key, field.Name)
				}
				if language == i18n.French && i18n.Derived(ctx, key+field.Name, "") == "" {
					t.Errorf("%s%s has no French", key, field.Name)
				}
			}
		}
		for _, rule := range licence.Bundled().Rules {
			if !strings.Contains(page.HTML, "<code>"+rule.ID+"</code>") || i18n.Derived(ctx, "rule."+rule.ID, "") == "" && language == i18n.French {
				t.Errorf("%s: %s is not documented", language, rule.ID)
			}
		}
		for _, metric := range licence.Metrics() {
			if !strings.Contains(page.HTML, "<code>"+metric.Kind()+"</code>") {
				t.Errorf("%s: %s is not documented", language, metric.Kind())
			}
		}
	}
}
