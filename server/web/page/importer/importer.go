// Package importer has the pages with which many records come in from a file:
// upload, preview, confirm.
package importer

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/importer"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

// Pages are the pages of this package.
type Pages struct{ imports *importer.Service }

// New makes the pages.
func New(imports *importer.Service) *Pages { return &Pages{imports} }

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	needs := identity.Needs(identity.RecordsImport)
	return []page.Page{
		page.Get("/import", needs, p.ask),
		page.Post("/import", needs, p.upload),
		page.Get("/import/:id", needs, p.preview),
		page.Post("/import/:id/confirm", needs, p.confirm),
		page.Post("/import/:id/drop", needs, p.drop),
	}
}

func (p *Pages) ask(c *gin.Context) error { return ui.Render(c, Ask(ui.Form{})) }

// kinds are those that the reader may bring in.
func kinds(ctx context.Context) []importer.Kind {
	var may []importer.Kind
	for _, kind := range importer.Kinds() {
		if identity.Allow(ctx, kind.Needs()) == nil {
			may = append(may, kind)
		}
	}
	return may
}

func kindChoices(ctx context.Context) []ui.Choice {
	var choices []ui.Choice
	for _, kind := range kinds(ctx) {
		choices = append(choices, ui.Choice{Value: string(kind), Label: i18n.T(ctx, "import.kind."+string(kind))})
	}
	return choices
}

func (p *Pages) upload(c *gin.Context) error {
	of, err := p.stage(c)
	if form, is := ui.Wrong(c.Request.PostForm, err); is {
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Ask(form))
	}
	if err != nil {
		return err
	}
	ui.Redirect(c, "/import/"+of.String())
	return nil
}

// stage keeps the file that was sent. Faults: Invalid, TooLarge.
func (p *Pages) stage(c *gin.Context) (importer.ID, error) {
	const rest = 64 << 10 // of the form, besides the file
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, importer.MaxBytes+rest)
	file, header, err := c.Request.FormFile("file")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return importer.ID{}, fault.NewTooLarge(importer.MaxBytes)
	case err != nil:
		return importer.ID{}, fault.NewInvalid(fault.Field{Name: "file", Key: "fault.import.no_file"})
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return importer.ID{}, fault.NewInvalid(fault.Field{Name: "file", Key: "fault.import.no_file"})
	}
	return p.imports.Stage(c.Request.Context(), importer.Kind(c.PostForm("kind")), header.Filename, content)
}

func (p *Pages) preview(c *gin.Context) error {
	of, err := page.ID[importer.Mark](c, "id", "import")
	if err != nil {
		return err
	}
	file, report, err := p.imports.Staged(c.Request.Context(), of)
	if err != nil {
		return err
	}
	return ui.Render(c, Preview(file, sort(report)))
}

func (p *Pages) confirm(c *gin.Context) error {
	of, err := page.ID[importer.Mark](c, "id", "import")
	if err != nil {
		return err
	}
	file, report, err := p.imports.Confirm(c.Request.Context(), of)
	if err != nil {
		return err
	}
	return ui.Done(c, home(file.Kind), ui.Notice{Key: "import.done", Args: i18n.Args{
		"Name": file.Name, "Created": report.Counts[importer.Created], "Changed": report.Counts[importer.Changed],
		"Failed": report.Counts[importer.Failed],
	}})
}

func (p *Pages) drop(c *gin.Context) error {
	of, err := page.ID[importer.Mark](c, "id", "import")
	if err != nil {
		return err
	}
	if err := p.imports.Drop(c.Request.Context(), of); err != nil {
		return err
	}
	return ui.Done(c, "/import", ui.Notice{Key: "import.dropped"})
}

// home is the page of what was brought in.
func home(kind importer.Kind) string {
	switch kind {
	case importer.People:
		return "/people"
	case importer.Places:
		return "/places"
	case importer.Units:
		return "/access/units"
	case importer.Rights:
		return "/licences/rights"
	case importer.Assets:
	}
	return "/assets"
}
