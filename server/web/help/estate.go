package help

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"holdfast/server/document"
	"holdfast/server/licence"
	"holdfast/server/web/i18n"
)

// estate is the reference of the file that licence evaluate reads, one table
// for each group of fields.
func estate(ctx context.Context) (string, error) {
	var page strings.Builder
	for _, group := range document.Groups(licence.Estate{}) {
		if len(group.Fields) == 0 {
			continue
		}
		key, heading := "estate.", i18n.T(ctx, "help.estate.file")
		if group.Path != "" {
			key, heading = key+group.Path+".", "`"+group.Path+"`"
		}
		if group.Kind != "" {
			key, heading = key+group.Kind+".", heading+", `kind: "+group.Kind+"`"
		}
		fmt.Fprintf(&page, "### %s\n\n| %s | %s | %s |\n|---|---|---|\n", heading,
			i18n.T(ctx, "help.estate.field"), i18n.T(ctx, "help.estate.type"), i18n.T(ctx, "help.meaning"))
		for _, field := range group.Fields {
			fmt.Fprintf(&page, "| `%s` | %s | %s |\n", field.Name, typeOf(ctx, field.Type), meaning(ctx, key+field.Name, field))
		}
		page.WriteString("\n")
	}
	return page.String(), nil
}

func typeOf(ctx context.Context, name string) string {
	if element, is := strings.CutPrefix(name, "list of "); is {
		return i18n.T(ctx, "help.estate.list", i18n.Args{"Type": typeOf(ctx, element)})
	}
	return i18n.T(ctx, "help.estate.type."+name)
}

func meaning(ctx context.Context, key string, field document.Field) string {
	text := i18n.Derived(ctx, key, field.Doc)
	if field.Required {
		text += " **" + i18n.T(ctx, "help.estate.required") + "**"
	}
	if len(field.OneOf) > 0 {
		text += " " + i18n.T(ctx, "help.estate.one_of", i18n.Args{"Known": "`" + strings.Join(field.OneOf, "`, `") + "`"})
	}
	if field.Least != nil && *field.Least > 0 {
		text += " " + i18n.T(ctx, "help.estate.least", i18n.Args{"Least": strconv.FormatInt(*field.Least, 10)})
	}
	return text
}

// licenceRules is the table of the rules of the bundle.
func licenceRules(ctx context.Context) (string, error) {
	var page strings.Builder
	fmt.Fprintf(&page, "| %s | %s | %s | %s |\n|---|---|---|---|\n", i18n.T(ctx, "help.rules.rule"),
		i18n.T(ctx, "help.rules.applies"), i18n.T(ctx, "help.rules.from"), i18n.T(ctx, "help.rules.source"))
	for _, rule := range licence.Bundled().Rules {
		source := rule.Source.Publisher + ", " + rule.Source.Document + ", " + rule.Source.Date
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", rule.ID,
			i18n.Derived(ctx, "rule."+rule.ID, rule.Applies), i18n.Day(ctx, string(rule.InForceFrom)), source)
	}
	return page.String(), nil
}
