package recognition

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/recognition"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// product is one product with what its page shows.
type product struct {
	recognition.ProductRow
	releases list.Page[recognition.Release]
	counted  time.Time
	holders  *ui.List // nothing for readers who may not see devices
	manage   bool     // whether the reader may decide about it
}

// shownReleases is how many releases the page of a product lists.
const shownReleases = 100

func (p *Pages) product(c *gin.Context) error {
	of, err := page.ID[recognition.Product](c, "id", "product")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	one := product{manage: mayManage(ctx)}
	if one.ProductRow, err = p.rules.Product(ctx, of); err != nil {
		return err
	}
	if one.releases, err = p.rules.Releases(ctx, of, list.Query{Limit: shownReleases}); err != nil {
		return err
	}
	if one.counted, err = p.rules.CountedAt(ctx); err != nil {
		return err
	}
	if !identity.ActorOf(ctx).May(identity.DevicesRead) {
		return ui.Render(c, Product(one))
	}
	definition := inventory.ProductHolderColumns(ctx, of)
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.inventory.ProductHolders(ctx, of, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(row inventory.Holder) string { return "/devices/" + row.ID.String() },
		func(row inventory.Holder, column list.Column[inventory.Holder]) templ.Component {
			return ui.DeviceCell(row.Device, column.Key)
		})
	shown.Path, shown.Adding = "/products/"+of.String(), adding
	shown.Export = identity.ActorOf(ctx).May(identity.DevicesExport)
	one.holders = &shown
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, Product(one))
}

// mayManage reports whether the reader may change rules, which hold for all of
// the organisation.
func mayManage(ctx context.Context) bool {
	return identity.ActorOf(ctx).Reach(identity.RecognitionManage).All
}

func (p *Pages) editProduct(c *gin.Context) error {
	return p.renderProductForm(c, http.StatusOK, ui.Form{})
}

func (p *Pages) renderProductForm(c *gin.Context, status int, form ui.Form) error {
	of, err := page.ID[recognition.Product](c, "id", "product")
	if err != nil {
		return err
	}
	found, err := p.rules.Product(c.Request.Context(), of)
	if err != nil {
		return err
	}
	if found.Origin != recognition.Local {
		return fault.NewConflict("fault.recognition.bundled", nil)
	}
	return ui.RenderStatus(c, status, ProductForm(found, form))
}

func (p *Pages) changeProduct(c *gin.Context) error {
	of, err := page.ID[recognition.Product](c, "id", "product")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	changed, err := p.rules.ChangeProduct(c.Request.Context(), of, productWish(values))
	if form, is := ui.Wrong(values, err); is {
		return p.renderProductForm(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/products/"+of.String(), ui.Notice{Key: "notice.product_changed", Args: i18n.Args{"Name": changed.Name}})
}
