package recognition

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/list"
	"holdfast/server/recognition"
	"holdfast/server/software"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// list is the list of rules.
func (p *Pages) list(c *gin.Context) error {
	ctx := c.Request.Context()
	definition := recognition.RuleColumns()
	q, adding, done, err := page.Query(c, definition)
	if err != nil || done {
		return err
	}
	found, err := p.rules.Rules(ctx, q)
	if err != nil {
		return err
	}
	shown := ui.ListOf(definition, q, found, func(r recognition.RuleRow) string { return "/recognition/rules/" + r.ID.String() }, ruleCell)
	shown.Path, shown.Adding, shown.Export = "/recognition/rules", adding, true
	if shown.Views, err = page.Views(ctx, p.views, definition, []ui.Choice{
		{Value: "origin=local", Label: "view.rules_local"},
		{Value: "conflicts.from=1", Label: "view.rules_conflicts"},
		{Value: "releases.from=1", Label: "view.rules_busy"},
		{Value: "", Label: "view.rules_all"},
	}); err != nil {
		return err
	}
	if ui.PartOnly(c, "list") {
		return ui.Render(c, ui.ListPart(shown))
	}
	return ui.Render(c, Rules(shown))
}

// short is a name that leaves room for other columns; an expression can be
// long.
func short(name string) string {
	const most = 60
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most]) + "…"
}

// ruleCell draws the columns of rules that are more than their value.
func ruleCell(row recognition.RuleRow, column list.Column[recognition.RuleRow]) templ.Component {
	switch column.Key {
	case "name":
		return ruleName(row.Rule)
	case "product":
		return ruleProduct(row)
	case "publisher", "sources", "note":
		return blank(column.Value(row).(string))
	}
	return nil
}

func (p *Pages) exportRules(c *gin.Context) error {
	return page.Export(c, recognition.RuleColumns(), p.rules.ExportRules)
}

func (p *Pages) rule(c *gin.Context) error {
	of, err := page.ID[recognition.Rule](c, "id", "recognition_rule")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	found, err := p.rules.Rule(ctx, of)
	if err != nil {
		return err
	}
	decided, err := p.rules.Decided(ctx, of, list.Query{Limit: shownReleases})
	if err != nil {
		return err
	}
	return ui.Render(c, Rule(found, decided))
}

// editor is the form of a rule, and what it would catch.
type editor struct {
	of       recognition.RuleID // none for a new one
	name     string             // that it has now
	form     ui.Form
	products []recognition.Choice
	preview  *recognition.Preview
	wish     recognition.Wish // as previewed
}

// path is where the form goes.
func (e editor) path() string {
	if e.of.IsZero() {
		return "/recognition/rules"
	}
	return "/recognition/rules/" + e.of.String()
}

// asks is where the form asks for its preview.
func (e editor) asks() string {
	if e.of.IsZero() {
		return e.path() + "/new"
	}
	return e.path() + "/edit"
}

// new shows the form of a new rule: blank, for a title of the queue, or with
// the preview of what was typed.
func (p *Pages) new(c *gin.Context) error {
	ctx, values := c.Request.Context(), c.Request.URL.Query()
	if text := values.Get("title"); text != "" {
		title, err := id.Parse[software.Title](text)
		if err != nil {
			return fault.NewMissing("title")
		}
		draft, err := p.rules.Draft(ctx, title)
		if err != nil {
			return err
		}
		return p.edition(c, http.StatusOK, editor{form: ui.Form{Values: valuesOf(draft.Wish)}})
	}
	return p.ask(c, editor{form: ui.Form{Values: values}})
}

func (p *Pages) edit(c *gin.Context) error {
	of, err := page.ID[recognition.Rule](c, "id", "recognition_rule")
	if err != nil {
		return err
	}
	found, err := p.rules.Rule(c.Request.Context(), of)
	if err != nil {
		return err
	}
	if found.Origin != recognition.Local {
		return fault.NewConflict("fault.recognition.bundled", nil)
	}
	e := editor{of: of, name: found.Name, form: ui.Form{Values: c.Request.URL.Query()}}
	if !e.form.Values.Has("name") {
		e.form.Values = valuesOf(recognition.Wish{Spec: found.Spec})
	}
	return p.ask(c, e)
}

// ask shows the form, with the preview when it was asked for.
func (p *Pages) ask(c *gin.Context, e editor) error {
	if !e.form.Values.Has("preview") {
		return p.edition(c, http.StatusOK, e)
	}
	wish, err := wishOf(e.form.Values)
	if err == nil {
		var preview recognition.Preview
		preview, err = p.rules.Preview(c.Request.Context(), wish, e.of)
		e.preview, e.wish = &preview, wish
	}
	if form, is := ui.Wrong(e.form.Values, err); is {
		e.form, e.preview = form, nil
		return p.edition(c, http.StatusUnprocessableEntity, e)
	}
	if err != nil {
		return err
	}
	return p.edition(c, http.StatusOK, e)
}

