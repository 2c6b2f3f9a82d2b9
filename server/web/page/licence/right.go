package licence

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/attachment"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/list"
	"holdfast/server/money"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

func (p *Pages) rights(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := entitlement.Columns(p.Rights.Today())
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.Rights.List(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(r entitlement.Row) string { return rightPath(r.ID) }, p.rightCell)
	shown.Path, shown.Adding = "/licences/rights", adding
	shown.Export = identity.ActorOf(ctx).May(identity.LicencesExport)
	units, err := p.Units.List(ctx)
	if err != nil {
		return err
	}
	shown.Choices = map[string][]ui.Choice{"unit": page.UnitChoices(units)}
	if shown.Views, err = page.Views(ctx, p.Views, definition, []ui.Choice{
		{Value: "", Label: "view.all_rights"},
		{Value: "state=in_force", Label: "view.rights_in_force"},
		{Value: "state=in_force&ends_on.from=now&ends_on.to=%2B90d&sort=ends_on", Label: "view.rights_ending"},
		{Value: "paper.known=no&state=in_force", Label: "view.rights_unproved"},
	}); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, RightList(shown))
}

func (p *Pages) exportRights(c *gin.Context) error {
	return page.Export(c, entitlement.Columns(p.Rights.Today()), p.Rights.Export)
}

func (p *Pages) rightCell(r entitlement.Row, column list.Column[entitlement.Row]) templ.Component {
	switch column.Key {
	case "state":
		return stateCell(r.StateOn(p.Rights.Today()))
	case "cost":
		return costCell(r)
	case "ends_on":
		return termEnd(r)
	case "paper", "asset", "metric", "starts_on", "maintained_until":
		if text, is := column.Value(r).(string); is && text == "" {
			return ui.Text("–")
		}
	}
	return nil
}

