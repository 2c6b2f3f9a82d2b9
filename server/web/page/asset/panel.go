package asset

import (
	"context"

	"github.com/a-h/templ"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// OfDevice draws the panel that the page of a device has of its asset; nothing
// for readers without assets.read.
func (p *Pages) OfDevice(ctx context.Context, of device.ID) (templ.Component, error) {
	if !identity.ActorOf(ctx).May(identity.AssetsRead) {
		return nil, nil //nolint:nilnil // no panel is what page/device asks for then
	}
	panel, err := p.Assets.PanelOf(ctx, of)
	if err != nil {
		return nil, err
	}
	return DevicePanel(of, panel), nil
}

// decidedPairs is what is decided about the asset of a device, in a few lines.
func decidedPairs(ctx context.Context, one asset.Detail) []ui.Pair {
	facts := map[string]asset.Fact{}
	for _, fact := range one.Facts {
		facts[fact.Key] = fact
	}
	label := func(key string) string { return i18n.T(ctx, "column.assets."+key) }
	pairs := []ui.Pair{
		{Label: label("status"), Value: Status(one.Status)},
		{Label: label("tag"), Value: decided(one.Tag, facts["tag"])},
	}
	if identity.AllowIn(ctx, identity.PeopleRead, one.UnitID) == nil {
		holder := one.Custodian
		if holder == "" {
			holder = i18n.T(ctx, "asset.nobody")
		}
		pairs = append(pairs, ui.Pair{Label: label("custodian"), Value: ui.Text(holder)})
	}
	pairs = append(pairs,
		ui.Pair{Label: label("place"), Value: ui.Text(one.Place)},
		ui.Pair{Label: label("unit"), Value: decided(one.Unit, facts["unit"])})
	for _, key := range []string{"kind", "maker", "model", "serial"} { // only where the device says otherwise
		if facts[key].Drift {
			pairs = append(pairs, ui.Pair{Label: label(key), Value: decided(factWords(ctx, key, facts[key].Decided), facts[key])})
		}
	}
	if !one.WarrantyEnds.IsZero() {
		pairs = append(pairs, ui.Pair{Label: label("warranty_ends_on"), Value: ui.Status(warrantyTone(i18n.LocaleOf(ctx).Now, one.Row), warrantyWords(ctx, one.Row))})
	}
	if one.CostCents != nil {
		pairs = append(pairs, ui.Pair{Label: label("cost"), Value: ui.Text(price(ctx, one.Row))})
	}
	return pairs
}
