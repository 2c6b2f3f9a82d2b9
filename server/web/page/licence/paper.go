package licence

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/attachment"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

func (p *Pages) papers(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := entitlement.PaperColumns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.Rights.Papers(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(one entitlement.Paper) string { return paperPath(one.ID) }, paperCell)
	shown.Path, shown.Adding = "/licences/papers", adding
	shown.Export = identity.ActorOf(ctx).May(identity.LicencesExport)
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, PaperList(shown))
}

func (p *Pages) exportPapers(c *gin.Context) error {
	return page.Export(c, entitlement.PaperColumns(), p.Rights.ExportPapers)
}

func paperCell(one entitlement.Paper, column list.Column[entitlement.Paper]) templ.Component {
	if column.Key == "supplier" && one.Supplier == "" {
		return ui.Text("–")
	}
	return nil
}

// onePaper is one paper with what its page shows.
type onePaper struct {
	entitlement.Paper
	rights []entitlement.Row
	files  []attachment.File
	today  time.Time
	form   ui.Form // of the file
}

func (p *Pages) loadPaper(c *gin.Context) (onePaper, error) {
	of, err := page.ID[entitlement.PaperMark](c, "id", "paper")
	if err != nil {
		return onePaper{}, err
	}
	ctx := c.Request.Context()
	found, rights, err := p.Rights.Paper(ctx, of)
	if err != nil {
		return onePaper{}, err
	}
	files, err := p.Rights.Files(ctx, of)
	return onePaper{Paper: found, rights: rights, files: files[of.String()], today: p.Rights.Today()}, err
}

func (p *Pages) paper(c *gin.Context) error {
	one, err := p.loadPaper(c)
	if err != nil {
		return err
	}
	return ui.Render(c, Paper(one))
}

func (p *Pages) newPaper(c *gin.Context) error {
	return ui.Render(c, PaperForm(entitlement.Paper{}, ui.Form{}))
}

func (p *Pages) editPaper(c *gin.Context) error {
	one, err := p.loadPaper(c)
	if err != nil {
		return err
	}
	return ui.Render(c, PaperForm(one.Paper, ui.Form{}))
}

func (p *Pages) createPaper(c *gin.Context) error {
	return p.savePaper(c, entitlement.Paper{}, "paper.created", func(ctx context.Context, wish entitlement.PaperWish) (entitlement.Paper, error) {
		return p.Rights.FilePaper(ctx, wish)
	})
}

func (p *Pages) changePaper(c *gin.Context) error {
	one, err := p.loadPaper(c)
	if err != nil {
		return err
	}
	return p.savePaper(c, one.Paper, "paper.saved", func(ctx context.Context, wish entitlement.PaperWish) (entitlement.Paper, error) {
		return p.Rights.ChangePaper(ctx, one.ID, wish)
	})
}

func (p *Pages) savePaper(c *gin.Context, before entitlement.Paper, done string, save func(context.Context, entitlement.PaperWish) (entitlement.Paper, error)) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wish, err := paperWish(values)
	var saved entitlement.Paper
	if err == nil {
		saved, err = save(c.Request.Context(), wish)
	}
	if form, is := ui.Wrong(values, err); is {
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, PaperForm(before, form))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, paperPath(saved.ID), ui.Notice{Key: done, Args: i18n.Args{"Number": saved.Number}})
}

func paperWish(values url.Values) (entitlement.PaperWish, error) {
	wish := entitlement.PaperWish{
		Number: values.Get("number"), Kind: entitlement.PaperKind(values.Get("kind")), Supplier: values.Get("supplier"), Note: values.Get("note"),
	}
	if text := values.Get("dated_on"); text != "" {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return wish, fault.NewInvalid(fault.Field{Name: "dated_on", Key: "fault.field.date"})
		}
		wish.DatedOn = day
	}
	return wish, nil
}

// attach adds a file to a paper.
func (p *Pages) attach(c *gin.Context) error {
	one, err := p.loadPaper(c)
	if err != nil {
		return err
	}
	uploads, err := uploaded(c)
	if err == nil {
		_, err = p.Rights.Attach(c.Request.Context(), one.ID, uploads...)
	}
	if form, is := ui.Wrong(url.Values{}, err); is {
		one.form = form
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Paper(one))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, paperPath(one.ID), ui.Notice{Key: "paper.attached", Args: i18n.Args{"Number": one.Number}})
}

// uploaded reads the files of a form. Faults: Invalid, TooLarge.
func uploaded(c *gin.Context) ([]attachment.Upload, error) {
	const most = attachment.Most*attachment.Files + 1<<20
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
	if err := c.Request.ParseMultipartForm(attachment.Most); err != nil {
		return nil, fault.NewTooLarge(attachment.Most)
	}
	var uploads []attachment.Upload
	for _, header := range c.Request.MultipartForm.File["files"] {
		file, err := header.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(io.LimitReader(file, attachment.Most+1))
		file.Close()
		if err != nil {
			return nil, err
		}
		uploads = append(uploads, attachment.Upload{Name: header.Filename, Content: content})
	}
	if len(uploads) == 0 {
		return nil, fault.NewInvalid(fault.Field{Name: "files", Key: "fault.field.required"})
	}
	return uploads, nil
}

// file gives a file of a paper. It is never shown in the page itself: a file
// of somebody else's is not to run here.
func (p *Pages) file(c *gin.Context) error {
	of, err := page.ID[attachment.File](c, "id", "attachment")
	if err != nil {
		return err
	}
	file, content, err := p.Rights.File(c.Request.Context(), of)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", file.Disposition())
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, file.MediaType, content)
	return nil
}

func paperKinds(ctx context.Context) []ui.Choice {
	var choices []ui.Choice
	for _, kind := range entitlement.PaperKinds() {
		choices = append(choices, ui.Choice{Value: string(kind), Label: ui.EnumWord(ctx, "papers", "kind", string(kind))})
	}
	return choices
}

// rightPairs is what is decided about a right.
func rightPairs(ctx context.Context, one oneRight) []ui.Pair {
	label := func(key string) string { return i18n.T(ctx, "column.entitlements."+key) }
	pairs := []ui.Pair{
		{Label: i18n.T(ctx, "right.amount"), Value: ui.Text(rightWords(ctx, one.Wish) + " = " + i18n.Number(ctx, one.Rights()))},
		{Label: i18n.T(ctx, "right.term"), Value: ui.Text(termWords(ctx, one.Wish))},
	}
	if one.Metric != "" {
		pairs = append(pairs, ui.Pair{Label: label("metric"), Value: ui.Text(metricWords(ctx, one.Metric))})
	}
	if !one.MaintainedUntil.IsZero() {
		pairs = append(pairs, ui.Pair{Label: label("maintained_until"), Value: ui.Text(dayWords(ctx, one.MaintainedUntil))})
	}
	pairs = append(pairs, ui.Pair{Label: label("cost"), Value: costCell(one.Row)}, ui.Pair{Label: label("unit"), Value: ui.Text(one.Unit)})
	if one.AssetTag != "" {
		pairs = append(pairs, ui.Pair{Label: label("asset"), Value: assetLink(one.Row)})
	}
	return pairs
}