func (p *Pages) edition(c *gin.Context, status int, e editor) (err error) {
	if !mayManage(c.Request.Context()) {
		return fault.NewDenied("recognition.manage")
	}
	if e.products, err = p.rules.Choices(c.Request.Context()); err != nil {
		return err
	}
	return ui.RenderStatus(c, status, Editor(e))
}

func (p *Pages) create(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wish, err := wishOf(values)
	var made []recognition.Rule
	if err == nil {
		made, err = p.rules.Make(c.Request.Context(), wish)
	}
	if form, is := ui.Wrong(values, err); is {
		return p.edition(c, http.StatusUnprocessableEntity, editor{form: form})
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/recognition", ui.Notice{Key: "notice.rule_made", Args: i18n.Args{"Name": made[0].Name}, Undo: undoing(made[0], "/recognition")})
}

func (p *Pages) change(c *gin.Context) error {
	of, err := page.ID[recognition.Rule](c, "id", "recognition_rule")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wish, err := wishOf(values)
	var changed recognition.Rule
	if err == nil {
		changed, err = p.rules.Change(c.Request.Context(), of, wish)
	}
	if form, is := ui.Wrong(values, err); is {
		return p.edition(c, http.StatusUnprocessableEntity, editor{of: of, name: wish.Name, form: form})
	}
	if err != nil {
		return err
	}
	back := "/recognition/rules/" + of.String()
	return ui.Done(c, back, ui.Notice{Key: "notice.rule_changed", Args: i18n.Args{"Name": changed.Name}, Undo: undoing(changed, back)})
}

func (p *Pages) retire(c *gin.Context) error {
	of, err := page.ID[recognition.Rule](c, "id", "recognition_rule")
	if err != nil {
		return err
	}
	retired, err := p.rules.Retire(c.Request.Context(), of)
	if err != nil {
		return err
	}
	return ui.Done(c, "/recognition/rules?origin=local", ui.Notice{
		Key: "notice.rule_retired", Args: i18n.Args{"Name": retired[0].Name}, Undo: undoing(retired[0], "/recognition/rules/"+of.String()),
	})
}

func undoing(rule recognition.Rule, back string) *ui.Undo {
	return &ui.Undo{Action: "/recognition/undo", Values: map[string]string{"id": rule.ID.String(), "back": back}}
}

// wishOf reads the form of a rule. Fault: Invalid.
func wishOf(values url.Values) (recognition.Wish, error) {
	wish := recognition.Wish{Spec: recognition.Spec{
		Match: recognition.Match(values.Get("match")), Name: values.Get("name"), Publisher: values.Get("publisher"),
		Sources: values.Get("sources"), VersionFrom: values.Get("version_from"), VersionUntil: values.Get("version_until"),
		Edition: values.Get("edition"), Arch: values.Get("arch"), Class: recognition.Class(values.Get("class")),
		Product: strings.TrimSpace(values.Get("product")), Note: values.Get("note"),
	}}
	if text := strings.TrimSpace(values.Get("priority")); text != "" {
		var err error
		if wish.Priority, err = strconv.Atoi(text); err != nil {
			return wish, fault.NewInvalid(fault.Field{Name: "priority", Key: "fault.list.bad_number", Args: fault.Args{"Value": text}})
		}
	}
	if made := productWish(values); made.Name != "" {
		wish.NewProduct = &made
	}
	return wish, nil
}

func productWish(values url.Values) recognition.ProductWish {
	return recognition.ProductWish{
		Name: values.Get("product_name"), Publisher: values.Get("product_publisher"),
		Category: values.Get("product_category"), Class: recognition.Licence(values.Get("product_class")),
	}
}

// valuesOf writes a rule as the values of its form.
func valuesOf(wish recognition.Wish) url.Values {
	values := url.Values{
		"match": {string(wish.Match)}, "name": {wish.Name}, "publisher": {wish.Publisher}, "sources": {wish.Sources},
		"version_from": {wish.VersionFrom}, "version_until": {wish.VersionUntil}, "edition": {wish.Edition}, "arch": {wish.Arch},
		"class": {string(wish.Class)}, "product": {wish.Product}, "note": {wish.Note}, "priority": {strconv.Itoa(wish.Priority)},
	}
	if made := wish.NewProduct; made != nil {
		values.Set("product_name", made.Name)
		values.Set("product_publisher", made.Publisher)
		values.Set("product_category", made.Category)
		values.Set("product_class", string(made.Class))
	}
	return values
}
