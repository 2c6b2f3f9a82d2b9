package entitlement

import (
	"encoding/json"
	"fmt"
	"time"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/licence"
	"holdfast/server/money"
)

const (
	textLimit    = 200 // characters
	noteLimit    = 10_000
	costMost     = 100_000_000_000_00 // cents
	mostQuantity = 1_000_000_000
	mostPack     = 1_000_000
)

// tidied checks the wish. Fault: Invalid.
func (w Wish) tidied() (Wish, error) {
	var fields check.Fields
	w.Note = fields.Note("note", w.Note, noteLimit)
	w.PackSize = max(w.PackSize, 1)
	if w.ProductID.IsZero() {
		fields.Add("product_id", "fault.field.required", nil)
	}
	if w.UnitID.IsZero() {
		fields.Add("unit_id", "fault.field.required", nil)
	}
	if w.Quantity < 1 || w.Quantity > mostQuantity {
		fields.Add("quantity", "fault.entitlement.quantity", fault.Args{"Most": mostQuantity})
	}
	if w.PackSize > mostPack {
		fields.Add("pack_size", "fault.entitlement.quantity", fault.Args{"Most": mostPack})
	}
	var kinds []string
	for _, metric := range licence.Metrics() {
		kinds = append(kinds, metric.Kind())
	}
	w.Metric = fields.Choice("metric", w.Metric, kinds...)
	w.StartsOn, w.EndsOn, w.MaintainedUntil = dayOf(w.StartsOn), dayOf(w.EndsOn), dayOf(w.MaintainedUntil)
	checkTerm(&fields, w.StartsOn, w.EndsOn)
	checkDay(&fields, "maintained_until", w.MaintainedUntil)
	w.checkCost(&fields)
	return w, fields.Err()
}

func checkTerm(fields *check.Fields, from, to time.Time) {
	checkDay(fields, "starts_on", from)
	checkDay(fields, "ends_on", to)
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		fields.Add("ends_on", "fault.entitlement.ends_before", nil)
	}
}

func checkDay(fields *check.Fields, name string, day time.Time) {
	if !day.IsZero() && (day.Year() < 1950 || day.Year() > 2200) {
		fields.Add(name, "fault.field.date", nil)
	}
}

func (w *Wish) checkCost(fields *check.Fields) {
	if w.CostCents == nil {
		w.Currency = ""
		return
	}
	if *w.CostCents < 0 || *w.CostCents > costMost {
		fields.Add("cost", "fault.field.money", nil)
	}
	if w.Currency == "" {
		fields.Add("currency", "fault.field.required", nil)
		return
	}
	code, err := money.Currency(w.Currency)
	if err != nil {
		fields.Add("currency", "fault.field.currency", nil)
	}
	w.Currency = code
}

// same reports whether two wishes are for the same.
func (w Wish) same(other Wish) bool {
	if w.CostCents == nil || other.CostCents == nil {
		return w == other
	}
	sameCost := *w.CostCents == *other.CostCents
	w.CostCents, other.CostCents = nil, nil
	return sameCost && w == other
}

// dayOf is the day of a time as midnight UTC; zero stays zero.
func dayOf(when time.Time) time.Time {
	if when.IsZero() {
		return time.Time{}
	}
	year, month, day := when.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// days counts the days since 1970-01-01.
func days(when time.Time) *int64 {
	if when.IsZero() {
		return nil
	}
	return new(when.Unix() / (24 * 60 * 60))
}

func dayText(when time.Time) string {
	if when.IsZero() {
		return ""
	}
	return when.Format(time.DateOnly)
}

// fields gives the decided values by the names that the API has for them, with
// names beside identifiers, since what they name may be gone when somebody
// reads the history.
func (r Row) fields() audit.Fields {
	all := audit.Fields{
		"reference": r.Reference, "product": r.Product, "product_id": r.ProductID.String(), "quantity": r.Quantity, "pack_size": r.PackSize,
		"metric": r.Metric, "starts_on": dayText(r.StartsOn), "ends_on": dayText(r.EndsOn), "maintained_until": dayText(r.MaintainedUntil),
		"cost": "", "currency": r.Currency, "unit": r.Unit, "unit_id": r.UnitID.String(), "paper": r.Paper, "paper_id": r.PaperID.String(),
		"asset": r.AssetTag, "asset_id": r.AssetID.String(), "note": r.Note,
	}
	if r.CostCents != nil {
		all["cost"] = money.Format(*r.CostCents)
	}
	return all
}

// last is what the last change of something replaced, as it is kept for undo.
// Nothing at all stands for "it was not there".
type last[T any] struct {
	Was *T `json:"was"`
}

func remember[T any](was *T) (string, error) {
	text, err := json.Marshal(last[T]{was})
	if err != nil {
		return "", fmt.Errorf("remember what was: %w", err)
	}
	return string(text), nil
}

func recall[T any](text string) (*T, error) {
	var kept last[T]
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return nil, fmt.Errorf("recall what was: %w", err)
	}
	return kept.Was, nil
}
