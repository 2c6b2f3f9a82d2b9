package asset

import (
	"time"

	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/money"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/shared/identify"
)

// Wish is what is to be decided about an asset. Its status and its device have
// use cases of their own.
type Wish struct {
	Tag          string // empty takes the next of the series
	Kind         Kind
	Maker        string
	Model        string
	Serial       string
	CustodianID  person.ID
	PlaceID      place.ID
	UnitID       identity.UnitID
	PurchasedOn  time.Time
	CostCents    *int64
	Currency     string
	WarrantyEnds time.Time
	OrderNumber  string
	Note         string
}

// Wish gives what is decided about the asset, to change some of it.
func (a Asset) Wish() Wish {
	return Wish{
		Tag: a.Tag, Kind: a.Kind, Maker: a.Maker, Model: a.Model, Serial: a.Serial, CustodianID: a.CustodianID,
		PlaceID: a.PlaceID, UnitID: a.UnitID, PurchasedOn: a.PurchasedOn, CostCents: a.CostCents, Currency: a.Currency,
		WarrantyEnds: a.WarrantyEnds, OrderNumber: a.OrderNumber, Note: a.Note,
	}
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

// decided is the asset with the wish come true.
func (a Asset) decided(w Wish) Asset {
	a.Tag, a.Kind, a.Maker, a.Model, a.Serial, a.CustodianID = w.Tag, w.Kind, w.Maker, w.Model, w.Serial, w.CustodianID
	a.PlaceID, a.UnitID, a.PurchasedOn, a.CostCents, a.Currency = w.PlaceID, w.UnitID, w.PurchasedOn, w.CostCents, w.Currency
	a.WarrantyEnds, a.OrderNumber, a.Note = w.WarrantyEnds, w.OrderNumber, w.Note
	return a
}

const (
	tagLimit  = 60 // characters
	textLimit = 200
	noteLimit = 10_000
	costMost  = 100_000_000_000_00 // cents
)

// tidied checks the wish. Fault: Invalid.
func (w Wish) tidied() (Wish, error) {
	var fields check.Fields
	w.Tag = fields.Text("tag", w.Tag, tagLimit)
	w.Maker = fields.Text("maker", w.Maker, textLimit)
	w.Model = fields.Text("model", w.Model, textLimit)
	w.Serial = fields.Text("serial", w.Serial, textLimit)
	w.OrderNumber = fields.Text("order_number", w.OrderNumber, textLimit)
	w.Note = fields.Note("note", w.Note, noteLimit)
	if w.Serial != "" && identify.Placeholder(w.Serial) {
		fields.Add("serial", "fault.asset.placeholder", fault.Args{"Value": w.Serial})
	}
	switch {
	case w.Kind == "":
		fields.Add("kind", "fault.field.required", nil)
	case !w.Kind.Valid():
		fields.Add("kind", "fault.field.choice", nil)
	}
	if w.UnitID.IsZero() {
		fields.Add("unit_id", "fault.field.required", nil)
	}
	w.PurchasedOn, w.WarrantyEnds = dayOf(w.PurchasedOn), dayOf(w.WarrantyEnds)
	w.checkDays(&fields)
	w.checkCost(&fields)
	return w, fields.Err()
}

func (w Wish) checkDays(fields *check.Fields) {
	for _, one := range []struct {
		name string
		day  time.Time
	}{{"purchased_on", w.PurchasedOn}, {"warranty_ends_on", w.WarrantyEnds}} {
		if !one.day.IsZero() && (one.day.Year() < 1950 || one.day.Year() > 2200) {
			fields.Add(one.name, "fault.field.date", nil)
		}
	}
	if !w.PurchasedOn.IsZero() && !w.WarrantyEnds.IsZero() && w.WarrantyEnds.Before(w.PurchasedOn) {
		fields.Add("warranty_ends_on", "fault.asset.warranty_before_purchase", nil)
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

// dayOf is the day of a time as midnight UTC; zero stays zero.
func dayOf(when time.Time) time.Time {
	if when.IsZero() {
		return time.Time{}
	}
	year, month, day := when.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func object(a Asset) audit.Object { return audit.Object{Kind: "asset", ID: a.ID.String()} }

// fields gives the decided values by the names that the API has for them,
// with the names of people and places beside their identifiers, since those
// may be gone when somebody reads the history.
func (r Row) fields() audit.Fields {
	all := audit.Fields{
		"tag": r.Tag, "kind": string(r.Kind), "maker": r.Maker, "model": r.Model, "serial": r.Serial,
		"status": string(r.Status), "custodian": r.Custodian, "custodian_id": r.CustodianID.String(),
		"place": r.Place, "place_id": r.PlaceID.String(), "unit": r.Unit, "unit_id": r.UnitID.String(),
		"purchased_on": day(r.PurchasedOn), "cost": "", "currency": r.Currency, "warranty_ends_on": day(r.WarrantyEnds),
		"order_number": r.OrderNumber, "note": r.Note, "device": r.DeviceName, "device_id": r.DeviceID.String(),
	}
	if r.CostCents != nil {
		all["cost"] = money.Format(*r.CostCents)
	}
	return all
}

func day(when time.Time) string {
	if when.IsZero() {
		return ""
	}
	return when.Format(time.DateOnly)
}
