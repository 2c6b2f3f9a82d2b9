package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"holdfast/server/fault"
	licences "holdfast/server/licence"
	"holdfast/server/web/i18n"
	"holdfast/shared/report"
)

type licence struct {
	Evaluate licenceEvaluate `cmd:"" help:"Work out the licence positions of an estate described in a file, and print them with their explanation as JSON."`
	Position licencePosition `cmd:"" help:"Work out the licence positions of this server's devices, now or as of a day, and print them with their explanation as JSON."`
	Schema   licenceSchema   `cmd:"" help:"Print the JSON Schema of that file."`
	Rules    licenceRules    `cmd:"" help:"Print the rules that products in it may name."`
}

// maxEstate is the largest file that is read.
const maxEstate = 256 << 20

type licenceEvaluate struct {
	File     string   `arg:"" help:"The estate, in YAML or JSON; - reads the input."`
	At       string   `help:"Day of the positions, such as 2026-11-19. Without it, the day in the file, or else today." placeholder:"DATE"`
	Product  []string `help:"Key of a product to work out. May be given again. Without it, all." placeholder:"KEY" sep:"none"`
	Language string   `help:"Language of the texts: en or fr. Without it, that of the environment." placeholder:"LANGUAGE"`
}

// Run prints the positions. What is wrong in the file is listed, each with
// its line where there is one, and the exit status is 1.
func (l licenceEvaluate) Run(ctx context.Context, std streams) error {
	language := i18n.Parse(cmp.Or(l.Language, environmentLanguage(os.Getenv)))
	ctx = i18n.WithLocale(ctx, i18n.Locale{Language: language, Now: time.Now()})
	result, err := l.evaluate(std.in)
	if found := fault.Of(err); found != nil {
		for _, field := range found.Fields {
			fmt.Fprintln(std.err, wrongField(ctx, l.File, field))
		}
		return errSaid
	}
	if err != nil {
		return err
	}
	return printPositions(ctx, std, result)
}

func (l licenceEvaluate) evaluate(in io.Reader) (*licences.Result, error) {
	if l.At != "" && report.Date(l.At).Check() != nil {
		return nil, fault.NewInvalid(fault.Field{Name: "--at", Key: "fault.document.want_date", Args: fault.Args{"Value": l.At}})
	}
	content, err := readInput(l.File, in)
	if err != nil {
		return nil, err
	}
	estate, err := licences.ReadEstate(content, licences.Bundled())
	if err != nil {
		return nil, err
	}
	day := cmp.Or(report.Date(l.At), estate.At, report.DateOf(time.Now()))
	return licences.Evaluate(estate, licences.Bundled(), licences.Options{At: day, Products: l.Product})
}

func readInput(file string, in io.Reader) ([]byte, error) {
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read estate: %w", err)
		}
		defer opened.Close()
		in = opened
	}
	content, err := io.ReadAll(io.LimitReader(in, maxEstate+1))
	if err != nil {
		return nil, fmt.Errorf("read estate: %w", err)
	}
	if len(content) > maxEstate {
		return nil, fmt.Errorf("read estate: %s is larger than %d MiB", file, maxEstate>>20)
	}
	return content, nil
}

// wrongField writes one fault as compilers do: file, line, field, what to do.
func wrongField(ctx context.Context, file string, field fault.Field) string {
	parts := []string{file}
	if line, has := field.Args["Line"].(int); has {
		parts[0] += fmt.Sprintf(":%d", line)
	}
	if field.Name != "" {
		parts = append(parts, field.Name)
	}
	args := licences.Label{Args: field.Args}.Written(func(day report.Date) string { return i18n.Day(ctx, string(day)) })
	return strings.Join(append(parts, i18n.T(ctx, field.Key, args)), ": ")
}

// environmentLanguage gives the language tag of a locale such as fr_CA.UTF-8,
// from the variables in the order of POSIX.
func environmentLanguage(lookup func(string) string) string {
	locale, _, _ := strings.Cut(cmp.Or(lookup("LC_ALL"), lookup("LC_MESSAGES"), lookup("LANG")), ".")
	return strings.ReplaceAll(locale, "_", "-")
}

type licenceSchema struct{}

// Run prints the schema.
func (licenceSchema) Run(std streams) error {
	schema, err := licences.EstateSchema()
	if err != nil {
		return err
	}
	_, err = std.out.Write(schema)
	return err
}

type licenceRules struct{}

// Run prints the rules as they are kept.
func (licenceRules) Run(std streams) error {
	_, err := std.out.Write(licences.BundledText())
	return err
}
