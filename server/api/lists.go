package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/server/list"
)

// Page is the answer of every list.
type Page[T any] struct {
	Items []T    `json:"items" doc:"The rows of this page." nullable:"false"`
	Total int    `json:"total" doc:"Rows on all pages."`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// body is an answer with a body and nothing else.
type body[T any] struct{ Body T }

// ListInput takes the parameters of a list as they came. They are documented
// from the definition of the list, and read by package list.
type ListInput struct{ values url.Values }

// Resolve implements huma.Resolver.
func (i *ListInput) Resolve(ctx huma.Context) []error {
	address := ctx.URL()
	i.values = address.Query()
	return nil
}

// OneInput names the thing that is meant.
type OneInput struct {
	ID string `path:"id" format:"uuid" doc:"Identifier."`
}

// OneListInput names a thing and takes the parameters of a list of it.
type OneListInput struct {
	OneInput
	ListInput
}

// readPage parses the parameters, asks for the page and writes its rows.
func readPage[R, T any](values url.Values, d *list.Definition[R], ask func(list.Query) (list.Page[R], error), write func(R) T) (*body[Page[T]], error) {
	q, err := list.Parse(values, d)
	if err != nil {
		return nil, located{err, "query"}
	}
	page, err := ask(q)
	if err != nil {
		return nil, located{err, "query"}
	}
	return &body[Page[T]]{Page[T]{Items: each(page.Items, write), Total: page.Total, Next: page.Next}}, nil
}

// whole answers a list that is short enough to be one page.
func whole[R, T any](rows []R, write func(R) T) *body[Page[T]] {
	return &body[Page[T]]{Page[T]{Items: each(rows, write), Total: len(rows)}}
}

func each[R, T any](rows []R, write func(R) T) []T {
	items := make([]T, len(rows))
	for i, row := range rows {
		items[i] = write(row)
	}
	return items
}

// registerList adds the operation of a list, its parameters documented from
// the definition.
func registerList[I, O any](a *API, op operation, fields []list.Field, sort string, searchable bool, handler func(context.Context, *I) (*O, error)) {
	op.method = http.MethodGet
	op.params = listParams(fields, sort, searchable)
	register(a, op, handler)
}

func listParams(fields []list.Field, sort string, searchable bool) []*huma.Param {
	least, most := 1.0, float64(list.MaxLimit)
	var sorts []any
	for _, field := range fields {
		if field.Sortable {
			sorts = append(sorts, field.Key, "-"+field.Key)
		}
	}
	params := []*huma.Param{
		{Name: "limit", In: "query", Description: "Rows on a page.", Schema: &huma.Schema{
			Type: huma.TypeInteger, Minimum: &least, Maximum: &most, Default: list.DefaultLimit,
		}},
		{Name: "cursor", In: "query", Description: "\"next\" of the page before.", Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "sort", In: "query", Description: "Order of the rows; with a minus sign, downwards. What is not known comes last.", Schema: &huma.Schema{
			Type: huma.TypeString, Enum: sorts, Default: sort,
		}},
	}
	if searchable {
		params = append(params, &huma.Param{Name: "q", In: "query", Description: "Free text.", Schema: &huma.Schema{Type: huma.TypeString}})
	}
	for _, field := range fields {
		if field.Filterable {
			params = append(params, filterParams(field)...)
		}
	}
	return params
}

// filterParams documents the filters of one field, as package list reads them.
func filterParams(field list.Field) []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	param := func(relation list.Relation, description string, schema *huma.Schema) *huma.Param {
		name := list.Filter{Key: field.Key, Relation: relation}.Param()
		return &huma.Param{Name: name, In: "query", Description: description, Schema: schema}
	}
	var params []*huma.Param
	switch field.Kind {
	case list.Text, list.IP, list.MAC:
		params = append(params, param(list.Matches, "Contains, whatever the case; several are separated by commas.", text))
		if field.Match == nil {
			params = append(params, param(list.Is, "Exactly; several are separated by commas.", text))
		}
		params = append(params, param(list.Not, "Contains none of these.", text))
	case list.Enum, list.UUID:
		description := "Is one of these, separated by commas."
		if len(field.Values) > 0 {
			description += " Known values: " + strings.Join(field.Values, ", ") + "."
		}
		params = append(params, param(list.Matches, description, text), param(list.Not, "Is none of these.", text))
	case list.Flag:
		params = append(params, param(list.Matches, "yes or no.", &huma.Schema{Type: huma.TypeString, Enum: []any{"yes", "no"}}))
	case list.Number:
		number := &huma.Schema{Type: huma.TypeInteger}
		params = append(params, param(list.Matches, "Is one of these, separated by commas.", text),
			param(list.From, "At least.", number), param(list.To, "At most.", number))
	case list.Money:
		params = append(params, param(list.From, "At least, such as 1234.50.", text), param(list.To, "At most, such as 1234.50.", text))
	case list.Bytes:
		params = append(params, param(list.From, "At least, in bytes or with a unit such as 8GB or 8GiB.", text),
			param(list.To, "At most, in bytes or with a unit such as 8GB or 8GiB.", text))
	case list.Time, list.Date:
		const forms = " a day (2026-11-21), a time (RFC 3339), an age (-14d; h, d, w, m for months, y) or now."
		params = append(params, param(list.From, "Not before"+forms, text), param(list.To, "Not after"+forms, text))
	}
	if field.Nullable {
		params = append(params, param(list.Known, "Whether a value is known.", &huma.Schema{Type: huma.TypeString, Enum: []any{"yes", "no"}}))
	}
	return params
}
