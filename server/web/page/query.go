package page

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/list"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// Query reads what a list page is asked for. When the filter form was sent,
// it goes on to the address with that filter and done is true; adding names
// the column whose filter form is open. Fault: Invalid.
func Query[R any](c *gin.Context, definition *list.Definition[R]) (q list.Query, adding string, done bool, err error) {
	values := c.Request.URL.Query()
	added, sent := ui.FilterFrom(values, definition.Fields())
	adding = values.Get("add")
	values.Del("add")
	q, err = list.Parse(values, definition)
	if err != nil {
		return q, "", false, err
	}
	q.Zone = i18n.LocaleOf(c.Request.Context()).Zone
	if sent {
		if len(added.Values) > 0 {
			q = q.With(added)
		} else {
			q = q.Without(added)
		}
		if _, err := list.Parse(q.ToValues(), definition); err != nil {
			return q, "", false, err
		}
		address := c.Request.URL.Path
		if query := q.ToValues().Encode(); query != "" {
			address += "?" + query
		}
		c.Redirect(303, address)
		return q, "", true, nil
	}
	return q, adding, false, nil
}

// Export answers with a list as a file: exactly the columns, filter and order
// of the page. Fault: Invalid.
func Export[R any](c *gin.Context, definition *list.Definition[R], rows func(context.Context, list.Query) (iter.Seq2[R, error], error)) error {
	ctx := c.Request.Context()
	values := c.Request.URL.Query()
	format := values.Get("format")
	values.Del("format")
	q, err := list.Parse(values, definition)
	if err != nil {
		return err
	}
	locale := i18n.LocaleOf(ctx)
	q.Zone = locale.Zone
	found, err := rows(ctx, q)
	if err != nil {
		return err
	}
	texts := list.Texts{
		Label: func(key string) string { return ui.ColumnLabel(ctx, strings.TrimPrefix(key, "column.")) },
		Value: func(field list.Field, value string) string {
			return ui.EnumWord(ctx, definition.Name, field.Key, value)
		},
		Zone: locale.Zone,
	}
	name := fmt.Sprintf("%s-%s", definition.Name, locale.Now.In(locale.Zone).Format("2006-01-02"))
	switch format {
	case "csv":
		return csv(c, name, definition, q, found, texts)
	case "xlsx":
		return xlsx(c, name, definition, q, found, texts)
	}
	return fault.NewInvalid(fault.Field{Name: "format", Key: "fault.field.choice"})
}

func csv[R any](c *gin.Context, name string, definition *list.Definition[R], q list.Query, rows iter.Seq2[R, error], texts list.Texts) error {
	attach(c, "text/csv; charset=utf-8", name+".csv")
	return list.CSV(c.Writer, definition, q, rows, texts)
}

func xlsx[R any](c *gin.Context, name string, definition *list.Definition[R], q list.Query, rows iter.Seq2[R, error], texts list.Texts) error {
	attach(c, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name+".xlsx")
	return list.XLSX(c.Writer, definition, q, rows, texts)
}

func attach(c *gin.Context, kind, name string) {
	c.Header("Content-Type", kind)
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Header("Cache-Control", "no-store")
}
