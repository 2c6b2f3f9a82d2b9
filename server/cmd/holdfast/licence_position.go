package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"holdfast/server/app"
	"holdfast/server/config"
	"holdfast/server/fault"
	licences "holdfast/server/licence"
	"holdfast/server/position"
	"holdfast/server/web/i18n"
	"holdfast/shared/report"
)

type licencePosition struct {
	config.Store `embed:""`

	Product  []string `help:"Key of a product to work out. May be given again. Without it, all that are in use." placeholder:"KEY" sep:"none"`
	At       string   `help:"Day of the positions, such as 2026-11-19, from history. Without it, now." placeholder:"DATE"`
	Language string   `help:"Language of the texts: en or fr. Without it, that of the environment." placeholder:"LANGUAGE"`
}

// Run works positions out from the database and prints them with their
// explanation as JSON. Nothing is changed.
func (l licencePosition) Run(ctx context.Context, std streams) (err error) {
	var day time.Time
	if l.At != "" {
		if day, err = time.Parse(time.DateOnly, l.At); err != nil {
			return fmt.Errorf("--at %q is no day such as 2026-11-19", l.At)
		}
	}
	ctx, db, err := open(ctx, l.Store, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	positions := position.New(db, slog.New(slog.DiscardHandler), app.Publisher(db))
	var products []position.ProductID
	for _, key := range l.Product {
		product, err := positions.Find(ctx, key)
		if fault.Is(err, fault.Missing) {
			return fmt.Errorf("there is no product with the key %s", key)
		}
		if err != nil {
			return err
		}
		products = append(products, product)
	}
	result, err := positions.Of(ctx, day, products...)
	if err != nil {
		return err
	}
	language := i18n.Parse(cmp.Or(l.Language, environmentLanguage(os.Getenv)))
	ctx = i18n.WithLocale(ctx, i18n.Locale{Language: language, Now: time.Now()})
	return printPositions(ctx, std, result)
}

// printPositions prints positions with their texts in the language of ctx.
func printPositions(ctx context.Context, std streams, result *licences.Result) error {
	result.Translate(func(label licences.Label) string {
		return i18n.T(ctx, label.Key, label.Written(func(day report.Date) string { return i18n.Day(ctx, string(day)) }))
	})
	lines := json.NewEncoder(std.out)
	lines.SetEscapeHTML(false)
	lines.SetIndent("", "  ")
	return lines.Encode(result)
}