// rightGrid is the rights of a product or of a paper.
func rightGrid(ctx context.Context, rows []entitlement.Row, today time.Time) ui.Grid {
	label := func(key string) string { return i18n.T(ctx, "column.entitlements."+key) }
	grid := ui.Grid{Caption: i18n.T(ctx, "entitlements.title"), Heads: []ui.Column{
		{Label: label("reference")}, {Label: label("product")}, {Label: label("state")}, {Label: i18n.T(ctx, "right.amount")}, {Label: i18n.T(ctx, "right.term")},
		{Label: label("cost"), Number: true}, {Label: label("paper")}, {Label: label("asset")},
	}}
	for _, row := range rows {
		grid.Rows = append(grid.Rows, []templ.Component{
			rightLink(row), ui.Text(row.Product), stateCell(row.StateOn(today)), ui.Text(rightWords(ctx, row.Wish)), ui.Text(termWords(ctx, row.Wish)),
			costCell(row), paperLink(row), ui.Text(orDash(row.AssetTag)),
		})
	}
	return grid
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// oneRight is one entitlement with what its page shows.
type oneRight struct {
	entitlement.Row
	state   entitlement.State
	files   []attachment.File
	mayEdit bool
	ending  ui.Form // of the form that ends it
}

func (p *Pages) loadRight(c *gin.Context) (oneRight, error) {
	of, err := page.ID[entitlement.Mark](c, "id", "entitlement")
	if err != nil {
		return oneRight{}, err
	}
	ctx := c.Request.Context()
	row, err := p.Rights.Get(ctx, of)
	if err != nil {
		return oneRight{}, err
	}
	one := oneRight{Row: row, state: row.StateOn(p.Rights.Today()), mayEdit: identity.AllowIn(ctx, identity.LicencesEdit, row.UnitID) == nil}
	if !row.PaperID.IsZero() {
		files, err := p.Rights.Files(ctx, row.PaperID)
		if err != nil {
			return oneRight{}, err
		}
		one.files = files[row.PaperID.String()]
	}
	return one, nil
}

func (p *Pages) right(c *gin.Context) error {
	one, err := p.loadRight(c)
	if err != nil {
		return err
	}
	return ui.Render(c, Right(one))
}

// rightForm is the form of an entitlement with what can be chosen in it.
type rightForm struct {
	row      entitlement.Row // zero for a new one
	form     ui.Form
	products []entitlement.Choice
	papers   []string
	units    []ui.Choice
}

func (p *Pages) rightForm(ctx context.Context, row entitlement.Row, form ui.Form) (rightForm, error) {
	f := rightForm{row: row, form: form}
	var err error
	if f.products, err = p.Rights.Choices(ctx); err != nil {
		return f, err
	}
	if f.papers, err = p.Rights.Numbers(ctx); err != nil {
		return f, err
	}
	units, err := p.Units.List(ctx)
	if err != nil {
		return f, err
	}
	labels := unit.Labels(units)
	for _, u := range units {
		if identity.AllowIn(ctx, identity.LicencesEdit, u.ID) == nil {
			f.units = append(f.units, ui.Choice{Value: u.ID.String(), Label: labels[u.ID]})
		}
	}
	return f, nil
}

func (p *Pages) newRight(c *gin.Context) error {
	ctx := c.Request.Context()
	row := entitlement.Row{}
	f, err := p.rightForm(ctx, row, ui.Form{})
	if err != nil {
		return err
	}
	for _, each := range f.products {
		if each.ID.String() == c.Query("product") {
			f.row.ProductID, f.row.Product = each.ID, each.Name
		}
	}
	return ui.Render(c, RightForm(f))
}

func (p *Pages) createRight(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	wish, err := p.wish(ctx, values)
	var made entitlement.Row
	if err == nil {
		made, err = p.Rights.Record(ctx, wish, values.Get("paper"))
	}
	if form, is := ui.Wrong(values, err); is {
		return p.again(c, entitlement.Row{}, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, productPath(made.ProductID)+"/rights", ui.Notice{
		Key: "right.created", Args: i18n.Args{"Reference": made.Reference, "Product": made.Product}, Undo: &ui.Undo{Action: rightPath(made.ID) + "/undo"},
	})
}

// again shows the form with what is wrong in it.
func (p *Pages) again(c *gin.Context, row entitlement.Row, form ui.Form) error {
	f, err := p.rightForm(c.Request.Context(), row, renamed(form))
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, http.StatusUnprocessableEntity, RightForm(f))
}

// renamed gives faults the names that the fields have in the form.
func renamed(form ui.Form) ui.Form {
	for i := range form.Faults {
		switch form.Faults[i].Name {
		case "product_id":
			form.Faults[i].Name = "product"
		case "asset_id":
			form.Faults[i].Name = "asset"
		case "paper_id", "number":
			form.Faults[i].Name = "paper"
		}
	}
	return form
}

func (p *Pages) editRight(c *gin.Context) error {
	one, err := p.loadRight(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if err := identity.AllowIn(ctx, identity.LicencesEdit, one.UnitID); err != nil {
		return err
	}
	f, err := p.rightForm(ctx, one.Row, ui.Form{})
	if err != nil {
		return err
	}
	return ui.Render(c, RightForm(f))
}

func (p *Pages) changeRight(c *gin.Context) error {
	one, err := p.loadRight(c)
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	wish, err := p.wish(ctx, values)
	var changed entitlement.Row
	if err == nil {
		changed, err = p.Rights.Rewrite(ctx, one.ID, wish, values.Get("paper"))
	}
	if form, is := ui.Wrong(values, err); is {
		return p.again(c, one.Row, form)
	}
	if err != nil {
		return err
	}
	return p.changed(c, "right.saved", changed)
}

// changed goes back to a right with word of what was done and a way to undo it.
func (p *Pages) changed(c *gin.Context, key string, row entitlement.Row) error {
	notice := ui.Notice{Key: key, Args: i18n.Args{"Reference": row.Reference}}
	if row.Undoable() {
		notice.Undo = &ui.Undo{Action: rightPath(row.ID) + "/undo"}
	}
	return ui.Done(c, rightPath(row.ID), notice)
}

func (p *Pages) endRight(c *gin.Context) error {
	return p.deed(c, "right.ended", func(ctx context.Context, one oneRight, values url.Values) (entitlement.Row, error) {
		day, err := time.Parse(time.DateOnly, values.Get("ends_on"))
		if err != nil {
			return entitlement.Row{}, fault.NewInvalid(fault.Field{Name: "ends_on", Key: "fault.field.date"})
		}
		return p.Rights.End(ctx, one.ID, day, values.Get("reason"))
	})
}

func (p *Pages) removeRight(c *gin.Context) error {
	return p.deed(c, "right.removed", func(ctx context.Context, one oneRight, values url.Values) (entitlement.Row, error) {
		return p.Rights.Remove(ctx, one.ID, values.Get("reason"))
	})
}

func (p *Pages) undoRight(c *gin.Context) error {
	return p.deed(c, "right.undone", func(ctx context.Context, one oneRight, _ url.Values) (entitlement.Row, error) {
		return p.Rights.Undo(ctx, one.ID)
	})
}

// deed does something to a right that a small form on its page asks for.
func (p *Pages) deed(c *gin.Context, done string, do func(context.Context, oneRight, url.Values) (entitlement.Row, error)) error {
	one, err := p.loadRight(c)
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	row, err := do(c.Request.Context(), one, values)
	if form, is := ui.Wrong(values, err); is && fault.Is(err, fault.Invalid) {
		one.ending = form
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Right(one))
	}
	if err != nil {
		return err
	}
	return p.changed(c, done, row)
}

// wish reads what the form wishes, except its paper. Fault: Invalid.
func (p *Pages) wish(ctx context.Context, values url.Values) (entitlement.Wish, error) {
	wish := entitlement.Wish{Metric: values.Get("metric"), Note: values.Get("note"), UnitID: chosen[identity.Unit](values, "unit_id")}
	var wrong []fault.Field
	wrongly := func(name, key string) { wrong = append(wrong, fault.Field{Name: name, Key: key}) }
	for name, into := range map[string]*time.Time{"starts_on": &wish.StartsOn, "ends_on": &wish.EndsOn, "maintained_until": &wish.MaintainedUntil} {
		if text := values.Get(name); text != "" {
			day, err := time.Parse(time.DateOnly, text)
			if err != nil {
				wrongly(name, "fault.field.date")
			}
			*into = day
		}
	}
	for name, into := range map[string]*int64{"quantity": &wish.Quantity, "pack_size": &wish.PackSize} {
		text := strings.NewReplacer(" ", "", "\u00a0", "", ",", "").Replace(values.Get(name))
		if text == "" && name == "pack_size" {
			continue
		}
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			wrongly(name, "fault.field.number")
			number = 1 // so that only this is told
		}
		*into = number
	}
	if text := strings.TrimSpace(values.Get("cost")); text != "" {
		cents, err := money.Parse(text)
		if err != nil {
			wrongly("cost", "fault.field.money")
		}
		wish.CostCents, wish.Currency = &cents, values.Get("currency")
	}
	if err := p.findFor(ctx, values, &wish, wrongly); err != nil {
		return wish, err
	}
	if len(wrong) > 0 {
		return wish, fault.NewInvalid(wrong...)
	}
	return wish, nil
}

