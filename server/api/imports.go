package api

import (
	"context"
	"net/http"

	"holdfast/server/identity"
	"holdfast/server/importer"
)

// ImportReport is what a file does, or would do.
type ImportReport struct {
	DryRun    bool        `json:"dry_run" doc:"Nothing was done."`
	Created   int         `json:"created"`
	Changed   int         `json:"changed"`
	Unchanged int         `json:"unchanged"`
	Failed    int         `json:"failed"`
	Unknown   []string    `json:"unknown_columns" nullable:"false" doc:"Headings that no column has; those columns were left out."`
	Rows      []ImportRow `json:"rows" nullable:"false" doc:"The rows that did not stay as they were."`
}

// ImportRow is what became of one row of a file.
type ImportRow struct {
	Line     int             `json:"line" doc:"In the file, counted from 1."`
	Name     string          `json:"name,omitempty"`
	Outcome  string          `json:"outcome" enum:"created,changed,unchanged,failed"`
	Changes  []ImportChange  `json:"changes" nullable:"false"`
	Problems []ImportProblem `json:"problems" nullable:"false"`
}

// ImportChange is one value before and after.
type ImportChange struct {
	Column string `json:"column"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// ImportProblem is what is wrong with a row, and what to do.
type ImportProblem struct {
	Column  string `json:"column,omitempty" doc:"Absent for the row as a whole."`
	Value   string `json:"value,omitempty" doc:"As it stands in the file."`
	Message string `json:"message"`
}

// ImportInput is a file to be brought in.
type ImportInput struct {
	Kind    string `path:"kind" enum:"units,people,places,assets,rights"`
	DryRun  bool   `query:"dry_run" doc:"Only say what would happen."`
	Name    string `query:"name" maxLength:"200" doc:"Name of the file, for the audit log."`
	RawBody []byte `contentType:"text/csv"`
}

func (a *API) imports() {
	register(a, operation{
		method: http.MethodPost, path: "/imports/{kind}", name: "import-records", tag: tagAssets, maxBody: importer.MaxBytes,
		summary: "Bring units, people, places, assets or rights in from a CSV file", rule: identity.Needs(identity.RecordsImport),
	}, func(ctx context.Context, in *ImportInput) (*body[ImportReport], error) {
		mode := importer.Apply
		if in.DryRun {
			mode = importer.Preview
		}
		report, err := a.services.Imports.Run(ctx, importer.Kind(in.Kind), in.Name, in.RawBody, mode)
		if err != nil {
			return nil, err
		}
		return &body[ImportReport]{a.writeReport(ctx, report, in.DryRun)}, nil
	})
}

func (a *API) writeReport(ctx context.Context, report importer.Report, dry bool) ImportReport {
	written := ImportReport{
		DryRun: dry, Created: report.Counts[importer.Created], Changed: report.Counts[importer.Changed],
		Unchanged: report.Counts[importer.Unchanged], Failed: report.Counts[importer.Failed], Unknown: []string{}, Rows: []ImportRow{},
	}
	written.Unknown = append(written.Unknown, report.Unknown...)
	for _, row := range report.Rows {
		if row.Outcome == importer.Unchanged {
			continue
		}
		written.Rows = append(written.Rows, ImportRow{
			Line: row.Line, Name: row.Name, Outcome: string(row.Outcome),
			Changes: each(row.Changes, func(c importer.Change) ImportChange { return ImportChange{c.Column, c.Before, c.After} }),
			Problems: each(row.Problems, func(p importer.Problem) ImportProblem {
				return ImportProblem{p.Column, p.Value, a.texts.Translate(languageOf(ctx), p.Key, p.Args)}
			}),
		})
	}
	return written
}
