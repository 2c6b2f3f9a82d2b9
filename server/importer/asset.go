package importer

import (
	"strings"
	"time"

	"holdfast/server/asset"
	"holdfast/server/fault"
	"holdfast/server/money"
	"holdfast/server/person"
	"holdfast/server/place"
)

// asset brings in one row of assets. An asset is known by its tag, and where
// the row has none by its serial number.
func (r *run) asset(line line) (result, error) {
	done := result{name: line.cells["tag"]}
	if done.name == "" {
		done.name = line.cells["serial"]
	}
	before, found, err := r.findAsset(line)
	if err != nil {
		return done, err
	}
	wish, status, err := r.assetWish(line, before, found)
	if err != nil {
		return done, err
	}
	var after asset.Row
	if !found {
		after, err = r.assets.Add(r.ctx, r.tx, wish, status)
		r.seen[after.ID.String()] = line.number
	} else {
		done.before = r.assetValues(before)
		after = before
		if status != before.Status {
			after, err = r.assets.Shift(r.ctx, r.tx, before, status)
			if _, given := line.cells["custodian"]; !given {
				wish.CustodianID = after.CustodianID
			}
		}
		if err == nil {
			after, err = r.assets.Edit(r.ctx, r.tx, after, wish)
		}
	}
	done.after = r.assetValues(after)
	if err == nil {
		done.name = after.Tag
	}
	return done, err
}

func (r *run) findAsset(line line) (asset.Row, bool, error) {
	tag, serial := line.cells["tag"], line.cells["serial"]
	column := "tag"
	var found asset.Row
	var err error
	switch {
	case tag != "":
		found, err = asset.Tagged(r.tx, tag)
	case serial != "":
		column = "serial"
		found, err = asset.WithSerial(r.tx, serial)
	default:
		var wrong cellErrors
		wrong.add(line, "tag", "fault.import.tag_or_serial", nil)
		return asset.Row{}, false, wrong.err()
	}
	if fault.Is(err, fault.Missing) {
		return asset.Row{}, false, nil
	}
	if err != nil {
		return asset.Row{}, false, err
	}
	return found, true, r.twice(line, column, found.ID.String())
}

func (r *run) assetWish(line line, before asset.Row, found bool) (asset.Wish, asset.Status, error) {
	var wrong cellErrors
	wish, status := before.Wish(), before.Status
	if !found {
		wish.Kind, status = asset.Other, asset.InStock
	}
	for column, into := range map[string]*string{
		"tag": &wish.Tag, "maker": &wish.Maker, "model": &wish.Model, "serial": &wish.Serial,
		"order_number": &wish.OrderNumber, "note": &wish.Note, "currency": &wish.Currency,
	} {
		set(line, column, into)
	}
	if cell, given := line.cells["kind"]; given {
		kind, ok := kindNamed(cell)
		if wish.Kind = kind; !ok {
			wrong.add(line, "kind", "fault.import.kind", fault.Args{"Known": strings.Join(words(asset.Kinds()), ", ")})
		}
	}
	if cell, given := line.cells["status"]; given {
		named, ok := statusNamed(cell)
		if status = named; !ok {
			wrong.add(line, "status", "fault.import.status", fault.Args{"Known": strings.Join(words(asset.Statuses()), ", ")})
		}
	}
	r.setDay(line, "purchased_on", &wish.PurchasedOn, &wrong)
	r.setDay(line, "warranty_ends_on", &wish.WarrantyEnds, &wrong)
	setCost(line, &wish.CostCents, wish.Currency, &wrong)
	r.setPeople(line, &wish, &wrong)
	if _, given := line.cells["unit"]; given {
		wish.UnitID = r.unitNamed(line, &wrong)
	} else if !found {
		wish.UnitID = r.homeUnit(line, &wrong)
	}
	return wish, status, wrong.err()
}

func (r *run) setDay(line line, column string, into *time.Time, wrong *cellErrors) {
	cell, given := line.cells[column]
	switch {
	case !given:
	case emptied(cell):
		*into = time.Time{}
	default:
		day, ok := dayNamed(cell)
		if *into = day; !ok {
			wrong.add(line, column, "fault.import.date", nil)
		}
	}
}

// setCost reads the cost; 0 is a cost like any other.
func setCost(line line, cents **int64, currency string, wrong *cellErrors) {
	cell, given := line.cells["cost"]
	switch {
	case !given:
	case emptied(cell):
		*cents = nil
	default:
		read, err := money.Parse(strings.Trim(cell, "$€£ "))
		if err != nil {
			wrong.add(line, "cost", "fault.field.money", nil)
			return
		}
		if *cents = &read; currency == "" {
			wrong.add(line, "currency", "fault.import.currency", nil)
		}
	}
}

// setPeople finds the custodian and the place that a row names.
func (r *run) setPeople(line line, wish *asset.Wish, wrong *cellErrors) {
	if cell, given := line.cells["custodian"]; given {
		wish.CustodianID = person.ID{}
		if !emptied(cell) {
			found, err := person.Named(r.tx, cell)
			switch {
			case fault.Is(err, fault.Conflict):
				wrong.add(line, "custodian", "fault.import.custodian_several", fault.Args{"Value": cell})
			case err != nil:
				wrong.add(line, "custodian", "fault.import.custodian_missing", fault.Args{"Value": cell})
			}
			wish.CustodianID = found.ID
		}
	}
	if cell, given := line.cells["place"]; given {
		wish.PlaceID = place.ID{}
		if !emptied(cell) {
			found, err := place.Named(r.tx, cell)
			if err != nil {
				wrong.add(line, "place", "fault.import.place_missing", fault.Args{"Value": cell})
			}
			wish.PlaceID = found.ID
		}
	}
}

func (r *run) assetValues(a asset.Row) []value {
	cost := ""
	if a.CostCents != nil {
		cost = money.Format(*a.CostCents)
	}
	return []value{
		{"tag", a.Tag}, {"kind", string(a.Kind)}, {"status", string(a.Status)}, {"maker", a.Maker}, {"model", a.Model},
		{"serial", a.Serial}, {"custodian", a.Custodian}, {"place", a.Place}, {"unit", r.labels[a.UnitID]},
		{"purchased_on", date(a.PurchasedOn)}, {"cost", cost}, {"currency", a.Currency},
		{"warranty_ends_on", date(a.WarrantyEnds)}, {"order_number", a.OrderNumber}, {"note", a.Note},
	}
}

func date(when time.Time) string {
	if when.IsZero() {
		return ""
	}
	return when.Format(time.DateOnly)
}

func words[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}
