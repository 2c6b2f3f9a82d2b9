package asset

import (
	"context"
	"strings"
	"time"

	"holdfast/server/asset"
	"holdfast/server/money"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// toneOf is how a status is to be seen.
func toneOf(status asset.Status) ui.Tone {
	switch status {
	case asset.InUse:
		return ui.Fine
	case asset.Lost:
		return ui.Critical
	case asset.InRepair, asset.Surplus:
		return ui.Warning
	case asset.Ordered, asset.InStock:
		return ui.Info
	case asset.Disposed:
	}
	return ui.Unknown
}

// sentence says what an asset is, in one line.
func sentence(ctx context.Context, one asset.Row) string {
	words := []string{ui.EnumWord(ctx, "assets", "kind", string(one.Kind))}
	name := one.Model
	if one.Maker != "" && !strings.HasPrefix(strings.ToLower(one.Model), strings.ToLower(one.Maker)) {
		name = strings.TrimSpace(one.Maker + " " + one.Model)
	}
	if name != "" {
		words = append(words, name)
	}
	if one.Custodian != "" {
		words = append(words, i18n.T(ctx, "asset.held_by", i18n.Args{"Name": one.Custodian}))
	}
	if one.Place != "" {
		words = append(words, one.Place)
	}
	return strings.Join(words, ", ")
}

// warrantyTone tells how the end of a warranty is to be seen; status says that
// nobody minds any more.
func warrantyTone(now time.Time, one asset.Row) ui.Tone {
	const soon = 90 * 24 * time.Hour
	switch {
	case one.Status == asset.Disposed, one.WarrantyEnds.IsZero():
		return ui.Unknown
	case one.WarrantyEnds.AddDate(0, 0, 1).Before(now):
		return ui.Unknown
	case one.WarrantyEnds.Before(now.Add(soon)):
		return ui.Warning
	}
	return ui.Fine
}

// warrantyWords says when a warranty ends, or that it has.
func warrantyWords(ctx context.Context, one asset.Row) string {
	day := i18n.Day(ctx, one.WarrantyEnds.Format(time.DateOnly))
	if one.WarrantyEnds.AddDate(0, 0, 1).Before(i18n.LocaleOf(ctx).Now) {
		return i18n.T(ctx, "asset.warranty_ended", i18n.Args{"Day": day})
	}
	return i18n.T(ctx, "asset.warranty_ends", i18n.Args{"Day": day})
}

// price writes a cost with its currency.
func price(ctx context.Context, one asset.Row) string {
	if one.CostCents == nil {
		return ""
	}
	return i18n.Amount(ctx, *one.CostCents) + "\u00a0" + one.Currency
}

// factWords writes a value of a fact as people read it.
func factWords(ctx context.Context, key, value string) string {
	if key == "kind" && value != "" {
		return ui.EnumWord(ctx, "assets", "kind", value)
	}
	return value
}

// eventWords says what happened.
func eventWords(ctx context.Context, event asset.Event) string {
	switch event.Action {
	case "asset.attached":
		return i18n.T(ctx, "asset.event.attached", i18n.Args{"Device": deviceWords(ctx, event.Device)})
	case "asset.detached":
		return i18n.T(ctx, "asset.event.detached", i18n.Args{"Device": deviceWords(ctx, event.Device)})
	}
	return i18n.T(ctx, "asset.event."+strings.TrimPrefix(event.Action, "asset."))
}

func deviceWords(ctx context.Context, name string) string {
	if name == "" {
		return i18n.T(ctx, "asset.other_device")
	}
	return name
}

// eventIcon is the picture beside what happened.
func eventIcon(event asset.Event) string {
	switch event.Action {
	case "asset.created":
		return "plus"
	case "asset.linked", "asset.attached":
		return "link"
	case "asset.unlinked", "asset.detached":
		return "unlink"
	case "asset.status_changed":
		return "refresh"
	}
	return "pencil"
}

// changeWords writes a value before and after.
func changeWords(ctx context.Context, change asset.Change) string {
	before, after := changeValue(ctx, change.Field, change.Before), changeValue(ctx, change.Field, change.After)
	label := ui.ColumnLabel(ctx, "assets."+change.Field)
	if change.Field == "note" {
		label = i18n.T(ctx, "field.note")
	}
	switch {
	case before == "":
		return i18n.T(ctx, "asset.change.set", i18n.Args{"Field": label, "After": after})
	case after == "":
		return i18n.T(ctx, "asset.change.emptied", i18n.Args{"Field": label, "Before": before})
	}
	return i18n.T(ctx, "asset.change.both", i18n.Args{"Field": label, "Before": before, "After": after})
}

// allWords writes what a new asset was recorded with, on one line.
func allWords(ctx context.Context, changes []asset.Change) string {
	words := make([]string, len(changes))
	for i, change := range changes {
		words[i] = changeWords(ctx, change)
	}
	return strings.Join(words, " · ")
}

func changeValue(ctx context.Context, field, value string) string {
	switch {
	case value == "":
		return ""
	case field == "status", field == "kind":
		return ui.EnumWord(ctx, "assets", field, value)
	case field == "cost":
		if cents, err := money.Parse(value); err == nil {
			return i18n.Amount(ctx, cents)
		}
	case field == "purchased_on", field == "warranty_ends_on":
		return i18n.Day(ctx, value)
	}
	return value
}

// who did something: a person, or the server by its rule.
func who(ctx context.Context, event asset.Event) string {
	if event.ByRule {
		return i18n.T(ctx, "asset.by_rule")
	}
	return event.Actor
}

// barredWords says why a change of status is not to be had, and who can.
func barredWords(ctx context.Context, t asset.Transition) string {
	if t.ByCase {
		return i18n.T(ctx, "asset.only_by_case")
	}
	return i18n.T(ctx, "asset.barred", i18n.Args{"Permission": i18n.T(ctx, "permission."+string(t.Needs))})
}
