// Package help holds the manual, in English and in French: one Markdown file a
// page and language. What can be derived is: the reference of all facts, of
// all settings, and of who may do what.
package help

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"holdfast/server/config"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/shared/report"
)

//go:embed en/*.md fr/*.md
var files embed.FS

// Pages lists the pages of the manual, in the order in which people read them.
func Pages() []string {
	return []string{"start", "agent", "lists", "assets", "import", "recognition", "health", "tickets", "portal", "licences", "disposal", "keyboard", "roles", "api", "settings", "facts", "licence-evaluate", "accessibility"}
}

// Page is one page of the manual.
type Page struct {
	Name  string
	Title string
	HTML  string // safe to show as it is
}

// Read gives a page in the language of the reader. Fault: Missing.
func Read(ctx context.Context, name string) (Page, error) {
	content, err := files.ReadFile(string(i18n.LocaleOf(ctx).Language) + "/" + name + ".md")
	if err != nil {
		return Page{}, fault.NewMissing("page")
	}
	text, err := fill(ctx, string(content))
	if err != nil {
		return Page{}, err
	}
	title, body, _ := strings.Cut(text, "\n")
	html, err := render(body)
	if err != nil {
		return Page{}, err
	}
	return Page{Name: name, Title: strings.TrimPrefix(title, "# "), HTML: html}, nil
}

// Title gives the title of a page.
func Title(ctx context.Context, name string) string {
	content, err := files.ReadFile(string(i18n.LocaleOf(ctx).Language) + "/" + name + ".md")
	if err != nil {
		return name
	}
	title, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimPrefix(title, "# ")
}

// fill puts the derived parts in the places that ask for them.
func fill(ctx context.Context, text string) (string, error) {
	parts := map[string]func(context.Context) (string, error){
		"{{facts}}": facts, "{{settings}}": settings, "{{roles}}": roles, "{{checks}}": checks, "{{estate}}": estate, "{{licence-rules}}": licenceRules,
	}
	for place, make := range parts {
		if !strings.Contains(text, place) {
			continue
		}
		made, err := make(ctx)
		if err != nil {
			return "", err
		}
		text = strings.ReplaceAll(text, place, made)
	}
	return text, nil
}

func facts(ctx context.Context) (string, error) {
	var page strings.Builder
	err := report.Reference(&page, func(key, english string) string { return i18n.Derived(ctx, key, english) })
	return page.String(), err
}

func settings(ctx context.Context) (string, error) {
	list, err := config.Settings()
	if err != nil {
		return "", fmt.Errorf("list settings: %w", err)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "| %s | %s | %s |\n|---|---|---|\n",
		i18n.T(ctx, "help.setting"), i18n.T(ctx, "help.default"), i18n.T(ctx, "help.meaning"))
	for _, setting := range list {
		name, preset := "`"+setting.Name+"`", ""
		if setting.Secret {
			name += " " + i18n.T(ctx, "help.or") + " `" + setting.Name + "_FILE`"
		}
		if setting.Default != "" {
			preset = "`" + setting.Default + "`"
		}
		meaning := i18n.Derived(ctx, "setting."+setting.Name, setting.Help)
		fmt.Fprintf(&page, "| %s | %s | %s |\n", name, preset, strings.ReplaceAll(meaning, "|", `\|`))
	}
	return page.String(), nil
}

// roles is the table of who may do what.
func roles(ctx context.Context) (string, error) {
	var page strings.Builder
	page.WriteString("| " + i18n.T(ctx, "help.permission") + " |")
	for _, role := range identity.Roles() {
		page.WriteString(" " + i18n.T(ctx, "role."+string(role)) + " |")
	}
	page.WriteString("\n|---|" + strings.Repeat("---|", len(identity.Roles())) + "\n")
	for _, permission := range identity.Permissions() {
		page.WriteString("| " + i18n.T(ctx, "permission."+string(permission)) + " |")
		for _, role := range identity.Roles() {
			answer := i18n.T(ctx, "answer.no")
			if role.May(permission) {
				answer = "**" + i18n.T(ctx, "answer.yes") + "**"
			}
			page.WriteString(" " + answer + " |")
		}
		page.WriteString("\n")
	}
	return page.String(), nil
}

// render turns Markdown into HTML that holds nothing but text and its marks.
func render(text string) (string, error) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var html bytes.Buffer
	if err := markdown.Convert([]byte(text), &html); err != nil {
		return "", fmt.Errorf("render help: %w", err)
	}
	policy := bluemonday.UGCPolicy()
	policy.RequireNoFollowOnLinks(false)
	safe := policy.Sanitize(html.String())
	safe = strings.ReplaceAll(safe, "<table>", `<div class="hf-scroll hf-panel" tabindex="0"><table class="hf-tab top">`)
	safe = strings.ReplaceAll(safe, "</table>", "</table></div>")
	return strings.ReplaceAll(safe, "<th>", `<th scope="col">`), nil
}
