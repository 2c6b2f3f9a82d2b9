// Package recognition has the pages that say what titles are: the list of
// products and the page of one, the queue of titles that no rule catches, and
// the rules, each with a preview of what it would catch.
package recognition

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/recognition"
	"holdfast/server/software"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Pages are the pages of this package.
type Pages struct {
	rules     *recognition.Service
	inventory *inventory.Reader
	views     *view.Service
}

// New makes the pages.
func New(rules *recognition.Service, reader *inventory.Reader, views *view.Service) *Pages {
	return &Pages{rules: rules, inventory: reader, views: views}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, manage := identity.Needs(identity.ProductsRead), identity.Needs(identity.RecognitionManage)
	return []page.Page{
		page.Get("/products", read, p.products),
		page.Get("/products/export", identity.Needs(identity.SoftwareExport), p.exportProducts),
		page.Get("/products/:id", read, p.product),
		page.Get("/products/:id/export", identity.Needs(identity.DevicesExport), p.exportHolders),
		page.Get("/products/:id/edit", manage, p.editProduct),
		page.Post("/products/:id", manage, p.changeProduct),
		page.Get("/recognition", manage, p.queue),
		page.Get("/recognition/export", manage, p.exportQueue),
		page.Post("/recognition/ignore", manage, p.ignore),
		page.Get("/recognition/rules", manage, p.list),
		page.Get("/recognition/rules/export", manage, p.exportRules),
		page.Post("/recognition/rules", manage, p.create),
		page.Get("/recognition/rules/new", manage, p.new),
		page.Get("/recognition/rules/:id", read, p.rule),
		page.Get("/recognition/rules/:id/edit", manage, p.edit),
		page.Post("/recognition/rules/:id", manage, p.change),
		page.Post("/recognition/rules/:id/retire", manage, p.retire),
		page.Post("/recognition/undo", manage, p.undo),
		page.Get("/recognition/file", manage, p.file),
		page.Get("/recognition/file/export", manage, p.download),
		page.Post("/recognition/file", manage, p.upload),
	}
}

// queue is the list of titles that no rule catches.
func (p *Pages) queue(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := recognition.QueueColumns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.rules.Queue(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(w recognition.Waiting) string { return "/recognition/rules/new?title=" + w.ID.String() }, nil)
	shown.Path, shown.Adding, shown.Export = "/recognition", adding, true
	shown.Bulk, shown.BulkPath = ignoreButton(), "/recognition/ignore"
	for i, waiting := range found.Items {
		shown.Rows[i].ID, shown.Rows[i].Name = waiting.ID.String(), waiting.Name
	}
	if shown.Views, err = page.Views(ctx, p.views, definition, []ui.Choice{
		{Value: "", Label: "view.unrecognised_all"},
		{Value: "devices.from=2", Label: "view.unrecognised_common"},
		{Value: "first_seen.from=-7d&sort=-first_seen", Label: "view.unrecognised_new"},
	}); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	shares, err := p.rules.Shares(ctx)
	if err != nil {
		return err
	}
	return ui.Render(c, Queue(shown, shares))
}

func (p *Pages) exportQueue(c *gin.Context) error {
	return page.Export(c, recognition.QueueColumns(), p.rules.ExportQueue)
}

// mostUndone bounds what fits into the cookie of a notice.
const mostUndone = 40

// ignore makes a rule for each picked title by which it is of no interest.
func (p *Pages) ignore(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	titles, err := picked[software.Title](values["id"], "title")
	if err != nil {
		return err
	}
	if len(titles) == 0 {
		return fault.NewInvalid(fault.Field{Name: "id", Key: "fault.field.required"})
	}
	made, err := p.rules.Ignore(c.Request.Context(), titles...)
	if err != nil {
		return err
	}
	notice := ui.Notice{Key: "notice.titles_ignored", Args: i18n.Args{"Count": strconv.Itoa(len(made))}}
	if len(made) <= mostUndone {
		ids := make([]string, len(made))
		for i, rule := range made {
			ids[i] = rule.ID.String()
		}
		notice.Undo = &ui.Undo{Action: "/recognition/undo", Values: map[string]string{"id": strings.Join(ids, ","), "back": "/recognition"}}
	}
	return ui.Done(c, page.Local(values.Get("back")), notice)
}

// picked reads identifiers, several in one value or not. Fault: Missing.
func picked[T any](values []string, thing string) ([]id.Of[T], error) {
	var found []id.Of[T]
	for _, text := range strings.FieldsFunc(strings.Join(values, ","), func(r rune) bool { return r == ',' }) {
		of, err := id.Parse[T](text)
		if err != nil {
			return nil, fault.NewMissing(thing)
		}
		found = append(found, of)
	}
	return found, nil
}

// undo takes the last change of rules back.
func (p *Pages) undo(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	rules, err := picked[recognition.Rule](values["id"], "recognition_rule")
	if err != nil {
		return err
	}
	if _, err := p.rules.Undo(c.Request.Context(), rules...); err != nil {
		return err
	}
	return ui.Done(c, page.Local(values.Get("back")), ui.Notice{Key: "notice.rules_undone", Args: i18n.Args{"Count": strconv.Itoa(len(rules))}})
}

// products is the list of products.
func (p *Pages) products(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := recognition.ProductColumns(ctx)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.rules.Products(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(r recognition.ProductRow) string { return "/products/" + r.ID.String() }, nil)
	shown.Path, shown.Adding = "/products", adding
	shown.Export = identity.ActorOf(ctx).May(identity.SoftwareExport)
	if shown.Views, err = page.Views(ctx, p.views, definition, []ui.Choice{
		{Value: "devices.from=1", Label: "view.products_installed"},
		{Value: "devices.from=1&licence=licensed", Label: "view.products_licensed"},
		{Value: "devices.from=1&licence=free", Label: "view.products_free"},
		{Value: "sort=product", Label: "view.products_all"},
	}); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	counted, err := p.rules.CountedAt(ctx)
	if err != nil {
		return err
	}
	return ui.Render(c, Products(shown, counted))
}

func (p *Pages) exportProducts(c *gin.Context) error {
	return page.Export(c, recognition.ProductColumns(c.Request.Context()), p.rules.ExportProducts)
}

func (p *Pages) exportHolders(c *gin.Context) error {
	of, err := page.ID[recognition.Product](c, "id", "product")
	if err != nil {
		return err
	}
	return page.Export(c, inventory.ProductHolderColumns(c.Request.Context(), of), func(ctx context.Context, q list.Query) (iter.Seq2[inventory.Holder, error], error) {
		return p.inventory.ExportProductHolders(ctx, of, q)
	})
}
