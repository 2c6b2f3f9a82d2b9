// Package disposal has the pages of disposal cases: their list, the page of one
// case with its drives, and one form for each deed. Whatever cannot be undone
// says on its form what it does before it is done.
package disposal

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/certificate"
	"holdfast/server/disposal"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Pages are the pages of this package.
type Pages struct {
	cases  *disposal.Service
	assets *asset.Service
	units  *unit.Service
	views  *view.Service
}

// New makes the pages.
func New(cases *disposal.Service, assets *asset.Service, units *unit.Service, views *view.Service) *Pages {
	return &Pages{cases: cases, assets: assets, units: units, views: views}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, edit := identity.Needs(identity.DisposalRead), identity.Needs(identity.DisposalEdit)
	pages := []page.Page{
		page.Get("/disposal", read, p.list),
		page.Get("/disposal/export", read, p.export),
		page.Get("/disposal/new", edit, p.fresh),
		page.Post("/disposal", edit, p.create),
		page.Get("/disposal/choose", edit, p.choose),
		page.Post("/disposal/choose", edit, p.choose),
		page.Post("/disposal/chosen", edit, p.chosen),
		page.Get("/disposal/case/:id", read, p.show),
		page.Get("/disposal/case/:id/certificate", read, p.certificate),
	}
	for _, family := range families() {
		pages = append(pages,
			page.Get("/disposal/case/:id/"+family.path+"/:deed", identity.Needs(family.needs), p.ask(family)),
			page.Post("/disposal/case/:id/"+family.path+"/:deed", identity.Needs(family.needs), p.do(family)))
	}
	return pages
}

func path(of disposal.ID) string { return "/disposal/case/" + of.String() }

// subject is one case with what its page shows.
type subject struct {
	*disposal.Case
	routes []disposal.Route
	wanted int // approvals
	change *disposal.Change
	events []disposal.Event
	then   bool // show what the approvers saw
	only   bool // show only what has problems
	reader identity.Actor
}

func (p *Pages) load(c *gin.Context) (subject, error) {
	of, err := page.ID[disposal.Mark](c, "id", "disposal_case")
	if err != nil {
		return subject{}, err
	}
	ctx := c.Request.Context()
	one := subject{then: c.Query("change") == "approved", only: c.Query("show") == "problems", reader: identity.ActorOf(ctx)}
	if one.Case, err = p.cases.Get(ctx, of); err != nil {
		return subject{}, err
	}
	if one.routes, err = p.cases.Ladder(ctx); err != nil {
		return subject{}, err
	}
	if one.wanted, err = p.cases.Wanted(ctx, one.Case); err != nil {
		return subject{}, err
	}
	one.change = one.Outcome
	if one.change == nil {
		if one.change, err = p.cases.Foretell(ctx, one.Case); err != nil {
			return subject{}, err
		}
	}
	if seen := one.seen(); one.then && seen != nil {
		one.change = seen
	}
	one.events, err = p.cases.History(ctx, of)
	return one, err
}

// seen is what the last approver whose word counts saw; nil when there is none.
func (s subject) seen() *disposal.Change {
	given := s.Given()
	if len(given) == 0 {
		return nil
	}
	return given[len(given)-1].Saw
}

// is reports whether the reader is a certain user.
func (s subject) is(user identity.UserID) bool {
	return s.reader.Kind == identity.UserKind && s.reader.ID == user.String()
}

// own reports whether the reader removed the data of a drive or recorded that:
// another person must verify it.
func (s subject) own(d *disposal.Drive) bool {
	of, err := id.Parse[identity.User](s.reader.ID)
	return err == nil && s.reader.Kind == identity.UserKind && d != nil && d.Record != nil && d.Record.MadeBy(of, s.reader.Name)
}

// first is the problem that the reader is shown: one that they can do
// something about, if there is any.
func (s subject) first() disposal.Problem {
	problems := s.Problems()
	for _, problem := range problems {
		if !s.own(problem.Drive) {
			return problem
		}
	}
	return problems[0]
}

// may reports whether the actor has a permission in the unit of the case.
func (s subject) may(ctx context.Context, needs identity.Permission) bool {
	return identity.AllowIn(ctx, needs, s.UnitID) == nil
}

func (p *Pages) show(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	return ui.Render(c, Show(one))
}

// certificate sends what became of the data as a document to keep. The trail
// keeps its hash.
func (p *Pages) certificate(c *gin.Context) error {
	of, err := page.ID[disposal.Mark](c, "id", "disposal_case")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	made, err := certificate.Make(ctx, p.cases, of, Texts(ctx))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.pdf"`, made.Name))
	c.Data(http.StatusOK, "application/pdf", made.Content)
	return nil
}

// Texts is how a certificate speaks to the reader of ctx.
func Texts(ctx context.Context) certificate.Texts {
	return certificate.Texts{
		Language: string(i18n.LocaleOf(ctx).Language),
		T:        func(key string, args map[string]any) string { return i18n.T(ctx, key, args) },
		Day:      func(day string) string { return i18n.Day(ctx, day) },
		Time:     func(when time.Time) string { return i18n.DateTime(ctx, when) },
		Size:     func(size int64) string { return i18n.DriveBytes(ctx, size) },
	}
}

// OfAsset leads to the case that an asset is in; nowhere when it is in none, or
// in none that the reader may see.
func (p *Pages) OfAsset(ctx context.Context, of asset.ID) (ui.Link, error) {
	found, err := p.cases.Holds(ctx, of)
	switch {
	case fault.Is(err, fault.Missing), fault.Is(err, fault.Denied):
		return ui.Link{}, nil
	case err != nil:
		return ui.Link{}, err
	}
	return ui.Link{Href: path(found.ID), Label: found.Number}, nil
}

func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := disposal.Columns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.cases.List(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(r disposal.Row) string { return path(r.ID) }, cell)
	shown.Path, shown.Adding, shown.Export = "/disposal", adding, true
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

// builtIn are the views that every reader of cases has.
func builtIn() []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: "view.all"},
		{Value: "state=draft,offered,approved,data_cleared,released,collected", Label: "view.cases_open"},
		{Value: "state=offered", Label: "view.cases_offered"},
		{Value: "state=approved", Label: "view.cases_drives"},
		{Value: "state=closed,cancelled", Label: "view.cases_ended"},
	}
}

func cell(row disposal.Row, column list.Column[disposal.Row]) templ.Component {
	if column.Key == "state" {
		return stateCell(row.State)
	}
	return nil
}

func toneOf(state disposal.State) ui.Tone {
	switch state {
	case disposal.Closed:
		return ui.Fine
	case disposal.Draft, disposal.Cancelled:
		return ui.Unknown
	case disposal.Offered, disposal.Approved, disposal.Cleared, disposal.Released, disposal.Collected:
	}
	return ui.Info
}

func (p *Pages) export(c *gin.Context) error {
	return page.Export(c, disposal.Columns(), p.cases.Export)
}
