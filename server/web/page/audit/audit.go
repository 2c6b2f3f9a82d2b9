// Package audit has the page of what people did.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/audit"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct {
	entries *audit.Reader
	units   *unit.Service
}

// New makes the pages; units are named in the entries.
func New(entries *audit.Reader, units *unit.Service) *Pages {
	return &Pages{entries: entries, units: units}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	rule := identity.Needs(identity.AuditRead)
	return []page.Page{
		page.Get("/audit", rule, p.list),
		page.Get("/audit/export", rule, p.export),
	}
}

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := audit.Columns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.entries.List(ctx, q)
	if err != nil {
		return err
	}
	units, err := p.units.List(ctx)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, href, func(entry audit.Entry, column list.Column[audit.Entry]) templ.Component {
		return cell(ctx, entry, column, names(units))
	})
	shown.Path, shown.Adding, shown.Export, shown.Whole = "/audit", adding, true, true
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, List(shown))
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, audit.Columns(), p.entries.Export)
}

// href is the page of the thing that was changed, where there is one.
func href(entry audit.Entry) string {
	paths := map[string]string{"user": "/access/users/", "unit": "/access/units/", "device": "/devices/", "asset": "/assets/", "person": "/people/", "place": "/places/"}
	if path, known := paths[entry.ObjectKind]; known {
		return path + entry.ObjectID
	}
	return ""
}

func cell(ctx context.Context, entry audit.Entry, column list.Column[audit.Entry], units *strings.Replacer) templ.Component {
	switch column.Key {
	case "at":
		return ui.At(entry.At)
	case "action":
		return ui.Text(actionWords(ctx, entry.Action))
	case "object":
		return changed(inWords(ctx, differences(entry), units))
	}
	return nil
}

// actionWords names an action; one that has no name stands for itself.
func actionWords(ctx context.Context, action string) string {
	if key := "audit.action." + action; i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return action
}

// names puts the names of units in the place of their identifiers.
func names(units []unit.Unit) *strings.Replacer {
	var pairs []string
	for of, label := range unit.Labels(units) {
		pairs = append(pairs, of.String(), label)
	}
	return strings.NewReplacer(pairs...)
}

// inWords writes differences in the reader's manner.
func inWords(ctx context.Context, differences []difference, units *strings.Replacer) []difference {
	value := func(text string) string {
		switch text {
		case "true":
			return i18n.T(ctx, "answer.yes")
		case "false":
			return i18n.T(ctx, "answer.no")
		}
		if when, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return i18n.DateTime(ctx, when)
		}
		return units.Replace(text)
	}
	for i, each := range differences {
		if key := "audit.field." + each.Field; i18n.Has(key) {
			differences[i].Field = i18n.T(ctx, key)
		}
		differences[i].Before, differences[i].After = value(each.Before), value(each.After)
	}
	return differences
}

// difference is one field that a change touched.
type difference struct{ Field, Before, After string }

// differences tells which fields are not the same before and after.
func differences(entry audit.Entry) []difference {
	before, after := fieldsOf(entry.Before), fieldsOf(entry.After)
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	var found []difference
	for name := range names {
		if before[name] != after[name] {
			found = append(found, difference{name, before[name], after[name]})
		}
	}
	slices.SortFunc(found, func(a, b difference) int { return strings.Compare(a.Field, b.Field) })
	return found
}

// fieldsOf reads the fields of one side of a change as text; what is null or
// empty says nothing.
func fieldsOf(side *string) map[string]string {
	var fields map[string]any
	if side == nil || json.Unmarshal([]byte(*side), &fields) != nil {
		return nil
	}
	texts := map[string]string{}
	for name, value := range fields {
		switch value := value.(type) {
		case nil:
		case string:
			texts[name] = value
		case []any:
			parts := make([]string, len(value))
			for i, each := range value {
				parts[i] = fmt.Sprint(each)
			}
			texts[name] = strings.Join(parts, ", ")
		default:
			texts[name] = fmt.Sprint(value)
		}
	}
	return texts
}
