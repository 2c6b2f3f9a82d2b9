package importer

import (
	"strconv"
	"strings"

	"holdfast/server/asset"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/money"
)

// entitlement brings in one row of rights. They are known by their reference,
// and where the row has none as the same line of a purchase: the same product,
// paper, first day, size of packs and asset.
func (r *run) entitlement(line line) (result, error) {
	done := result{name: line.cells["reference"]}
	if done.name == "" {
		done.name = strings.TrimSpace(line.cells["product"] + " " + line.cells["paper"])
	}
	var before entitlement.Row
	if reference := line.cells["reference"]; reference != "" {
		found, err := entitlement.Referenced(r.tx, reference)
		if fault.Is(err, fault.Missing) {
			var wrong cellErrors
			wrong.add(line, "reference", "fault.missing.entitlement", nil)
			return done, wrong.err()
		}
		if err != nil {
			return done, err
		}
		before = found
	}
	wish, number, err := r.entitlementWish(line, before)
	if err != nil {
		return done, err
	}
	if before.ID.IsZero() {
		if before, err = r.alike(line, wish, number); err != nil {
			return done, err
		}
		if !before.ID.IsZero() { // what the row leaves blank stays
			if wish, number, err = r.entitlementWish(line, before); err != nil {
				return done, err
			}
		}
	}
	var after entitlement.Row
	if before.ID.IsZero() {
		after, err = r.rights.RecordIn(r.ctx, r.tx, wish, number)
		r.seen[after.ID.String()] = line.number
	} else {
		if err := r.twice(line, "product", before.ID.String()); err != nil {
			return done, err
		}
		done.before = r.entitlementValues(before)
		after, err = r.rights.RewriteIn(r.ctx, r.tx, before.ID, wish, number)
	}
	done.after = r.entitlementValues(after)
	if err == nil {
		done.name = after.Reference
	}
	return done, err
}

// alike finds the rights that a row without a reference is about; none is a
// new one.
func (r *run) alike(line line, wish entitlement.Wish, number string) (entitlement.Row, error) {
	found, err := entitlement.Alike(r.tx, wish, number)
	if err != nil || len(found) == 0 {
		return entitlement.Row{}, err
	}
	if len(found) > 1 {
		var wrong cellErrors
		wrong.add(line, "product", "fault.import.rights_several", fault.Args{"Known": found[0].Reference + ", " + found[1].Reference})
		return entitlement.Row{}, wrong.err()
	}
	return found[0], nil
}

func (r *run) entitlementWish(line line, before entitlement.Row) (wish entitlement.Wish, number string, err error) {
	var wrong cellErrors
	wish, number = before.Wish, before.Paper
	set(line, "paper", &number)
	set(line, "metric", &wish.Metric)
	set(line, "currency", &wish.Currency)
	set(line, "note", &wish.Note)
	if cell, given := line.cells["product"]; given {
		product, err := entitlement.NamedIn(r.tx.DB, cell)
		switch {
		case fault.Is(err, fault.Conflict):
			wrong.add(line, "product", "fault.entitlement.product_several", nil)
		case err != nil:
			wrong.add(line, "product", "fault.entitlement.product", nil)
		}
		wish.ProductID = product.ID
	}
	setNumber(line, "quantity", &wish.Quantity, &wrong)
	setNumber(line, "pack_size", &wish.PackSize, &wrong)
	r.setDay(line, "starts_on", &wish.StartsOn, &wrong)
	r.setDay(line, "ends_on", &wish.EndsOn, &wrong)
	r.setDay(line, "maintained_until", &wish.MaintainedUntil, &wrong)
	setCost(line, &wish.CostCents, wish.Currency, &wrong)
	r.setAsset(line, &wish, &wrong)
	if _, given := line.cells["unit"]; given {
		wish.UnitID = r.unitNamed(line, &wrong)
	} else if before.ID.IsZero() {
		wish.UnitID = r.homeUnit(line, &wrong)
	}
	return wish, number, wrong.err()
}

func setNumber(line line, column string, into *int64, wrong *cellErrors) {
	cell, given := line.cells[column]
	switch {
	case !given:
	case emptied(cell):
		*into = 0
	default:
		number, err := strconv.ParseInt(strings.NewReplacer(" ", "", "\u00a0", "", ",", "").Replace(cell), 10, 64)
		if err != nil {
			wrong.add(line, column, "fault.field.number", nil)
		}
		*into = number
	}
}

// setAsset finds the asset that rights are bound to.
func (r *run) setAsset(line line, wish *entitlement.Wish, wrong *cellErrors) {
	cell, given := line.cells["asset"]
	if !given {
		return
	}
	wish.AssetID = asset.ID{}
	if emptied(cell) {
		return
	}
	found, err := asset.Tagged(r.tx, cell)
	if err != nil {
		wrong.add(line, "asset", "fault.entitlement.asset", nil)
	}
	wish.AssetID = found.ID
}

func (r *run) entitlementValues(e entitlement.Row) []value {
	cost := ""
	if e.CostCents != nil {
		cost = money.Format(*e.CostCents)
	}
	return []value{
		{"reference", e.Reference}, {"product", e.Product}, {"quantity", strconv.FormatInt(e.Quantity, 10)}, {"pack_size", strconv.FormatInt(e.PackSize, 10)},
		{"metric", e.Metric}, {"starts_on", date(e.StartsOn)}, {"ends_on", date(e.EndsOn)}, {"maintained_until", date(e.MaintainedUntil)},
		{"cost", cost}, {"currency", e.Currency}, {"paper", e.Paper}, {"asset", e.AssetTag}, {"unit", r.labels[e.UnitID]}, {"note", e.Note},
	}
}
