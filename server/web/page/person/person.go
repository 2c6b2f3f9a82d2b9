// Package person has the pages of the people that the body works for, and of
// what each of them holds.
package person

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Pages are the pages of this package.
type Pages struct {
	people *person.Service
	assets *asset.Service
	units  *unit.Service
	views  *view.Service
}

// New makes the pages.
func New(people *person.Service, assets *asset.Service, units *unit.Service, views *view.Service) *Pages {
	return &Pages{people: people, assets: assets, units: units, views: views}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, manage := identity.Needs(identity.PeopleRead), identity.Needs(identity.PeopleManage)
	return []page.Page{
		page.Get("/people", read, p.list),
		page.Get("/people/export", read, p.export),
		page.Get("/people/new", manage, p.fresh),
		page.Post("/people", manage, p.create),
		page.Get("/people/:id", read, p.show),
		page.Get("/people/:id/edit", manage, p.edit),
		page.Post("/people/:id", manage, p.change),
	}
}

func path(of person.ID) string { return "/people/" + of.String() }

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := person.Columns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.people.List(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(one person.Person) string { return path(one.ID) }, cell)
	shown.Path, shown.Adding = "/people", adding
	shown.Export = identity.ActorOf(ctx).May(identity.AssetsExport)
	units, err := p.units.List(ctx)
	if err != nil {
		return err
	}
	shown.Choices = map[string][]ui.Choice{"unit": page.UnitChoices(units)}
	if shown.Views, err = page.Views(ctx, p.views, definition, builtIn()); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, List(shown))
}

// builtIn are the views that every reader of people has.
func builtIn() []ui.Choice {
	return []ui.Choice{
		{Value: "active=yes", Label: "view.people_active"},
		{Value: "assets.from=1&active=no", Label: "view.people_leavers"},
		{Value: "", Label: "view.all_people"},
	}
}

// cell draws the columns of people that are more than their value.
func cell(one person.Person, column list.Column[person.Person]) templ.Component {
	if column.Key == "active" {
		return state(one)
	}
	return nil
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, person.Columns(), p.people.Export)
}

// holder is one person with what they hold.
type holder struct {
	person.Person
	holds   []asset.Row
	mayEdit bool
}

func (p *Pages) load(c *gin.Context) (holder, error) {
	wanted, err := page.ID[person.Mark](c, "id", "person")
	if err != nil {
		return holder{}, err
	}
	ctx := c.Request.Context()
	found, err := p.people.Get(ctx, wanted)
	if err != nil {
		return holder{}, err
	}
	one := holder{Person: found, mayEdit: identity.AllowIn(ctx, identity.PeopleManage, found.UnitID) == nil}
	if identity.ActorOf(ctx).May(identity.AssetsRead) {
		one.holds, err = p.assets.HeldBy(ctx, wanted)
	}
	return one, err
}

func (p *Pages) show(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	return ui.Render(c, Person(one))
}

// editor is the form of a person with what can be chosen in it.
type editor struct {
	person person.Person // zero for a new one
	form   ui.Form
	units  []ui.Choice
}

func (p *Pages) render(c *gin.Context, status int, of person.Person, form ui.Form) error {
	units, err := p.units.List(c.Request.Context())
	if err != nil {
		return err
	}
	return ui.RenderStatus(c, status, Edit(editor{of, form, page.UnitChoices(units)}))
}

func (p *Pages) fresh(c *gin.Context) error {
	return p.render(c, http.StatusOK, person.Person{Active: true}, ui.Form{})
}

func (p *Pages) edit(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	if err := identity.AllowIn(c.Request.Context(), identity.PeopleManage, one.UnitID); err != nil {
		return err
	}
	return p.render(c, http.StatusOK, one.Person, ui.Form{})
}

func (p *Pages) create(c *gin.Context) error {
	return p.save(c, person.Person{Active: true}, p.people.Create)
}

func (p *Pages) change(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	return p.save(c, one.Person, func(ctx context.Context, wish person.Wish) (person.Person, error) {
		return p.people.Change(ctx, one.ID, wish)
	})
}

func (p *Pages) save(c *gin.Context, before person.Person, save func(context.Context, person.Wish) (person.Person, error)) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	saved, err := save(c.Request.Context(), wish(values, before))
	if form, is := ui.Wrong(values, err); is {
		return p.render(c, http.StatusUnprocessableEntity, before, form)
	}
	if err != nil {
		return err
	}
	return ui.Done(c, path(saved.ID), ui.Notice{Key: "person.saved", Args: i18n.Args{"Name": saved.Name}})
}

func wish(values url.Values, before person.Person) person.Wish {
	made := before.Wish()
	made.Name, made.Email, made.Login = values.Get("name"), values.Get("email"), values.Get("login")
	made.Language, made.Active = values.Get("language"), values.Get("active") == "on"
	unit, err := id.Parse[identity.Unit](values.Get("unit_id"))
	if err != nil {
		unit = identity.UnitID{}
	}
	made.UnitID = unit
	return made
}

func languageChoices(ctx context.Context) []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: i18n.T(ctx, "answer.unknown")},
		{Value: "en", Label: i18n.Translate("en", "language.name", nil)},
		{Value: "fr", Label: i18n.Translate("fr", "language.name", nil)},
	}
}
