package asset

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/money"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// editor is the form of an asset with what can be chosen in it.
type editor struct {
	asset  asset.Row // zero for a new one
	tag    string    // proposed for a new one
	form   ui.Form
	units  []ui.Choice
	places []ui.Choice
	people []person.Person
}

func (p *Pages) editor(ctx context.Context, of asset.Row, form ui.Form) (editor, error) {
	e := editor{asset: of, form: form}
	choices, err := p.choices(ctx)
	if err != nil {
		return editor{}, err
	}
	e.units = choices["unit"]
	e.places = append([]ui.Choice{{Value: "", Label: i18n.T(ctx, "asset.no_place")}}, choices["place"]...)
	if identity.ActorOf(ctx).May(identity.PeopleRead) {
		const most = 300 // in a list that the browser searches
		if e.people, err = p.People.Suggest(ctx, "", most); err != nil {
			return editor{}, err
		}
	}
	if of.ID.IsZero() {
		e.tag, err = p.Assets.ProposeTag(ctx)
	}
	return e, err
}

func (p *Pages) fresh(c *gin.Context) error {
	e, err := p.editor(c.Request.Context(), asset.Row{}, ui.Form{})
	if err != nil {
		return err
	}
	return ui.Render(c, Edit(e))
}

func (p *Pages) create(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	wish, err := p.wish(ctx, values, asset.Wish{})
	var made asset.Row
	if err == nil {
		made, err = p.Assets.Create(ctx, wish, asset.Status(values.Get("status")))
	}
	if form, is := ui.Wrong(values, err); is {
		e, err := p.editor(ctx, asset.Row{}, form)
		if err != nil {
			return err
		}
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Edit(e))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(made.ID), ui.Notice{Key: "asset.created_now", Args: i18n.Args{"Tag": made.Tag}})
}

func (p *Pages) edit(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	if err := identity.AllowIn(c.Request.Context(), identity.AssetsEdit, one.UnitID); err != nil {
		return err
	}
	e, err := p.editor(c.Request.Context(), one.Row, ui.Form{})
	if err != nil {
		return err
	}
	return ui.Render(c, Edit(e))
}

func (p *Pages) change(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	wish, err := p.wish(ctx, values, one.Wish())
	if err == nil {
		_, err = p.Assets.Change(ctx, one.ID, wish)
	}
	if form, is := ui.Wrong(values, err); is {
		e, err := p.editor(ctx, one.Row, form)
		if err != nil {
			return err
		}
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Edit(e))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(one.ID), ui.Notice{Key: "asset.saved", Args: i18n.Args{"Tag": wish.Tag}})
}

// wish reads what the form wishes. Fault: Invalid.
func (p *Pages) wish(ctx context.Context, values url.Values, wish asset.Wish) (asset.Wish, error) {
	for name, into := range map[string]*string{
		"tag": &wish.Tag, "maker": &wish.Maker, "model": &wish.Model, "serial": &wish.Serial,
		"order_number": &wish.OrderNumber, "note": &wish.Note,
	} {
		*into = values.Get(name)
	}
	wish.Kind = asset.Kind(values.Get("kind"))
	wish.UnitID, wish.PlaceID = chosen[identity.Unit](values, "unit_id"), chosen[place.Mark](values, "place_id")
	var wrong []fault.Field
	for name, into := range map[string]*time.Time{"purchased_on": &wish.PurchasedOn, "warranty_ends_on": &wish.WarrantyEnds} {
		*into = time.Time{}
		if text := values.Get(name); text != "" {
			day, err := time.Parse(time.DateOnly, text)
			if err != nil {
				wrong = append(wrong, fault.Field{Name: name, Key: "fault.field.date"})
			}
			*into = day
		}
	}
	wish.CostCents, wish.Currency = nil, ""
	if text := strings.TrimSpace(values.Get("cost")); text != "" {
		cents, err := money.Parse(text)
		if err != nil {
			wrong = append(wrong, fault.Field{Name: "cost", Key: "fault.field.money"})
		}
		wish.CostCents, wish.Currency = &cents, values.Get("currency")
	}
	if values.Has("custodian_id") { // absent from the form of those who may not know
		wish.CustodianID = person.ID{}
		if text := strings.TrimSpace(values.Get("custodian_id")); text != "" {
			found, err := p.People.Named(ctx, text)
			switch {
			case fault.Is(err, fault.Missing):
				wrong = append(wrong, fault.Field{Name: "custodian_id", Key: "fault.asset.custodian"})
			case fault.Is(err, fault.Conflict):
				wrong = append(wrong, fault.Field{Name: "custodian_id", Key: "fault.asset.custodian_several"})
			case err != nil:
				return wish, err
			}
			wish.CustodianID = found.ID
		}
	}
	if len(wrong) > 0 {
		return wish, fault.NewInvalid(wrong...)
	}
	return wish, nil
}

// chosen reads what a list of choices sent; nonsense chooses nothing.
func chosen[T any](values url.Values, name string) id.Of[T] {
	of, err := id.Parse[T](values.Get(name))
	if err != nil {
		return id.Of[T]{}
	}
	return of
}

// named is what a person is called in the field of the custodian: what finds
// them again.
func named(one person.Person) string {
	switch {
	case one.Login != "":
		return one.Login
	case one.Email != "":
		return one.Email
	}
	return one.Name
}

// holder is the custodian as the form has them.
func (e editor) holder() string {
	for _, one := range e.people {
		if one.ID == e.asset.CustodianID {
			return named(one)
		}
	}
	return e.asset.Custodian
}

func kindChoices(ctx context.Context) []ui.Choice {
	var choices []ui.Choice
	for _, kind := range asset.Kinds() {
		choices = append(choices, ui.Choice{Value: string(kind), Label: ui.EnumWord(ctx, "assets", "kind", string(kind))})
	}
	return choices
}

func statusChoices(ctx context.Context) []ui.Choice {
	var choices []ui.Choice
	for _, status := range asset.Starts() {
		choices = append(choices, ui.Choice{Value: string(status), Label: ui.EnumWord(ctx, "assets", "status", string(status))})
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

func dayValue(when time.Time) string {
	if when.IsZero() {
		return ""
	}
	return when.Format(time.DateOnly)
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
