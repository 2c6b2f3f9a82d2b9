package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"holdfast/server/app"
	"holdfast/server/asset"
	"holdfast/server/config"
	"holdfast/server/entitlement"
	"holdfast/server/importer"
	"holdfast/server/web/i18n"
)

type importing struct {
	Units  importUnits  `cmd:"" help:"Units of the organisation."`
	People importPeople `cmd:"" help:"People, who hold assets and ask for help."`
	Places importPlaces `cmd:"" help:"Places: sites, buildings, rooms."`
	Assets importAssets `cmd:"" help:"Assets."`
	Rights importRights `cmd:"" help:"Licence rights that were bought."`
}

// importFile is a file to bring in, whatever is in it.
type importFile struct {
	config.Store `embed:""`

	File     string `arg:"" help:"The CSV file; - reads the input."`
	DryRun   bool   `help:"Only say what would change."`
	Language string `help:"Language of the report: en or fr. Without it, that of the environment." placeholder:"LANGUAGE"`
}

type (
	importUnits  struct{ importFile }
	importPeople struct{ importFile }
	importPlaces struct{ importFile }
	importAssets struct{ importFile }
	importRights struct{ importFile }
)

// Run brings units in.
func (i importUnits) Run(ctx context.Context, std streams) error {
	return i.bring(ctx, importer.Units, std)
}

// Run brings people in.
func (i importPeople) Run(ctx context.Context, std streams) error {
	return i.bring(ctx, importer.People, std)
}

// Run brings places in.
func (i importPlaces) Run(ctx context.Context, std streams) error {
	return i.bring(ctx, importer.Places, std)
}

// Run brings assets in.
func (i importAssets) Run(ctx context.Context, std streams) error {
	return i.bring(ctx, importer.Assets, std)
}

// Run brings rights in.
func (i importRights) Run(ctx context.Context, std streams) error {
	return i.bring(ctx, importer.Rights, std)
}

// bring reads the file and reports each row that does not stay as it is. When
// rows were left out the exit status is 1.
func (i importFile) bring(ctx context.Context, kind importer.Kind, std streams) (err error) {
	content, err := i.read(std.in)
	if err != nil {
		return err
	}
	ctx, db, err := open(ctx, i.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	mode := importer.Apply
	if i.DryRun {
		mode = importer.Preview
	}
	publish := app.Publisher(db)
	imports := importer.New(db, asset.New(db, publish), entitlement.New(db, publish))
	report, err := imports.Run(ctx, kind, filepath.Base(i.File), content, mode)
	if err != nil {
		return err
	}
	language := i.Language
	if language == "" {
		language = environmentLanguage(os.Getenv)
	}
	return printImport(std, language, report)
}

func (i importFile) read(in io.Reader) ([]byte, error) {
	if i.File != "-" {
		opened, err := os.Open(i.File)
		if err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
		defer opened.Close()
		in = opened
	}
	content, err := io.ReadAll(io.LimitReader(in, importer.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return content, nil
}

func printImport(std streams, language string, report importer.Report) error {
	say := func(key string, args i18n.Args) string { return i18n.Translate(language, key, args) }
	if len(report.Unknown) > 0 {
		fmt.Fprintln(std.err, say("import.unknown", i18n.Args{"Columns": strings.Join(report.Unknown, ", ")}))
	}
	for _, row := range report.Rows {
		line := say("import.line", nil) + " " + fmt.Sprint(row.Line)
		for _, problem := range row.Problems {
			parts := []string{line, row.Name}
			if problem.Column != "" {
				parts = append(parts, strings.TrimSpace(say("import.column."+problem.Column, nil)+" "+problem.Value))
			}
			fmt.Fprintln(std.err, strings.Join(append(parts, say(problem.Key, problem.Args)), ": "))
		}
		if row.Outcome != importer.Created && row.Outcome != importer.Changed {
			continue
		}
		changes := make([]string, len(row.Changes))
		for i, change := range row.Changes {
			changes[i] = say("import.column."+change.Column, nil) + ": " + change.After
			if change.Before != "" {
				changes[i] = say("import.column."+change.Column, nil) + ": " + change.Before + " → " + change.After
			}
		}
		fmt.Fprintf(std.out, "%s: %s: %s: %s\n", line, row.Name, say("import.outcome."+string(row.Outcome), nil), strings.Join(changes, "; "))
	}
	for _, outcome := range importer.Outcomes() {
		fmt.Fprintf(std.out, "%s: %d\n", say("import.outcome."+string(outcome), nil), report.Counts[outcome])
	}
	if report.Counts[importer.Failed] > 0 {
		return errSaid
	}
	return nil
}