// findFor finds the product and the asset that the form names.
func (p *Pages) findFor(ctx context.Context, values url.Values, wish *entitlement.Wish, wrongly func(name, key string)) error {
	product, err := p.Rights.Named(ctx, values.Get("product"))
	switch {
	case fault.Is(err, fault.Missing):
		wrongly("product", "fault.entitlement.product")
	case fault.Is(err, fault.Conflict):
		wrongly("product", "fault.entitlement.product_several")
	case err != nil:
		return err
	}
	wish.ProductID = product.ID
	text := strings.TrimSpace(values.Get("asset"))
	if text == "" {
		return nil
	}
	found, err := p.Assets.List(ctx, list.Query{Filters: []list.Filter{{Key: "tag", Relation: list.Matches, Values: []string{text}}}, Limit: list.MaxLimit})
	if err != nil {
		return err
	}
	for _, one := range found.Items {
		if strings.EqualFold(one.Tag, text) {
			wish.AssetID = one.ID
		}
	}
	if wish.AssetID == (asset.ID{}) {
		wrongly("asset", "fault.entitlement.asset")
	}
	return nil
}

// chosen reads what a list of choices sent; nonsense chooses nothing.
func chosen[T any](values url.Values, name string) id.Of[T] {
	of, err := id.Parse[T](values.Get(name))
	if err != nil {
		return id.Of[T]{}
	}
	return of
}

// metricChoices are the kinds of metrics that rights may be bought by.
func metricChoices(ctx context.Context, none string) []ui.Choice {
	choices := []ui.Choice{{Value: "", Label: i18n.T(ctx, none)}}
	for _, metric := range licence.Metrics() {
		choices = append(choices, ui.Choice{Value: metric.Kind(), Label: metricWords(ctx, metric.Kind())})
	}
	return choices
}

func currencyChoices(now string) []ui.Choice {
	var choices []ui.Choice
	known := now == ""
	for _, code := range money.Currencies() {
		choices = append(choices, ui.Choice{Value: code, Label: code})
		known = known || code == now
	}
	if !known {
		choices = append(choices, ui.Choice{Value: now, Label: now})
	}
	return choices
}

// costValue writes an amount as the form reads it.
func costValue(ctx context.Context, cents *int64) string {
	if cents == nil {
		return ""
	}
	text := money.Format(*cents)
	if i18n.LocaleOf(ctx).Language == i18n.French {
		return strings.Replace(text, ".", ",", 1)
	}
	return text
}

// numberValue writes a number as the form reads it; the second is left blank
// where it says nothing.
func numberValue(number int64, blank int64) string {
	if number == blank {
		return ""
	}
	return strconv.FormatInt(number, 10)
}
