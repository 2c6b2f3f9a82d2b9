package importer

import (
	"context"
	"maps"
	"strings"

	"github.com/a-h/templ"

	"holdfast/server/importer"
	"holdfast/server/money"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// shownMost is how many rows of each outcome a preview shows.
const shownMost = 200

// preview is a report as its page shows it: what is wrong first.
type preview struct {
	importer.Report
	groups []group
}

// group is the rows of one outcome.
type group struct {
	outcome importer.Outcome
	rows    []importer.Row
	total   int
}

// sort groups the rows; those that stay as they are only count.
func sort(report importer.Report) preview {
	made := preview{Report: report}
	for _, outcome := range []importer.Outcome{importer.Failed, importer.Changed, importer.Created} {
		one := group{outcome: outcome, total: report.Counts[outcome]}
		for _, row := range report.Rows {
			if row.Outcome == outcome && len(one.rows) < shownMost {
				one.rows = append(one.rows, row)
			}
		}
		if one.total > 0 {
			made.groups = append(made.groups, one)
		}
	}
	return made
}

// doing is how many rows will do something.
func (p preview) doing() int { return p.Counts[importer.Created] + p.Counts[importer.Changed] }

func toneOf(outcome importer.Outcome) ui.Tone {
	switch outcome {
	case importer.Failed:
		return ui.Critical
	case importer.Changed:
		return ui.Info
	case importer.Created:
		return ui.Fine
	case importer.Unchanged:
	}
	return ui.Unknown
}

func grid(ctx context.Context, one group) ui.Grid {
	made := ui.Grid{Caption: i18n.T(ctx, "import.outcome."+string(one.outcome)), Heads: []ui.Column{
		{Label: i18n.T(ctx, "import.line")}, {Label: i18n.T(ctx, "import.what")}, {Label: i18n.T(ctx, "import.detail")},
	}}
	for _, row := range one.rows {
		made.Rows = append(made.Rows, []templ.Component{ui.Text(i18n.Number(ctx, row.Line)), named(row), detail(row)})
	}
	return made
}

// columnName names a column of a file.
func columnName(ctx context.Context, key string) string {
	return i18n.T(ctx, "import.column."+key)
}

// columnNames lists the columns of a kind of file as the reader may name them.
func columnNames(ctx context.Context, kind importer.Kind) string {
	var names []string
	for _, key := range importer.Columns(kind) {
		names = append(names, columnName(ctx, key))
	}
	return strings.Join(names, ", ")
}

// worded gives the values that a cell may have in the reader's language, in
// which they are read too.
func worded(ctx context.Context, problem importer.Problem) i18n.Args {
	known, is := problem.Args["Known"].(string)
	if !is || problem.Column != "kind" && problem.Column != "status" {
		return problem.Args
	}
	values := strings.Split(known, ", ")
	for i, each := range values {
		values[i] = ui.EnumWord(ctx, "assets", problem.Column, each)
	}
	args := maps.Clone(problem.Args)
	args["Known"] = strings.Join(values, ", ")
	return args
}

// changeWords writes a value before and after.
func changeWords(ctx context.Context, change importer.Change) string {
	args := i18n.Args{
		"Field": columnName(ctx, change.Column), "Before": value(ctx, change.Column, change.Before), "After": value(ctx, change.Column, change.After),
	}
	switch {
	case change.Before == "":
		return i18n.T(ctx, "asset.change.set", args)
	case change.After == "":
		return i18n.T(ctx, "asset.change.emptied", args)
	}
	return i18n.T(ctx, "asset.change.both", args)
}

// value writes a value of a file as people read it.
func value(ctx context.Context, column, text string) string {
	switch column {
	case "kind", "status":
		return ui.EnumWord(ctx, "assets", column, text)
	case "active", "users_private":
		if text != "" {
			return i18n.T(ctx, "answer."+text)
		}
	case "purchased_on", "warranty_ends_on":
		if text != "" {
			return i18n.Day(ctx, text)
		}
	case "cost":
		if cents, err := money.Parse(text); err == nil {
			return i18n.Amount(ctx, cents)
		}
	}
	return text
}
